//! Stats: tokens, turns and time, by what a person asks for. Each turn counts once, however many forks share it; turns that were left behind
//! count, too: they were paid.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::path::Path;

use time::{OffsetDateTime, UtcOffset};

use super::project::{Below, project_root};
use super::{Error, Workspace};
use crate::model::item::is_refusal;
use crate::model::{CommitKind, ObjectId, SessionId, Status, TurnNumber, Usage, What};
use crate::rollout::{Reader, usage};
use crate::store::{Commit, Heads};

/// A turn that took longer waited for somebody: it counts as so long.
const LONGEST: i64 = 4 * 60 * 60;

/// What turns are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The directory that Codex worked in, or the repository that it is in.
    Project,
    /// The day, in local time.
    Day,
    /// The week, by its Monday.
    Week,
    /// The month.
    Month,
    /// The model.
    Model,
    /// The session in which it was made.
    Session,
    /// The tools that were called, commands by their first word.
    Tool,
    /// The files that were changed by patches.
    File,
}

/// What is counted, and how.
#[derive(Clone, Debug)]
pub struct Question {
    /// By what.
    pub by: By,
    /// Whether to tell what the tokens were for; each turn's lines are read for that.
    pub usage: bool,
    /// Only turns that began at this time or later, in seconds since 1970.
    pub since: Option<i64>,
    /// Only turns in this directory, or below.
    pub below: Option<Below>,
    /// Only turns up to this point.
    pub point: Option<ObjectId>,
    /// Where days begin.
    pub offset: UtcOffset,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Amounts {
    /// Tokens.
    pub tokens: u64,
    /// What they were for, if that was asked.
    pub usage: Usage,
    /// Turns.
    pub turns: usize,
    /// Running time, in seconds; of tools, that of their calls.
    pub seconds: i64,
    /// Turns that took longer than four hours, and count as that.
    pub capped: usize,
    /// Sessions.
    pub sessions: usize,
    /// Turns that failed or were stopped; of tools, calls that failed.
    pub failed: usize,
    /// Calls of tools.
    pub calls: usize,
    /// Lines added by patches, and removed.
    pub added: usize,
    /// See above.
    pub removed: usize,
}

/// The amounts of everything, and of each key, the largest first; keys that are times, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Of each key.
    pub rows: Vec<(String, Amounts)>,
    /// Of all turns.
    pub total: Amounts,
    /// How many turns can't be read.
    pub unreadable: usize,
}

impl Workspace {
    /// Counts. Nothing is recorded first.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn stats(&self, question: &Question) -> Result<Stats, Error> {
        let mut count = Count {
            workspace: self,
            question,
            projects: HashMap::new(),
            rows: HashMap::new(),
            total: Tally::default(),
            unreadable: 0,
        };
        let mut next: Vec<ObjectId> = match question.point {
            Some(point) => vec![point],
            None => self.newest_first()?,
        };
        let (mut seen, mut told) = (HashSet::new(), HashSet::new());
        while let Some(id) = next.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Ok(commit) = self.store.commit(id) else {
                count.unreadable += 1;
                continue;
            };
            next.extend(&commit.parents);
            // A session that was rewritten holds turns once more, under other commits.
            let again = turn_id(&commit).is_some_and(|turn| !told.insert(turn));
            if !again {
                count.turn(&commit);
            }
        }
        Ok(count.stats())
    }

    /// The last commits of all sessions, that of the session that was made first at the end. A turn that several have in commits of their own, as a
    /// lean fork has those of its base, is that session's.
    fn newest_first(&self) -> Result<Vec<ObjectId>, Error> {
        let mut sessions: Vec<(SessionId, Heads)> = self.store.all_heads()?.into_iter().collect();
        sessions.sort_unstable_by_key(|(session, _)| Reverse((session.made(), *session)));
        Ok(sessions.into_iter().flat_map(|(_, (tip, open))| tip.into_iter().chain(open)).collect())
    }
}

/// What tells a turn from every other, in whatever commits it is.
pub(super) fn turn_id(commit: &Commit) -> Option<(String, i64)> {
    let CommitKind::Turn { ids, .. } = &commit.message.kind else { return None };
    Some((ids.first()?.clone(), commit.author.started))
}

#[derive(Default)]
struct Tally {
    amounts: Amounts,
    sessions: HashSet<SessionId>,
}

struct Count<'a> {
    workspace: &'a Workspace,
    question: &'a Question,
    projects: HashMap<String, String>,
    rows: HashMap<String, Tally>,
    total: Tally,
    unreadable: usize,
}

impl Count<'_> {
    fn turn(&mut self, commit: &Commit) {
        let CommitKind::Turn { tokens, status, .. } = &commit.message.kind else { return };
        let cwd = commit.message.cwd.as_deref().unwrap_or_default();
        let early = self.question.since.is_some_and(|since| commit.author.started < since);
        let elsewhere = self.question.below.as_ref().is_some_and(|below| !below.holds(cwd));
        if early || elsewhere {
            return;
        }
        let took = commit.author.ended - commit.author.started;
        let mut amounts = Amounts {
            tokens: tokens.unwrap_or(0),
            turns: 1,
            seconds: took.clamp(0, LONGEST),
            capped: usize::from(took > LONGEST),
            failed: usize::from(matches!(status, Status::Aborted(_) | Status::Error)),
            ..Amounts::default()
        };
        let mut parts = if self.reads_chunks() { self.read(commit, &mut amounts) } else { Vec::new() };
        match self.question.by {
            // What is told of tools is told of their calls, in the total, too.
            By::Tool => {
                let sum = |of: fn(&Amounts) -> usize| parts.iter().map(|(_, part)| of(part)).sum();
                (amounts.calls, amounts.failed) = (sum(|part| part.calls), sum(|part| part.failed));
                amounts.seconds = parts.iter().map(|(_, part)| part.seconds).sum();
                amounts.capped = 0;
            }
            By::File => {}
            _ => parts.push((self.key(commit), amounts.clone())),
        }
        let session = commit.message.session;
        self.total.add(&amounts, session);
        for (key, part) in parts {
            self.rows.entry(key).or_default().add(&part, session);
        }
    }

    fn reads_chunks(&self) -> bool {
        self.question.usage || matches!(self.question.by, By::Tool | By::File)
    }

    /// What only the turn's lines tell: what its tokens were for, and the tools or files with the amounts of each.
    fn read(&mut self, commit: &Commit, amounts: &mut Amounts) -> Vec<(String, Amounts)> {
        let number = TurnNumber::new(commit.message.turn);
        let Some(Ok(chunk)) = number.map(|number| self.workspace.turn_bytes(commit, number)) else {
            self.unreadable += 1;
            return Vec::new();
        };
        if self.question.usage {
            let before = commit.before().and_then(|before| self.workspace.store.commit(before).ok());
            amounts.usage = usage(&chunk, before.and_then(|before| before.message.total_tokens));
        }
        if !matches!(self.question.by, By::Tool | By::File) {
            return Vec::new();
        }
        let mut parts: HashMap<String, Amounts> = HashMap::new();
        for item in Reader::default().items(&chunk) {
            if let What::Patch(patch) = &item.what {
                for change in patch.changes.iter().filter(|_| patch.refused.is_none()) {
                    let (added, removed) = change.counts();
                    amounts.added += added;
                    amounts.removed += removed;
                    if self.question.by == By::File {
                        let part = parts.entry(change.path_after().to_owned()).or_default();
                        (part.turns, part.added, part.removed) = (1, part.added + added, part.removed + removed);
                    }
                }
            }
            if let (By::Tool, Some((key, call))) = (self.question.by, call(&item.what)) {
                let part = parts.entry(key).or_default();
                part.turns = 1;
                part.calls += 1;
                part.failed += call.failed;
                part.seconds += call.seconds;
            }
        }
        parts.into_iter().collect()
    }

    fn key(&mut self, commit: &Commit) -> String {
        let message = &commit.message;
        match self.question.by {
            By::Model => message.model.clone().unwrap_or_else(|| "unknown".to_owned()),
            By::Session => message.session.to_string(),
            By::Project => self.project(message.cwd.as_deref().unwrap_or_default()),
            By::Day | By::Week | By::Month => self.day(commit.author.started),
            By::Tool | By::File => String::new(),
        }
    }

    fn day(&self, at: i64) -> String {
        let time = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let day = time.to_offset(self.question.offset).date();
        let (year, month) = (day.year(), u8::from(day.month()));
        match self.question.by {
            By::Month => format!("{year:04}-{month:02}"),
            By::Week => {
                let monday = day - time::Duration::days(i64::from(day.weekday().number_days_from_monday()));
                format!("{:04}-{:02}-{:02}", monday.year(), u8::from(monday.month()), monday.day())
            }
            _ => format!("{year:04}-{month:02}-{:02}", day.day()),
        }
    }

    /// The project that a directory is in, or the directory. It is looked for once.
    fn project(&mut self, cwd: &str) -> String {
        if let Some(known) = self.projects.get(cwd) {
            return known.clone();
        }
        let now = self.workspace.directory_now(cwd);
        let root = project_root(&now).filter(|root| !root.as_os_str().is_empty());
        let project = root.as_deref().unwrap_or(&now).to_str().unwrap_or(cwd).to_owned();
        self.projects.insert(cwd.to_owned(), project.clone());
        project
    }

    fn stats(self) -> Stats {
        let mut rows: Vec<(String, Amounts)> = self.rows.into_iter().map(|(key, tally)| (key, tally.amounts)).collect();
        let size = |amounts: &Amounts| (amounts.tokens, amounts.calls, amounts.added + amounts.removed, amounts.turns);
        match self.question.by {
            By::Day | By::Week | By::Month => rows.sort_by(|a, b| b.0.cmp(&a.0)),
            _ => rows.sort_by(|a, b| size(&b.1).cmp(&size(&a.1)).then_with(|| a.0.cmp(&b.0))),
        }
        Stats { rows, total: self.total.amounts, unreadable: self.unreadable }
    }
}

impl Tally {
    fn add(&mut self, part: &Amounts, session: SessionId) {
        let sum = &mut self.amounts;
        sum.tokens += part.tokens;
        sum.usage += part.usage;
        sum.turns += part.turns;
        sum.seconds += part.seconds;
        sum.capped += part.capped;
        sum.failed += part.failed;
        sum.calls += part.calls;
        sum.added += part.added;
        sum.removed += part.removed;
        self.sessions.insert(session);
        sum.sessions = self.sessions.len();
    }
}

struct Call {
    failed: usize,
    seconds: i64,
}

/// What a call is counted as: a command by its first word, whatever path it has.
fn call(what: &What) -> Option<(String, Call)> {
    let plain = |failed: bool| Call { failed: usize::from(failed), seconds: 0 };
    let is_refused = |output: &Option<String>| output.as_deref().is_some_and(is_refusal);
    Some(match what {
        What::Command(command) => {
            let word = command.text.split_whitespace().find(|word| !word.contains('=')).unwrap_or("?");
            let name = Path::new(word).file_name().and_then(|name| name.to_str()).unwrap_or(word);
            let failed = command.refused.is_some() || command.exit.is_some_and(|exit| exit != 0);
            let seconds = command.took.map_or(0, |took| i64::try_from(took.as_secs()).unwrap_or(i64::MAX));
            (name.to_owned(), Call { failed: usize::from(failed), seconds })
        }
        What::Patch(patch) => ("apply_patch".to_owned(), plain(patch.refused.is_some())),
        What::Mcp { server, tool, result, .. } => (format!("{server}.{tool}"), plain(is_refused(result))),
        What::Tool { name: Some(name), output, .. } => (name.clone(), plain(is_refused(output))),
        What::Search { .. } => ("web search".to_owned(), plain(false)),
        _ => return None,
    })
}
