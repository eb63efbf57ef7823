//! Naming: the names that sessions have in Codex, by which its picker and `codex resume` know them.
//!
//! A name is given by Codex itself, asked through its app server; that also makes Codex know a session whose file it has not seen yet.

use std::path::Path;
use std::time::Duration;

use super::{Error, Point, Workspace};
use crate::model::{SaveName, SessionId, text};
use crate::rollout::{AppServer, Error as RolloutError};

/// How long Codex's app server may take, its start included.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much of a session's name its fork's name keeps, in columns.
const KEPT: usize = 48;

impl Workspace {
    /// Has Codex (`codex`, a program) name a session. The name is trimmed by Codex, and need not be the only one of its kind.
    ///
    /// # Errors
    /// When Codex can't be asked, or refuses.
    pub fn rename(&self, codex: &Path, session: SessionId, name: &str) -> Result<(), Error> {
        let mut server = AppServer::start(codex, self.home(), PATIENCE).map_err(RolloutError::from)?;
        Ok(server.set_name(session, name).map_err(RolloutError::from)?)
    }

    /// What a fork at a point is called: the name of the session it comes from, and the save or else the session.
    pub fn fork_name(&self, point: &Point, save: Option<&SaveName>) -> String {
        let session = point.message.session;
        let from = save.map_or_else(|| session.to_string()[..13].to_owned(), ToString::to_string);
        let origin = format!("fork of {from}, turn {}", point.message.turn);
        match self.names().get(&session).map(|name| own_name(name)).filter(|name| !name.is_empty()) {
            Some(name) => format!("{} ({origin})", text::fit(&text::plain(name), KEPT)),
            None => origin,
        }
    }
}

/// A session's name without what it was given as a fork.
fn own_name(name: &str) -> &str {
    if name.starts_with("fork of ") {
        return "";
    }
    name.rfind(" (fork of ").filter(|_| name.ends_with(')')).map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fork_of_a_fork_is_not_named_after_both() {
        assert_eq!(own_name("parser"), "parser");
        assert_eq!(own_name("parser (fork of alpha, turn 12)"), "parser");
        assert_eq!(own_name("fork of alpha, turn 12"), "");
    }
}
