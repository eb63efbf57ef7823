//! Filters: which turns, sessions and saves a person wants to see. All that is asked for must hold.

use super::log_entry::LogEntry;
use super::project::Below;
use super::search::Needle;
use super::{Listed, SessionElsewhere, Workspace};
use crate::model::Save;

/// Which are wanted; all, where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those that ended no earlier, in seconds since 1970.
    pub since: Option<i64>,
    /// Those that ended no later, in seconds since 1970.
    pub until: Option<i64>,
    /// Those whose model has this in its name.
    pub author: Option<String>,
    /// Those that worked in a directory, or below it.
    pub below: Option<Below>,
    /// Those whose prompt, name or note has this in it.
    pub grep: Option<Needle>,
}

impl Filter {
    /// Whether all are wanted.
    pub fn wants_all(&self) -> bool {
        let Self { since, until, author, below, grep } = self;
        since.is_none() && until.is_none() && author.is_none() && below.is_none() && grep.is_none()
    }

    /// Whether a session is wanted, by its last turn, its name and its first prompt.
    pub fn takes_session(&self, session: &Listed) -> bool {
        self.takes(session.changed, session.model.as_deref(), session.cwd.as_deref())
            && self.finds([session.name.as_deref(), session.title.as_deref()])
    }

    /// Whether a session that is elsewhere is wanted, as far as that is told of it: neither its model nor its directory is.
    pub fn takes_session_elsewhere(&self, session: &SessionElsewhere) -> bool {
        let line = &session.line;
        self.takes(line.changed, None, None) && self.finds([line.name.as_deref(), line.title.as_deref()])
    }

    /// Whether a save is wanted, by its name, its note and its turn's prompt.
    pub fn takes_save(&self, save: &Save) -> bool {
        self.takes(save.saved_at, save.model.as_deref(), save.cwd.as_deref())
            && self.finds([Some(save.name.as_str()), save.note.as_deref(), Some(&save.subject)])
    }

    pub(super) fn takes(&self, at: i64, model: Option<&str>, cwd: Option<&str>) -> bool {
        let has = |author: &String| model.is_some_and(|model| model.to_lowercase().contains(&author.to_lowercase()));
        self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at <= until)
            && self.author.as_ref().is_none_or(has)
            && self.below.as_ref().is_none_or(|below| cwd.is_some_and(|cwd| below.holds(cwd)))
    }

    fn finds<const N: usize>(&self, texts: [Option<&str>; N]) -> bool {
        self.grep.as_ref().is_none_or(|pattern| texts.into_iter().flatten().any(|text| pattern.is_in(text.as_bytes())))
    }
}

impl Workspace {
    /// Whether a turn is wanted. Its prompt is read only where a pattern asks for it and all else holds.
    pub(super) fn wants(&self, filter: &Filter, turn: &LogEntry) -> bool {
        filter.takes(turn.ended, turn.model.as_deref(), turn.cwd.as_deref())
            && filter.grep.as_ref().is_none_or(|pattern| {
                pattern.is_in(self.prompt(turn).unwrap_or_else(|_| turn.subject.clone()).as_bytes())
            })
    }
}
