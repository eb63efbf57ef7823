//! A thread that searches conversations while a person types: what was typed last counts, and a search that nobody waits for ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use codex_git::ops::{Filter, FoundSession, FoundTurn, Needle, Search, Spelling};
use codex_git::{Effect, Workspace};

use crate::cli::context::Context;
use crate::cli::filters::Dates;
use crate::cli::finds::Teller;
use crate::picker::{Page, Wanted};

/// How many lines of a turn are told.
const LINES: usize = 5;

/// What a search tells, with the text that it looked for.
pub enum Found {
    Session(String, FoundSession),
    /// All was looked at; or it could not be, and why.
    End(String, Option<String>),
}

/// The thread.
pub struct Searcher {
    asks: Sender<(u64, String)>,
    found: Receiver<Found>,
    /// The number of the search that counts.
    current: Arc<AtomicU64>,
}

impl Searcher {
    /// Starts it.
    pub fn start(context: &Context) -> Self {
        let ((asks, asked), (tell, found)) = (channel(), channel());
        let (current, context) = (Arc::new(AtomicU64::new(0)), context.clone());
        let counts = Arc::clone(&current);
        std::thread::spawn(move || work(&context, &asked, &tell, &counts));
        Self { asks, found, current }
    }

    /// Looks for a text, and for nothing else any more.
    pub fn look_for(&self, text: String) {
        let number = self.current.fetch_add(1, Ordering::SeqCst) + 1;
        // A search that never ends is told by its mark.
        let _ = self.asks.send((number, text));
    }

    /// Looks for nothing any more.
    pub fn rest(&self) {
        self.current.fetch_add(1, Ordering::SeqCst);
    }

    /// What was found and not told yet.
    pub fn found(&self) -> impl Iterator<Item = Found> {
        self.found.try_iter()
    }
}

fn work(context: &Context, asked: &Receiver<(u64, String)>, tell: &Sender<Found>, current: &AtomicU64) {
    let mut workspace: Option<Workspace> = None;
    while let Ok((number, text)) = asked.recv() {
        let counts = || current.load(Ordering::SeqCst) == number;
        if !counts() {
            continue;
        }
        let failed = match opened(context, &mut workspace) {
            Ok(workspace) => search(workspace, &text, &mut |session| {
                counts() && tell.send(Found::Session(text.clone(), session)).is_ok()
            })
            .err(),
            Err(error) => Some(error),
        };
        if tell.send(Found::End(text, failed)).is_err() {
            return;
        }
    }
}

/// The workspace, with all that is to be searched recorded once.
fn opened<'w>(context: &Context, workspace: &'w mut Option<Workspace>) -> Result<&'w Workspace, String> {
    match workspace {
        Some(workspace) => Ok(workspace),
        None => {
            let opened = Workspace::open(&context.home, &context.store).map_err(|error| error.to_string())?;
            opened.record_all(Effect::Write, &mut |_| {});
            Ok(workspace.insert(opened))
        }
    }
}

fn search(workspace: &Workspace, text: &str, take: &mut dyn FnMut(FoundSession) -> bool) -> Result<(), String> {
    // Half of a pattern is often none, and then meant as it stands.
    let literal = || Needle::new(text, Spelling { is_fixed: true, ..Spelling::default() });
    let needle = Needle::new(text, Spelling::default()).or_else(|_| literal())?;
    let search = Search {
        needle,
        kinds: Vec::new(),
        filter: Filter::default(),
        file: None,
        point: None,
        most: LINES,
        around: (0, 0),
    };
    workspace.search(&search, take, &mut |_, _| {}).map(drop).map_err(|error| error.to_string())
}

/// The page that shows what was found in a session.
pub fn page(context: &Context, wanted: Wanted, found: Option<&FoundSession>) -> Page {
    let teller = Teller { context, dates: Dates::default(), width: Some(wanted.width), names_forks: false };
    let mut page = Page { of: wanted, head: Vec::new(), lines: Vec::new(), turns: Vec::new(), is_whole: true };
    if let Some(found) = found {
        let told = teller.told(found);
        page.lines = told.lines;
        // A turn that was left is not in the conversation as it is now, where its number means another.
        let is_there = |(turn, _): &(&FoundTurn, usize)| turn.superseded.is_none();
        page.turns =
            found.turns.iter().zip(told.turns).filter(is_there).map(|(turn, line)| (turn.turn, line)).collect();
    }
    page
}
