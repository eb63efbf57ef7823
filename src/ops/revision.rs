//! Revisions: what a person types to mean a point in a session.
//!
//! In this order: `@` or nothing is the current session; then the name of a save; a session's id or the beginning of one; a number, which is a
//! turn of the current session; the name that a session has in Codex, where no other machine has a save of it so named; a ref, `HEAD`, or a
//! commit's id, as git takes them; and a save of another machine, `MACHINE/NAME` or its name alone. On top of each of them `~N` goes N turns back and `^` one, whatever commits lie between; `@{…}` and `^2` are
//! git's; `@{before}` is what a session was before it was last rewound or its rollout replaced, `@{MACHINE}` where it ends on another machine.

use super::current::Here;
use super::lineage::turn_in;
use super::workspace::Point;
use super::{Effect, Error, News, Workspace};
use crate::model::{SaveName, SessionId};
use crate::store::{Commit, split_suffix};

/// The fewest characters of a session's id that can mean it.
const PREFIX_MIN: usize = 4;

/// Of so many sessions whose ids begin alike the rest is not told.
const MOST_MATCHES: usize = 100;

/// What follows a session to mean what it was before it was rewound or its rollout replaced.
const BEFORE: &str = "@{before}";

/// A revision, found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Resolved {
    /// The commit that it means.
    pub point: Point,
    /// The session that it means: that of a save or an id, else the commit's own.
    pub session: SessionId,
    /// The save that was named, if one was.
    pub save: Option<SaveName>,
    /// Why the session could not be recorded first, if so: the point may be older than its rollout.
    pub stale: Option<Error>,
    /// What recording it first found.
    pub news: Option<News>,
}

impl Workspace {
    /// Finds what a revision means, after recording the session that it names.
    ///
    /// # Errors
    /// When it means nothing, or several sessions.
    pub fn resolve(&self, here: &Here, text: &str) -> Result<Resolved, Error> {
        self.forget_look();
        let resolved = self.find(here, text)?;
        let point = &resolved.point;
        tracing::info!(?text, session = %resolved.session, turn = point.message.turn, commit = %point.id, "found what it means");
        Ok(resolved)
    }

    /// The session that a text means, if that is its id or the beginning of it. Nothing is recorded first.
    ///
    /// # Errors
    /// When it means several sessions.
    pub fn session_by_id(&self, text: &str) -> Result<Option<SessionId>, Error> {
        self.forget_look();
        self.session_like(text)
    }

    fn find(&self, here: &Here, text: &str) -> Result<Resolved, Error> {
        let (base, suffix) = split_suffix(text);
        if text.trim().is_empty() {
            return Err(Error::Empty);
        }
        if base.is_empty() || base == "@" {
            return self.at_session(self.current(here)?, suffix, text);
        }
        if let Some(resolved) = self.at_save(base, suffix, text)? {
            return Ok(resolved);
        }
        if let Some(session) = self.session_like(base)? {
            return self.at_session(session, suffix, text);
        }
        let turn = base.parse().ok().filter(|_| suffix.is_empty() && base.len() < 7);
        let turn = turn.map(|turn| self.current_turn(here, turn, text));
        if let Some(Ok(resolved)) = turn {
            return Ok(resolved);
        }
        // What anybody can call a session hides nothing that is meant without its name.
        if base != "HEAD"
            && let Some((session, rest)) = self.session_named(text)?
        {
            // A session is named for its first save: where that is, the name means the save.
            let save = self.save_elsewhere(base).ok().flatten().filter(|save| save.session == session);
            return match save {
                Some(save) => self.at_point(self.store.commit(save.commit)?, suffix, text),
                None => self.at_session(session, rest, text),
            };
        }
        if let Some(turn) = turn {
            return turn;
        }
        let point = match self.store.revision(base)? {
            Some(point) => point,
            None => {
                let save = self.save_elsewhere(base)?.ok_or_else(|| self.not_found(text))?;
                self.store.commit(save.commit)?
            }
        };
        self.at_point(point, suffix, text)
    }

    /// A turn of the current session.
    fn current_turn(&self, here: &Here, turn: u32, text: &str) -> Result<Resolved, Error> {
        let mut resolved = self.at_session(self.current(here)?, "", text)?;
        resolved.point = self.turn_of(&resolved.point, turn)?;
        Ok(resolved)
    }

    fn at_point(&self, point: Point, suffix: &str, text: &str) -> Result<Resolved, Error> {
        let point = self.walk(point, suffix, text)?;
        Ok(Resolved { session: point.message.session, point, save: None, stale: None, news: None })
    }

    /// Follows `~N`, `^` and git's other suffixes from a point.
    fn walk(&self, mut point: Point, suffix: &str, text: &str) -> Result<Point, Error> {
        for step in steps(suffix) {
            point = match step {
                Step::Back(0) => point,
                Step::Back(turns) => self.turns_back(&point, turns, text)?,
                Step::Git(suffix) => {
                    let found = self.store.revision(&format!("{}{suffix}", point.id))?;
                    found.ok_or_else(|| self.not_found(text))?
                }
            };
        }
        Ok(point)
    }

    fn turns_back(&self, point: &Point, turns: u32, text: &str) -> Result<Point, Error> {
        let last = point.message.turn;
        let too_far = || match is_range(text) {
            true => Error::Range(text.to_owned()),
            false => Error::TooFar { text: text.to_owned(), session: point.message.session, turns: last },
        };
        let turn = last.checked_sub(turns).filter(|turn| *turn > 0).ok_or_else(too_far)?;
        turn_in(&self.store, point.id, turn)?.ok_or_else(too_far)
    }

    /// The commit of a turn in the history of a point.
    ///
    /// # Errors
    /// When there is no such turn.
    pub fn turn_of(&self, point: &Point, turn: u32) -> Result<Point, Error> {
        let missing = || Error::NoSuchTurn { session: point.message.session, turn, last: point.message.turn };
        if turn == 0 || turn > point.message.turn {
            return Err(missing());
        }
        turn_in(&self.store, point.id, turn)?.ok_or_else(missing)
    }

    /// The last point of a session, as it was recorded last; `None` if it never was.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn head(&self, session: SessionId) -> Result<Option<Point>, Error> {
        Ok(self.store.branch(session)?.map(|branch| branch.head().clone()))
    }

    /// The session whose id begins like this; a save's name is not looked at.
    ///
    /// # Errors
    /// When several do.
    pub fn session_like(&self, text: &str) -> Result<Option<SessionId>, Error> {
        let written = text.len() >= PREFIX_MIN && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if !written || text.len() > SessionId::LEN {
            return Ok(None);
        }
        let text = text.to_ascii_lowercase();
        if let Some(id) =
            SessionId::parse(&text).filter(|id| self.store.heads(*id).is_ok_and(|heads| heads.0.is_some()))
        {
            return Ok(Some(id));
        }
        let (mut matches, _) = self.store.ask_table(|table| table.like(&text, MOST_MATCHES))?;
        matches.extend(self.look().like(&text));
        matches.retain(|id| id.to_string().starts_with(&text));
        matches.sort_unstable();
        matches.dedup();
        match matches.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(Error::Ambiguous { text, matches }),
        }
    }

    /// The session that a text begins with the name of, in Codex, and what of git's suffixes follows. Names may hold any character, so the
    /// longest counts.
    fn session_named<'t>(&self, text: &'t str) -> Result<Option<(SessionId, &'t str)>, Error> {
        let is_suffix = |rest: &str| rest.is_empty() || split_suffix(rest).0.is_empty();
        let fits = |name: &String| text.strip_prefix(name.as_str()).is_some_and(is_suffix);
        let names = self.names();
        let Some(name) = names.values().filter(|name| fits(name)).max_by_key(|name| name.len()) else {
            return Ok(None);
        };
        let named = names.iter().filter(|(_, known)| *known == name);
        let mut matches: Vec<SessionId> = named.map(|(session, _)| *session).collect();
        matches.sort_unstable();
        match matches.as_slice() {
            [one] => Ok(Some((*one, &text[name.len()..]))),
            _ => Err(Error::SameName { name: name.clone(), matches }),
        }
    }

    /// Saves that are written almost like a text.
    pub(super) fn near_saves(&self, text: &str) -> Vec<String> {
        near(text, self.store.saves().unwrap_or_default().into_iter().map(|save| save.name.to_string()))
    }

    fn not_found(&self, text: &str) -> Error {
        if is_range(text) {
            return Error::Range(text.to_owned());
        }
        let base = split_suffix(text).0;
        let near = [self.near_saves(base), near(base, self.names().into_values())].concat();
        Error::NotFound { text: text.to_owned(), near }
    }

    fn at_save(&self, base: &str, suffix: &str, text: &str) -> Result<Option<Resolved>, Error> {
        let Ok(name) = SaveName::parse(base) else { return Ok(None) };
        if self.store.save_ref(&name)?.is_none() {
            return Ok(None);
        }
        let (at, suffix) = split_log(suffix);
        let point = self.store.save_revision(&name, at)?.ok_or_else(|| self.not_found(text))?;
        let point = self.walk(point, suffix, text)?;
        Ok(Some(Resolved { session: point.message.session, point, save: Some(name), stale: None, news: None }))
    }

    fn at_session(&self, session: SessionId, suffix: &str, text: &str) -> Result<Resolved, Error> {
        let (recorded, stale) = match self.record_looked_at(session, Effect::Write) {
            Ok(recorded) => (recorded, None),
            Err(error) => (None, Some(error)),
        };
        let Some(branch) = self.store.branch(session)? else {
            return Err(stale.unwrap_or_else(|| self.not_found(text)));
        };
        let head = branch.head().clone();
        let (at, suffix) = split_log(suffix);
        let point = match at {
            "" => Some(head),
            BEFORE => Some(self.before(&branch.tip)?.ok_or(Error::NeverRewritten(session))?),
            _ => match self.store.branch_revision(session, at)? {
                None => self.head_at(session, at.trim_start_matches("@{").trim_end_matches('}'))?,
                found => found,
            },
        };
        let point = self.walk(point.ok_or_else(|| self.not_found(text))?, suffix, text)?;
        let news = recorded.and_then(|recorded| recorded.news);
        Ok(Resolved { point, session, save: None, stale, news })
    }

    /// What a session was before it was last rewound or its rollout replaced.
    fn before(&self, tip: &Commit) -> Result<Option<Point>, Error> {
        for commit in self.store.history(tip.id) {
            if let Some(before) = commit?.left_behind() {
                return Ok(Some(self.store.commit(before)?));
            }
        }
        Ok(None)
    }
}

/// Whether a text that means no point has two ends; each can have steps of its own.
fn is_range(text: &str) -> bool {
    text.contains("..")
}

/// Which of these names a text might have been meant to be, the likeliest first.
fn near(text: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let lower = text.to_lowercase();
    let likely = names
        .map(|name| (strsim::jaro_winkler(&lower, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75);
    let mut near: Vec<(f64, String)> = likely.collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// A part of what follows a point.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    /// So many turns back.
    Back(u32),
    /// What git makes of it.
    Git(&'a str),
}

/// The parts of what follows a point: `~2^` are two turns back, then one.
fn steps(suffix: &str) -> impl Iterator<Item = Step<'_>> {
    let mut rest = suffix;
    std::iter::from_fn(move || {
        let kind = rest.chars().next()?;
        let more = &rest[kind.len_utf8()..];
        let digits = more.len() - more.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let end = match more.find('}').filter(|_| more.starts_with('{')) {
            Some(end) => kind.len_utf8() + end + 1,
            None => kind.len_utf8() + digits,
        };
        let (step, after) = rest.split_at(end);
        rest = after;
        Some(match (kind, &step[kind.len_utf8()..]) {
            ('~' | '^', "") => Step::Back(1),
            ('~', number) => number.parse().map_or(Step::Git(step), Step::Back),
            ('^', "0") => Step::Back(0),
            ('^', "1") => Step::Back(1),
            _ => Step::Git(step),
        })
    })
}

/// What of a suffix is looked up in the log of a ref, and what follows it.
fn split_log(suffix: &str) -> (&str, &str) {
    let end = suffix.find('}').filter(|_| suffix.starts_with("@{")).map_or(0, |end| end + 1);
    suffix.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_is_followed_part_by_part() {
        let all = |suffix| steps(suffix).collect::<Vec<_>>();
        assert_eq!(all("~2^"), [Step::Back(2), Step::Back(1)]);
        assert_eq!(all("^2~1"), [Step::Git("^2"), Step::Back(1)]);
        assert_eq!(all("^{commit}~"), [Step::Git("^{commit}"), Step::Back(1)]);
        assert_eq!(all("~99999999999"), [Step::Git("~99999999999")]);
        assert_eq!(split_log("@{1}~2"), ("@{1}", "~2"));
        assert_eq!(split_log("~2"), ("", "~2"));
    }
}
