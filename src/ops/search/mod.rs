//! Search: the lines of all conversations that have something in them, grouped by session and turn, newest first.
//!
//! Everything that the store keeps is searched: what Codex archived, deleted or rewrote, what was left behind, and turns that have not ended.
//! A turn that several sessions share is told once, with the sessions that have it, too.

mod capital;
mod corpus;
mod found;
mod gather;
mod hits;
mod needle;
mod nowhere;
mod question;
mod required;
mod scan;
mod select;
mod upkeep;

use corpus::Corpus;
pub use found::{FoundSession, FoundTurn, Hit};
use gather::Gather;
use hits::Looker;
pub use needle::{Needle, Spelling};
pub use question::{Search, Searched};
use select::Selection;

use super::{Error, Workspace};
use crate::model::ObjectId;
use crate::model::piece::PieceKind;

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
        let point = search.point.map(|point| self.known_point(&corpus, point)).transpose()?;
        let selection = Selection::of(&corpus, search, point);
        let order = selection.order(&corpus);
        let looker = Looker::new(search, &selection);
        let table = self.store.table()?;
        let mut gather = Gather::new(self, &corpus, &selection, &table);
        let mut searched = selection.searched();
        corpus.scan(
            self,
            &order,
            &search.needle,
            |text| looker.look(text),
            &mut |corpus, unit, found| gather.take(self, corpus, unit, found, take),
            progress,
        )?;
        searched.unreadable = corpus.unreadable;
        searched.broken = table.into_broken().into_iter().map(|(session, error)| (session, error.into())).collect();
        Ok(searched)
    }

    /// A commit, or the nearest before it that stands in a branch: a save that was made while a turn ran stands on none.
    fn known_point(&self, corpus: &Corpus, point: ObjectId) -> Result<ObjectId, Error> {
        for commit in self.store.history(point) {
            let commit = commit?;
            if corpus.row(commit.id).is_some() {
                return Ok(commit.id);
            }
        }
        Ok(point)
    }
}
