//! A thread that reads and does what the picker asks for, so that no key waits. Of pages that were asked for, only the last is read; all else is
//! done in order.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

use codex_git::{SessionId, Workspace};

use super::listing::{Scope, again, silently};
use super::{deeds, pages};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::picker::{Deed, Done, Listing, Page, Wanted};

/// What is asked.
enum Ask {
    Page(Wanted),
    /// Which sessions Codex has open.
    Open,
    List(Scope),
    /// To do something, and to list those again.
    Do(Deed, Scope),
}

/// What is answered: one thing to each ask.
pub enum Answer {
    Page(Page),
    Open(HashSet<SessionId>),
    Listed(Listing),
    /// What was done, or why it was not; and the sessions as they are now.
    Done(Deed, Result<Done, Failure>, Option<Listing>),
    Failed(Failure),
    /// Another page was asked for.
    Nothing,
}

/// The thread.
pub struct Reader {
    asks: Sender<Ask>,
    answers: Receiver<Answer>,
    /// Whether nobody waits for pages any more.
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    /// How many answers are to come.
    waiting: usize,
}

impl Reader {
    /// Starts it.
    pub fn start(context: &Context) -> Self {
        let ((asks, asked), (answer, answers)) = (channel(), channel());
        let (stop, context) = (Arc::new(AtomicBool::new(false)), context.clone());
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || work(&context, &asked, &answer, &stopped));
        Self { asks, answers, stop, thread, waiting: 0 }
    }

    pub fn ask_for_page(&mut self, wanted: Wanted) {
        self.ask(Ask::Page(wanted));
    }

    pub fn ask_what_is_open(&mut self) {
        self.ask(Ask::Open);
    }

    pub fn ask_for_list(&mut self, scope: Scope) {
        self.ask(Ask::List(scope));
    }

    pub fn have_done(&mut self, deed: Deed, scope: Scope) {
        self.ask(Ask::Do(deed, scope));
    }

    /// An answer that has come.
    ///
    /// # Errors
    /// When the thread is gone.
    pub fn answer(&mut self) -> Result<Option<Answer>, Failure> {
        match self.answers.try_recv() {
            Ok(answer) => {
                self.waiting = self.waiting.saturating_sub(1);
                Ok(Some(answer))
            }
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => {
                Err(Failure::Io("read the store", io::Error::other("the thread that reads is gone")))
            }
        }
    }

    /// Whether an answer is to come.
    pub fn is_busy(&self) -> bool {
        self.waiting > 0
    }

    /// Ends it, after all is done that was to be done; what came of that. Pages are read no more.
    pub fn end(self) -> Vec<Result<Done, Failure>> {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.asks);
        // Whether it panicked or not, there is nothing left to do.
        drop(self.thread.join());
        let done = |answer| if let Answer::Done(_, done, _) = answer { Some(done) } else { None };
        self.answers.try_iter().filter_map(done).collect()
    }

    fn ask(&mut self, ask: Ask) {
        self.waiting += 1;
        // That the thread is gone is told with the answers.
        let _ = self.asks.send(ask);
    }
}

fn work(context: &Context, asked: &Receiver<Ask>, answer: &Sender<Answer>, stop: &AtomicBool) {
    let workspace = context.workspace();
    while let Ok(first) = asked.recv() {
        let asks: Vec<Ask> = std::iter::once(first).chain(asked.try_iter()).collect();
        let last = asks.iter().rposition(|ask| matches!(ask, Ask::Page(_)));
        // What a person waits for comes first.
        let order = (0..asks.len()).filter(|at| Some(*at) != last).chain(last);
        for at in order {
            let answered = match &workspace {
                Ok(_) if Some(at) != last && matches!(asks[at], Ask::Page(_)) => Answer::Nothing,
                Ok(workspace) => work_on(context, workspace, &asks[at], stop),
                // It was open a moment ago.
                Err(_) => Answer::Failed(Failure::Said),
            };
            if answer.send(answered).is_err() {
                return;
            }
        }
    }
}

fn work_on(context: &Context, workspace: &Workspace, ask: &Ask, stop: &AtomicBool) -> Answer {
    match ask {
        Ask::Page(_) | Ask::Open | Ask::List(_) if stop.load(Ordering::Relaxed) => Answer::Nothing,
        Ask::Page(wanted) => Answer::Page(
            pages::read(context, workspace, wanted, stop).unwrap_or_else(|error| pages::failed(wanted, &error)),
        ),
        Ask::Open => Answer::Open(workspace.in_use()),
        Ask::List(scope) => match silently(context, workspace, *scope) {
            Ok(listing) => Answer::Listed(listing),
            Err(error) => Answer::Failed(error.into()),
        },
        Ask::Do(deed, scope) => {
            let done = deeds::act(context, deed);
            let listing = again(context, workspace, *scope).ok();
            Answer::Done(deed.clone(), done, listing)
        }
    }
}
