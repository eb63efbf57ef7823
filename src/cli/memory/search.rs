//! The tool `search`.

use codex_git::model::piece::PieceKind;
use codex_git::model::{Moment, rfc3339, text};
use codex_git::ops::{Filter, FoundSession, FoundTurn, Needle, Search, Searched, Spelling};
use rmcp::schemars;
use serde::Deserialize;

use super::answer::Answer;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::report;
use crate::cli::words::count;

/// How many lines of a turn are told, and how wide they are.
const LINES: usize = 5;
const WIDTH: usize = 300;

/// What the model asks.
#[derive(Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// A regular expression (Rust syntax); upper and lower case are the same unless it has a capital letter
    pattern: String,
    /// The pattern is these very letters
    #[serde(default)]
    fixed: bool,
    /// Only whole words
    #[serde(default)]
    word: bool,
    /// Only in these: prompt, answer, reasoning, command, output, patch, tool, compaction, failed, context (what nobody typed)
    #[serde(default, rename = "in")]
    kinds: Vec<String>,
    /// Only this conversation: a session's id, `@` for the current one, or the name of a save
    session: Option<String>,
    /// Only sessions that worked in this directory or below it
    directory: Option<String>,
    /// Only turns that changed this file through a patch, by the end of its path
    file: Option<String>,
    /// Only turns whose model has this in its name
    model: Option<String>,
    /// Only turns since then, such as 2026-11-20, 3d, 2h, yesterday
    since: Option<String>,
    /// Only turns until then
    until: Option<String>,
    /// How many lines before and after each to tell
    #[serde(default)]
    context_lines: usize,
    /// How long the answer may be [default: 4000]
    most_bytes: Option<usize>,
    /// Where to go on in the answer, as the end of the one before says
    from: Option<usize>,
}

/// Finds the answer.
pub fn answer(context: &Context, asked: &Asked) -> Result<Answer, Failure> {
    let spelling = Spelling { is_fixed: asked.fixed, is_word: asked.word, ignores_case: None };
    let needle = Needle::new(&asked.pattern, spelling)
        .map_err(|reason| Failure::Usage(reason, "ask with `fixed` true for these very letters".to_owned()))?;
    let workspace = context.workspace()?;
    let point = match &asked.session {
        Some(session) => Some(report::resolve(context, &workspace, Some(session))?.point.id),
        None => {
            report::catch_up(context, &workspace, None);
            None
        }
    };
    let search = Search {
        needle,
        kinds: kinds(&asked.kinds)?,
        filter: Filter {
            since: moment(asked.since.as_deref())?.map(|moment| moment.first(context.now)),
            until: moment(asked.until.as_deref())?.map(|moment| moment.last(context.now)),
            author: asked.model.clone(),
            below: asked.directory.as_deref().map(|directory| context.below(&workspace, directory.as_ref())),
            grep: None,
        },
        file: asked.file.as_deref().map(|typed| context.path_in_turns(typed)).transpose()?,
        point,
        most: LINES,
        around: (asked.context_lines, asked.context_lines),
    };
    let mut answer = Answer::new(asked.most_bytes, asked.from);
    let mut found = false;
    let take = &mut |session: FoundSession| {
        found = true;
        tell(&mut answer, &session);
        !answer.is_full()
    };
    let searched = workspace.search(&search, take, &mut |_, _| {})?;
    if searched.unreadable + searched.broken.len() > 0 {
        answer.line("some of the history can't be read, and was not searched: `codex-git verify --repair`");
    }
    if !found {
        answer.line(&nothing(context, asked, &searched));
    }
    Ok(answer)
}

/// Says that there is nothing, and where.
fn nothing(context: &Context, asked: &Asked, searched: &Searched) -> String {
    let sessions = count(searched.sessions, "session");
    let turns = count(searched.turns, "turn");
    let now = rfc3339(context.unix_now());
    format!("nothing found for `{}` in {sessions} ({turns}) up to {now}", asked.pattern)
}

fn tell(answer: &mut Answer, session: &FoundSession) {
    let title = session.title.as_deref().unwrap_or_default();
    answer.line(&format!("session {} {title}", session.session));
    for turn in &session.turns {
        answer.line(&format!(
            "- turn {} (commit {}, {}{}): {}",
            turn.turn,
            turn.commit.short(),
            rfc3339(turn.ended),
            aside(turn),
            turn.prompt
        ));
        let mut path = None;
        for hit in &turn.hits {
            if hit.path.is_some() && hit.path != path {
                answer.line(&format!("  patch of {}", hit.path.as_deref().unwrap_or_default()));
                path.clone_from(&hit.path);
            }
            let line = |answer: &mut Answer, sign: &str, line: &str| {
                answer.line(&format!("  {}{sign} {}", hit.kind.name(), text::fit(line.trim_end(), WIDTH)));
            };
            hit.before.iter().for_each(|before| line(answer, "-", before));
            line(answer, ":", &around(&hit.text, hit.places.first().map_or(0, |place| place.start)));
            hit.after.iter().for_each(|after| line(answer, "-", after));
        }
        if turn.lines > turn.hits.len() {
            answer.line(&format!("  … {} more in this turn", turn.lines - turn.hits.len()));
        }
    }
}

/// What is said of a turn that is no part of its conversation any more, or a part of others, too.
fn aside(turn: &FoundTurn) -> String {
    let aside = turn.superseded.map_or(String::new(), |aside| format!(", {}", aside.words()));
    let also =
        if turn.also.is_empty() { String::new() } else { format!(", also in {}", count(turn.also.len(), "fork")) };
    format!("{aside}{also}")
}

/// A line, or of a long one what is around a place.
fn around(line: &str, place: usize) -> String {
    if line.len() <= WIDTH || place < WIDTH / 2 {
        return line.to_owned();
    }
    let start = (0..=place - WIDTH / 3).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    format!("…{}", &line[start..])
}

fn kinds(names: &[String]) -> Result<Vec<PieceKind>, Failure> {
    let mut kinds = Vec::new();
    for name in names {
        match PieceKind::named(name) {
            known if known.is_empty() => {
                let hint = format!("`in` takes {}", PieceKind::names().join(", "));
                return Err(Failure::Usage(format!("there is no kind `{name}`"), hint));
            }
            known => kinds.extend(known),
        }
    }
    Ok(kinds)
}

/// Reads a time.
pub fn moment(typed: Option<&str>) -> Result<Option<Moment>, Failure> {
    let read = |typed: &str| {
        let hint = "a time is such as 2026-11-20, 3d, 2h, yesterday or monday".to_owned();
        typed.parse::<Moment>().map_err(|error| Failure::Usage(error.to_string(), hint))
    };
    typed.map(read).transpose()
}
