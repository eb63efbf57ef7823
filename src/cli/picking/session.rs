//! The picker from its first frame to its end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use codex_git::SessionId;
use codex_git::ops::FoundSession;

use super::listing::Scope;
use super::reader::{Answer, Reader};
use super::searcher::{self, Found, Searcher};
use crate::cli::choice::Choice;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::picker::{Done, Key, Listing, Picker, Purpose, Wanted, What, Wish};
use crate::ui::picker::{Brush, Event, Screen};

/// How long a person types before what was typed is looked for.
const TYPING: Duration = Duration::from_millis(80);

/// How long it takes at the most to see that an answer has come, and that nothing has.
const SOON: Duration = Duration::from_millis(8);
const IDLE: Duration = Duration::from_millis(100);

/// While keys keep coming, the screen shows what they did so often.
const FRAME: Duration = Duration::from_millis(30);

/// A picker at work.
struct Session<'c> {
    context: &'c Context,
    picker: Picker,
    screen: Screen,
    reader: Reader,
    searcher: Searcher,
    /// What was found in each session.
    hits: HashMap<SessionId, FoundSession>,
    /// The page that was asked for last.
    asked: Option<Wanted>,
    /// What is looked for; and what was typed since, and when.
    sought: Option<String>,
    typed: Option<(String, Instant)>,
    drawn: Instant,
    copied: Option<SessionId>,
}

/// How it ends.
enum End {
    Left,
    Chosen(Choice),
    Signal(i32),
}

/// Has a person pick a session; `None` if they left without.
///
/// # Errors
/// When there is no terminal, or the store can't be read any more.
pub fn pick(context: &Context, listing: Listing, purpose: Purpose) -> Result<Option<Choice>, Failure> {
    let brush = Brush { is_coloured: context.ui.has_colours(), is_ascii: context.is_ascii };
    let mut screen = Screen::take(brush).map_err(at_terminal)?;
    let mut picker = Picker::new(listing, purpose, screen.panes().map_err(at_terminal)?);
    screen.draw(&mut picker).map_err(at_terminal)?;
    let mut session = Session {
        context,
        picker,
        screen,
        reader: Reader::start(context),
        searcher: Searcher::start(context),
        hits: HashMap::new(),
        asked: None,
        sought: None,
        typed: None,
        drawn: Instant::now(),
        copied: None,
    };
    session.reader.ask_what_is_open();
    let end = session.run();
    session.end(end?)
}

fn at_terminal(error: std::io::Error) -> Failure {
    Failure::Io("draw on the terminal", error)
}

impl Session<'_> {
    fn run(&mut self) -> Result<End, Failure> {
        let mut is_stale = true;
        loop {
            is_stale |= self.take_answers()? | self.take_found() | self.seek();
            while let Some(key) = self.picker.next_waiting() {
                is_stale = true;
                if let Some(end) = self.press(key)? {
                    return Ok(end);
                }
            }
            let has_next = self.screen.has_next().map_err(at_terminal)?;
            if is_stale && (!has_next || self.drawn.elapsed() > FRAME) {
                // What was found is at hand; what has to be read is asked for when no key waits.
                if !has_next {
                    self.ask_for_page();
                }
                self.draw()?;
                is_stale = false;
            }
            match self.screen.next(self.patience()).map_err(at_terminal)? {
                Event::Nothing => continue,
                Event::Key(key) => {
                    if let Some(end) = self.press(key)? {
                        return Ok(end);
                    }
                }
                Event::Pasted(text) => self.picker.paste(&text),
                Event::Changed => self.picker.resize(self.screen.panes().map_err(at_terminal)?),
                Event::End(signal) => return Ok(End::Signal(signal)),
            }
            is_stale = true;
        }
    }

    /// Takes a key; how it ends, if it does.
    fn press(&mut self, key: Key) -> Result<Option<End>, Failure> {
        self.picker.press(key).map_or(Ok(None), |wish| self.grant(wish))
    }

    fn patience(&self) -> Duration {
        let is_busy = self.reader.is_busy() || self.picker.is_searching() || self.typed.is_some();
        if is_busy { SOON } else { IDLE }
    }

    fn draw(&mut self) -> Result<(), Failure> {
        self.drawn = Instant::now();
        self.screen.draw(&mut self.picker).map_err(at_terminal)
    }

    /// Does what a key wished for; how it ends, if it does.
    fn grant(&mut self, wish: Wish) -> Result<Option<End>, Failure> {
        let scope = scope(self.picker.listing().everywhere);
        match wish {
            Wish::Leave => return Ok(Some(End::Left)),
            Wish::Choose(choice) => {
                let crate::picker::Choice { session, turn, is_fork } = choice;
                return Ok(Some(End::Chosen(Choice { session, turn, is_fork })));
            }
            Wish::Suspend => self.screen.suspend().map_err(at_terminal)?,
            Wish::Redraw => {
                self.screen.forget().map_err(at_terminal)?;
                self.reader.ask_for_list(scope);
            }
            Wish::Do(deed) => self.reader.have_done(deed, scope),
            Wish::List { everywhere } => self.reader.ask_for_list(self::scope(everywhere)),
            Wish::Copy(session) => {
                self.copied = Some(session);
                self.screen.copy(&session.to_string()).map_err(at_terminal)?;
            }
        }
        Ok(None)
    }

    /// Takes what was read or done. Whether there was anything.
    fn take_answers(&mut self) -> Result<bool, Failure> {
        let mut has_come = false;
        while let Some(answer) = self.reader.answer()? {
            has_come = true;
            match answer {
                Answer::Page(page) => self.picker.show(page),
                Answer::Open(open) => self.picker.mark_open(open),
                Answer::Listed(listing) => self.list(listing),
                Answer::Done(deed, done, listing) => {
                    listing.into_iter().for_each(|listing| self.list(listing));
                    self.picker.hear(deed, done.unwrap_or_else(|failure| Done::Refused(failure.words().0)));
                }
                Answer::Failed(failure) => self.picker.tell(failure.words().0),
                Answer::Nothing => {}
            }
        }
        Ok(has_come)
    }

    fn list(&mut self, listing: Listing) {
        self.picker.list(listing);
        self.asked = None;
    }

    /// Takes what was found. Whether there was anything.
    fn take_found(&mut self) -> bool {
        let (mut sessions, mut has_come) = (Vec::new(), false);
        for found in self.searcher.found() {
            has_come = true;
            match found {
                Found::Session(text, found) if Some(&text) == self.sought.as_ref() => {
                    sessions.push(found.session);
                    self.hits.insert(found.session, found);
                }
                Found::Session(..) => {}
                Found::End(text, failed) => {
                    self.picker.search_ends(&text);
                    failed.into_iter().for_each(|why| self.picker.tell(why));
                }
            }
        }
        if let Some(text) = self.sought.as_ref().filter(|_| !sessions.is_empty()) {
            self.picker.search_finds(text, sessions);
        }
        has_come
    }

    /// Has what was typed looked for, once the person has stopped typing. Whether a search began.
    fn seek(&mut self) -> bool {
        let typed = self.picker.sought();
        if typed == self.sought {
            self.typed = None;
            return false;
        }
        let Some(text) = typed else {
            self.searcher.rest();
            (self.sought, self.typed) = (None, None);
            return false;
        };
        match &self.typed {
            Some((before, since)) if *before == text => {
                if since.elapsed() < TYPING {
                    return false;
                }
            }
            _ => {
                self.typed = Some((text, Instant::now()));
                return false;
            }
        }
        self.hits.clear();
        self.picker.search_begins(&text);
        self.searcher.look_for(text.clone());
        (self.sought, self.typed) = (Some(text), None);
        true
    }

    fn ask_for_page(&mut self) {
        let wanted = self.picker.wanted();
        if wanted == self.asked {
            return;
        }
        self.asked.clone_from(&wanted);
        let Some(wanted) = wanted else { return };
        if let What::Hits { session, .. } = wanted.what {
            let page = searcher::page(self.context, wanted, self.hits.get(&session));
            self.picker.show(page);
        } else {
            self.reader.ask_for_page(wanted);
        }
    }

    /// Gives the terminal back, waits for what is still to be done, and tells what came of it.
    fn end(self, end: End) -> Result<Option<Choice>, Failure> {
        let Self { context, screen, reader, copied, .. } = self;
        if let End::Signal(signal) = end {
            screen.end_by(signal).map_err(at_terminal)?;
            return Err(Failure::Left);
        }
        drop(screen);
        for done in reader.end() {
            match done {
                Ok(Done::Told(words)) => context.ui.say(words),
                Ok(Done::Refused(words) | Done::Asks(words)) => context.ui.warn(words),
                Err(failure) => {
                    let (words, hint) = failure.words();
                    context.ui.fail(words, hint);
                }
            }
        }
        if let Some(session) = copied {
            context.ui.data(session)?;
        }
        Ok(if let End::Chosen(choice) = end { Some(choice) } else { None })
    }
}

fn scope(everywhere: bool) -> Scope {
    if everywhere { Scope::Everywhere } else { Scope::Here }
}
