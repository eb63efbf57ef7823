//! Naming: the names that sessions have in Codex, by which its picker and `codex resume` know them.
//!
//! A name is given by Codex itself, asked through its app server; that also makes Codex know a session whose file it has not seen yet.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use super::{Error, Point, Workspace};
use crate::codex::AppServer;
use crate::model::{SaveName, SessionId, text};
use crate::store::Note;

/// How long Codex's app server may take, its start included.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many seconds after a save its name may be on its way to Codex.
const ON_ITS_WAY: i64 = 30;

/// How much of a session's name its fork's name keeps, in columns.
const KEPT: usize = 48;

impl Workspace {
    /// Has Codex (`codex`, a program) name a session. The name is trimmed by Codex, and need not be the only one of its kind.
    ///
    /// # Errors
    /// When Codex can't be asked, or refuses.
    pub fn rename(&self, codex: &Path, session: SessionId, name: &str) -> Result<(), Error> {
        let mut server = AppServer::start(codex, self.home(), PATIENCE)?;
        server.set_name(session, name)?;
        self.note_named(session, name);
        Ok(())
    }

    /// Takes note of the name that Codex is about to give a fork, so that the next fork of the same point gets another.
    pub fn give_fork_name(&self, fork: SessionId, name: &str) {
        self.note_name(Note::Forks, fork, name);
    }

    /// Takes note that a session is to be called by the name of a save, which goes with the save.
    fn give_name(&self, session: SessionId, name: &SaveName) {
        self.note_name(Note::Given, session, name.as_str());
    }

    fn note_name(&self, note: Note, session: SessionId, name: &str) {
        let mut names = self.noted_names(note);
        names.insert(session, name.to_owned());
        self.note_names_as(note, &names);
    }

    /// Takes note that a session is to be called by the name of a save, unless it has a name already, or one is on its way. Whether it gets this one.
    pub fn give_name_if_unnamed(&self, session: SessionId, name: &SaveName, now: i64) -> bool {
        let given = self.given().get(&session).and_then(|name| SaveName::parse(name).ok());
        let given = given.and_then(|name| self.store.save(&name).ok()?);
        let is_coming = given.is_some_and(|(save, _)| save.saved_at + ON_ITS_WAY >= now);
        let free = !is_coming && !self.names().contains_key(&session);
        if free {
            self.give_name(session, name);
        }
        free
    }

    /// The name that a session has in Codex by a save that is gone, and what it is to be called instead.
    pub fn outlived_name(&self, session: SessionId) -> Option<String> {
        let name = self.names_in_codex().remove(&session)?;
        if !self.is_outlived(&self.given(), session, &name) {
            return None;
        }
        // Codex knows no way to take a name away: the first prompt is what it shows of a session without one.
        let title = self.store.branch(session).ok()??.tip.message.title?;
        (title != name).then_some(title)
    }

    /// Whether a name was given to a session by a save that is gone by now.
    pub fn is_given_in_vain(&self, session: SessionId, name: &str) -> bool {
        self.is_outlived(&self.given(), session, name)
    }

    /// The names of sessions in Codex, also those that it forgot; without those that were given by a save that is gone.
    pub fn names(&self) -> HashMap<SessionId, String> {
        let (mut names, given) = (self.names_in_codex(), self.given());
        names.retain(|session, name| !self.is_outlived(&given, *session, name));
        names
    }

    fn is_outlived(&self, given: &BTreeMap<SessionId, String>, session: SessionId, name: &str) -> bool {
        given.get(&session).is_some_and(|given| given == name)
            && SaveName::parse(name).is_ok_and(|name| matches!(self.store.save_ref(&name), Ok(None)))
    }

    fn given(&self) -> BTreeMap<SessionId, String> {
        self.noted_names(Note::Given)
    }

    /// What a fork at a point is called: the name of the session it comes from, and the save or else the session.
    pub fn fork_name(&self, point: &Point, save: Option<&SaveName>) -> String {
        let session = point.message.session;
        let from = save.map_or_else(|| session.to_string()[..13].to_owned(), ToString::to_string);
        let origin = format!("fork of {from}, turn {}", point.message.turn);
        // The name that a save just gave is on its way to Codex.
        let (names, given) = (self.names(), self.given());
        let name = match names
            .get(&session)
            .or_else(|| given.get(&session))
            .map(|name| own_name(name))
            .filter(|name| !name.is_empty())
        {
            Some(name) if Some(name) == save.map(SaveName::as_str) => {
                format!("{} (fork, turn {})", text::fit(&text::plain(name), KEPT), point.message.turn)
            }
            Some(name) => format!("{} ({origin})", text::fit(&text::plain(name), KEPT)),
            None => origin,
        };
        // Forks of the same point are told apart.
        let forks = self.noted_names(Note::Forks);
        let is_free = |name: &String| !names.values().chain(forks.values()).any(|taken| taken == name);
        let numbered = (2..1000).map(|number| format!("{name} #{number}"));
        std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
    }
}

/// A session's name without what it was given as a fork.
fn own_name(name: &str) -> &str {
    if name.starts_with("fork of ") {
        return "";
    }
    let unnumbered =
        name.rsplit_once(" #").filter(|(_, number)| number.parse::<u32>().is_ok()).map_or(name, |(name, _)| name);
    let at = unnumbered.rfind(" (fork of ").or_else(|| unnumbered.rfind(" (fork, turn "));
    at.filter(|_| unnumbered.ends_with(')')).map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fork_of_a_fork_is_not_named_after_both() {
        assert_eq!(own_name("parser"), "parser");
        assert_eq!(own_name("parser (fork of alpha, turn 12)"), "parser");
        assert_eq!(own_name("parser (fork, turn 12)"), "parser");
        assert_eq!(own_name("parser (fork, turn 12) #2"), "parser");
        assert_eq!(own_name("issue #2"), "issue #2");
        assert_eq!(own_name("fork of alpha, turn 12"), "");
    }
}
