//! Search: the lines of all conversations that have something in them, grouped by session and turn, newest first.
//!
//! Everything that the store keeps is searched: what Codex archived, deleted or rewrote, what was left behind, and turns that have not ended.
//! A turn that several sessions share is told once, with the sessions that have it, too.

mod corpus;
mod gather;
mod hits;
mod needle;
mod scan;
mod select;
mod upkeep;

use std::collections::HashMap;

use gather::Gather;
use hits::Looker;
pub use needle::{Needle, Spelling};
use select::Selection;

use super::filter::Filter;
use super::{Error, Superseded, Workspace};
use crate::model::piece::PieceKind;
use crate::model::{ObjectId, SessionId};

/// What is searched for, where, and how much of it is told.
#[derive(Clone, Debug)]
pub struct Search {
    /// What is looked for.
    pub needle: Needle,
    /// In what; in all that was said and done where nothing is named.
    pub kinds: Vec<PieceKind>,
    /// In which turns: by their ends, their models and where Codex worked.
    pub filter: Filter,
    /// Only in turns that changed a file of this path, or one that ends so.
    pub file: Option<String>,
    /// Only in the conversation up to a commit; if a session stands there, in what it left behind, too.
    pub point: Option<ObjectId>,
    /// How many lines of a turn are told.
    pub most: usize,
    /// How many lines before and after each.
    pub around: (usize, usize),
}

/// A line that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// In what.
    pub kind: PieceKind,
    /// In which of the turn's pieces: the same number for those of the same one.
    pub piece: usize,
    /// Which line of that, from 1.
    pub number: usize,
    /// The file that a patch changes.
    pub path: Option<String>,
    /// The line of the turn's chunk that tells it, from 1.
    pub line: usize,
    /// When that was written down, in seconds since 1970.
    pub at: Option<i64>,
    /// The line, without anything that steers a screen.
    pub text: String,
    /// Where in the line it is, in bytes.
    pub places: Vec<std::ops::Range<usize>>,
    /// The lines before, as many as were asked for.
    pub before: Vec<String>,
    /// The lines after.
    pub after: Vec<String>,
}

/// A turn that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTurn {
    /// Its commit.
    pub commit: ObjectId,
    /// Its number.
    pub turn: u32,
    /// When it ended, in seconds since 1970.
    pub ended: i64,
    /// What was asked, on one line.
    pub prompt: String,
    /// The lines, as many as were asked for.
    pub hits: Vec<Hit>,
    /// How many there are.
    pub lines: usize,
    /// Why it is no part of the conversation any more, if so.
    pub superseded: Option<Superseded>,
    /// The other sessions that have the turn.
    pub also: Vec<SessionId>,
}

/// A session with turns that have it, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSession {
    /// The session.
    pub session: SessionId,
    /// Its name in Codex, or its first prompt.
    pub title: Option<String>,
    /// When the newest of its turns that were searched ended, in seconds since 1970.
    pub ended: i64,
    /// The turns.
    pub turns: Vec<FoundTurn>,
}

/// What was searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// How many turns.
    pub turns: usize,
    /// Of how many sessions.
    pub sessions: usize,
    /// How many turns can't be read.
    pub unreadable: usize,
}

impl Workspace {
    /// Searches, and hands over each session as soon as all of it was looked at; `take` says whether to go on. Nothing is recorded first.
    /// `progress` is told how much of what is new was read.
    ///
    /// # Errors
    /// When the store can't be read, or `take` fails.
    pub fn search(
        &self,
        search: &Search,
        take: &mut dyn FnMut(FoundSession) -> bool,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Searched, Error> {
        // What nobody typed is in no text log.
        let asks_for_context = search.kinds.contains(&PieceKind::Context);
        let mut corpus = if asks_for_context { self.corpus_of_chunks()? } else { self.corpus()? };
        corpus.tells_context = asks_for_context;
        let selection = Selection::of(&corpus, search);
        let order = selection.order(&corpus);
        let looker = Looker::new(search, &selection);
        let mut gather = Gather::new(&corpus, &selection, self.names());
        let mut searched = selection.searched();
        corpus.scan(
            self,
            &order,
            |text| looker.look(text),
            &mut |corpus, unit, found| gather.take(self, corpus, unit, found, take),
            progress,
        )?;
        searched.unreadable = corpus.unreadable;
        Ok(searched)
    }
}

/// The names of sessions.
type Names = HashMap<SessionId, String>;
