//! What is listed, selected, typed and shown.

use std::cell::OnceCell;
use std::collections::{HashSet, VecDeque};

use codex_git::SessionId;

use super::Entry;
use super::key::Key;
use super::keymap::Pane;
use super::page::{Page, Wanted, What};
use super::panes::Panes;
use super::query::{Haystack, Query};
use super::request::{Deed, Done};
use super::tree::{Branch, Row, Tree, branch};
use super::view::View;

/// How many turns of a conversation are read at first.
const TURNS: usize = 8;

/// What a find that found nothing tells.
pub(super) const NOT_FOUND: &str = "that is not in this conversation";

/// What the picker is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To look, and to go on wherever one likes.
    Look,
    /// To find what to fork.
    Fork,
    /// To find what to resume.
    Resume,
}

/// Sessions that are listed.
#[derive(Default)]
pub struct Listing {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Whose they are: a directory, or all.
    pub place: String,
    pub everywhere: bool,
    /// How many sessions there are in all directories.
    pub all: usize,
}

impl Listing {
    /// How many of them people began.
    pub fn people(&self) -> usize {
        self.entries.iter().filter(|entry| !entry.is_agent).count()
    }
}

/// What the keys are for just now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// For what the table says.
    #[default]
    Plain,
    /// For a save's name; of a turn, or of where the session stands.
    Saving { session: SessionId, turn: Option<u32>, name: String },
    /// For a session's name.
    Renaming { session: SessionId, name: String },
    /// For an answer whether a save is moved to where it was not.
    Moving { session: SessionId, turn: Option<u32>, name: String, words: String },
    /// For an answer whether to delete the save that is shown, and which.
    Deleting { saves: Vec<String>, at: usize },
    /// For what is looked for in the conversation.
    Finding { text: String },
    /// For reading the help, from one of its lines on, and for going back from it.
    Help { from: usize },
}

/// What a search in conversations found so far.
struct Found {
    text: String,
    sessions: HashSet<SessionId>,
    is_done: bool,
}

/// The picker.
pub struct Picker {
    pub(super) purpose: Purpose,
    listing: Listing,
    tree: Tree,
    haystacks: OnceCell<Vec<Haystack>>,
    open: HashSet<SessionId>,
    pub(super) typed: String,
    found: Option<Found>,
    rows: Vec<Row>,
    selected: usize,
    top: usize,
    pub(super) shows_agents: bool,
    pub(super) shows_graph: bool,
    /// The session and the turn that were marked before the graph was shown.
    pub(super) before_graph: Option<(SessionId, u32)>,
    /// The session whose conversation is shown in place of what was found in it.
    pub(super) opened: Option<SessionId>,
    turns: usize,
    pub(super) pane: Pane,
    pub(super) mode: Mode,
    pub(super) view: View,
    pub(super) panes: Panes,
    pub(super) news: Option<String>,
    /// Keys that were pressed while what they are about was read.
    pub(super) waiting: VecDeque<Key>,
}

impl Picker {
    /// A picker with the newest session selected.
    pub fn new(listing: Listing, purpose: Purpose, panes: Panes) -> Self {
        let mut picker = Self {
            purpose,
            tree: Tree::of(&listing.entries),
            listing,
            haystacks: OnceCell::new(),
            open: HashSet::new(),
            typed: String::new(),
            found: None,
            rows: Vec::new(),
            selected: 0,
            top: 0,
            shows_agents: false,
            shows_graph: false,
            before_graph: None,
            opened: None,
            turns: TURNS,
            pane: Pane::List,
            mode: Mode::Plain,
            view: View::default(),
            panes,
            news: None,
            waiting: VecDeque::new(),
        };
        picker.refilter();
        picker
    }

    /// Takes other sessions, or the same as they are now.
    pub fn list(&mut self, listing: Listing) {
        let (selected, opened, turns) = (self.selected(), self.opened, self.turns);
        self.tree = Tree::of(&listing.entries);
        (self.listing, self.haystacks) = (listing, OnceCell::new());
        self.rows.clear();
        self.refilter();
        self.select(selected);
        if self.selected() == selected {
            // What is read of it stays as it is.
            (self.opened, self.turns) = (opened, turns);
        }
    }

    /// Takes the sessions that Codex has open.
    pub fn mark_open(&mut self, open: HashSet<SessionId>) {
        self.open = open;
    }

    /// A key that waited until what it is about was read.
    pub fn next_waiting(&mut self) -> Option<Key> {
        if self.view.waits() { None } else { self.waiting.pop_front() }
    }

    /// Takes a page that was read.
    pub fn show(&mut self, page: Page) {
        if self.wanted().is_some_and(|wanted| wanted.is_like(&page.of)) {
            self.view.take(page, self.panes.rows());
            if self.view.was_in_vain() {
                self.tell(NOT_FOUND.to_owned());
            }
        }
    }

    /// Takes what came of something that was to be done. What was typed in vain can be mended.
    pub fn hear(&mut self, deed: Deed, done: Done) {
        let is_free = self.mode == Mode::Plain;
        match (done, deed) {
            (Done::Asks(words), Deed::Save { session, turn, name, .. }) if is_free => {
                self.mode = Mode::Moving { session, turn, name, words };
            }
            (Done::Refused(words), Deed::Save { session, turn, name, .. }) if is_free => {
                self.mode = Mode::Saving { session, turn, name };
                self.tell(words);
            }
            (Done::Refused(words), Deed::Rename { session, name }) if is_free => {
                self.mode = Mode::Renaming { session, name };
                self.tell(words);
            }
            (Done::Told(words) | Done::Refused(words) | Done::Asks(words), _) => self.tell(words),
        }
    }

    /// Takes the size of the screen.
    pub fn resize(&mut self, panes: Panes) {
        self.panes = panes;
        self.view.fit(panes.rows());
        self.keep_in_sight();
    }

    /// Tells the person something, until the next key.
    pub fn tell(&mut self, news: String) {
        self.news = Some(news);
    }

    /// A search begins; what was found before is forgotten.
    pub fn search_begins(&mut self, text: &str) {
        self.found = Some(Found { text: text.to_owned(), sessions: HashSet::new(), is_done: false });
        self.opened = None;
        self.refilter();
    }

    /// A search found these sessions.
    pub fn search_finds(&mut self, text: &str, sessions: impl IntoIterator<Item = SessionId>) {
        if let Some(found) = self.found.as_mut().filter(|found| found.text == text) {
            found.sessions.extend(sessions);
            self.refilter();
        }
    }

    /// A search ended.
    pub fn search_ends(&mut self, text: &str) {
        if let Some(found) = self.found.as_mut().filter(|found| found.text == text) {
            found.is_done = true;
        }
    }

    /// What is to be looked for in conversations.
    pub fn sought(&self) -> Option<String> {
        Query::read(&self.typed).text().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Whether a search runs, or is about to.
    pub fn is_searching(&self) -> bool {
        let is_done = |text: String| self.found.as_ref().is_some_and(|found| found.is_done && found.text == text);
        self.sought().is_some_and(|text| !is_done(text))
    }

    /// The page that is to stand at the right.
    pub fn wanted(&self) -> Option<Wanted> {
        let session = self.selected()?;
        let found = self.found.as_ref().filter(|_| self.sought().is_some() && self.opened != Some(session));
        let what = match found {
            _ if self.shows_graph => What::Graph { session },
            Some(found) => What::Hits { session, text: found.text.clone() },
            None => What::Talk { session, turns: self.turns },
        };
        Some(Wanted { what, width: usize::from(self.panes.page().1.saturating_sub(1)).max(1) })
    }

    /// The page, if it was read.
    pub fn page(&self) -> Option<&Page> {
        self.view.page(&self.wanted()?)
    }

    /// How the page is looked at.
    pub fn view(&self) -> &View {
        &self.view
    }

    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    pub fn pane(&self) -> Pane {
        self.pane
    }

    pub fn panes(&self) -> Panes {
        self.panes
    }

    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// What is typed above the list.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// What the person is told.
    pub fn news(&self) -> Option<&str> {
        self.news.as_deref()
    }

    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// How many sessions are listed, and of how many.
    pub fn count(&self) -> (usize, usize) {
        let is_counted = |entry: &&Entry| self.shows_agents || !entry.is_agent;
        (self.rows.len(), self.listing.entries.iter().filter(is_counted).count())
    }

    /// The rows of the list that are in sight: each with whether it is selected.
    pub fn rows(&self) -> impl Iterator<Item = (usize, &Entry, bool)> {
        let rows = self.rows.iter().enumerate().skip(self.top).take(self.panes.rows());
        rows.map(|(at, row)| (at, &self.listing.entries[row.entry], at == self.selected))
    }

    /// What is drawn before a row, of no more than so many branches.
    pub fn branch(&self, row: usize, most: usize) -> Branch {
        branch(&self.rows, row, most)
    }

    /// Whether Codex has a session open.
    pub fn is_open(&self, session: SessionId) -> bool {
        self.open.contains(&session)
    }

    /// The session that is selected.
    pub fn selected(&self) -> Option<SessionId> {
        self.entry().map(|entry| entry.id)
    }

    pub(super) fn entry(&self) -> Option<&Entry> {
        self.rows.get(self.selected).map(|row| &self.listing.entries[row.entry])
    }

    /// Shows the conversation in place of what was found in it, at a turn.
    pub(super) fn open_at(&mut self, number: u32) {
        let Some((session, turns)) = self.entry().map(|entry| (entry.id, entry.turns)) else { return };
        self.opened = Some(session);
        // With what stands before it, to see how it came to that.
        self.turns = TURNS.max(turns.saturating_sub(number) as usize + 2);
        self.view.go_to_turn_of(session, number);
    }

    /// Has more of the conversation read: all of it, or some turns more.
    pub(super) fn read_more(&mut self, all: bool) {
        self.turns = if all { usize::MAX } else { self.turns.saturating_mul(4) };
    }

    /// Moves the selection.
    pub(super) fn move_by(&mut self, by: isize) {
        self.go_to(self.selected.saturating_add_signed(by));
    }

    /// Selects a row, or the last.
    pub(super) fn go_to(&mut self, row: usize) {
        let before = self.selected();
        self.selected = row.min(self.rows.len().saturating_sub(1));
        self.keep_in_sight();
        self.forget_turns(before);
    }

    /// Lists what is to be listed, after what decides that has changed.
    pub(super) fn refilter(&mut self) {
        let before = self.selected();
        let query = Query::read(&self.typed);
        let is_shown: Vec<bool> = match query.text().filter(|text| !text.is_empty()) {
            Some(_) => {
                let found = self.found.as_ref().map(|found| &found.sessions);
                let is_found = |entry: &Entry| found.is_some_and(|found| found.contains(&entry.id));
                self.listing.entries.iter().map(is_found).collect()
            }
            None => {
                let entries = self.listing.entries.iter().enumerate();
                let is_shown = |(at, entry): (usize, &Entry)| {
                    (self.shows_agents || !entry.is_agent) && (query.takes_all() || query.takes(&self.haystacks()[at]))
                };
                entries.map(is_shown).collect()
            }
        };
        self.rows = self.tree.rows(&is_shown);
        self.select(before);
        self.forget_turns(before);
    }

    fn haystacks(&self) -> &[Haystack] {
        self.haystacks.get_or_init(|| self.listing.entries.iter().map(|entry| Haystack::of(entry.text())).collect())
    }

    /// Selects a session, or the first.
    fn select(&mut self, session: Option<SessionId>) {
        let at = self.rows.iter().position(|row| Some(self.listing.entries[row.entry].id) == session);
        self.selected = at.unwrap_or(0);
        self.keep_in_sight();
    }

    /// Of another session, few turns are read at first.
    fn forget_turns(&mut self, before: Option<SessionId>) {
        if self.selected() != before {
            self.turns = TURNS;
            self.opened = None;
        }
    }

    fn keep_in_sight(&mut self) {
        let rows = self.panes.rows().max(1);
        self.top = self.top.clamp((self.selected + 1).saturating_sub(rows), self.selected);
        // No room stays empty at the bottom.
        self.top = self.top.min(self.rows.len().saturating_sub(rows));
    }
}
