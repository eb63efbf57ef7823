//! Scan: the text of many turns, read by several threads, and handed on in the order in which it is wanted.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use super::corpus::{Corpus, Source, Unit};
use super::needle::Needle;
use crate::model::ObjectId;
use crate::ops::threads::threads;
use crate::ops::{Error, Workspace};
use crate::store::{Frame, TextLog, TextLogWriter, TextRow, Texts};

/// How many units each thread may be ahead.
const AHEAD: usize = 2;

/// So many units of chunks are not worth threads that open the store for themselves.
const FEW: usize = 2;

/// So many units that follow each other are looked at by one thread: what one chunk was told from tells the next.
const RUN: usize = 2;

/// After so many frames the text log is written as far as it got.
const CHECKPOINT: usize = 64;

/// The text of a unit, and where in it the text of each row stands.
pub(in crate::ops) struct Text<'t> {
    /// The number of the unit's first row.
    pub first: usize,
    pub rows: &'t [TextRow],
    pub text: &'t [u8],
}

/// What a thread made of a unit.
struct Done<R> {
    unit: usize,
    /// `None` if its text can't be had from the text log.
    result: Option<R>,
    frame: Option<Frame>,
    unreadable: usize,
}

/// What threads share.
struct Shared<'c> {
    log: &'c TextLog,
    rows: &'c [TextRow],
    units: &'c [Unit],
    blobs: &'c HashMap<usize, Vec<ObjectId>>,
    packs: bool,
    tells_context: bool,
    needle: &'c Needle,
}

impl Corpus {
    /// Has threads look at the text of units, and hands over what they found, in any order; those that can't have the needle are looked at without
    /// a text. What is new is told to the text log. `take` says whether to go on. `progress` is told how many of how many units of chunks were read.
    pub(in crate::ops) fn scan<R: Send>(
        &mut self,
        workspace: &Workspace,
        order: &[usize],
        needle: &Needle,
        look: impl Fn(&Text<'_>) -> R + Sync,
        take: &mut dyn FnMut(&Corpus, usize, R) -> Result<bool, Error>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), Error> {
        let mut writer = self.writer.take();
        let new: Vec<usize> = order.iter().copied().filter(|unit| self.is_new(*unit)).collect();
        let shared = Shared {
            log: &self.log,
            rows: &self.rows,
            units: &self.units,
            blobs: &self.blobs,
            packs: writer.is_some(),
            tells_context: self.tells_context,
            needle,
        };
        let count = threads().min(order.len()).max(1);
        let opens = if new.len() > FEW { count } else { 0 };
        let workspaces = (0..opens).map(|_| workspace.reopen()).collect::<Result<Vec<_>, Error>>()?;
        // Few chunks are read by this thread, before the others begin.
        let (own, others): (Vec<usize>, Vec<usize>) =
            order.iter().copied().partition(|unit| opens == 0 && self.is_new(*unit));
        let mut appender = Appender::new(&self.units, &self.rows, &new);
        let (mut unreadable, mut is_damaged, mut done) = (0, false, 0);
        let next = AtomicUsize::new(0);
        let scanned = std::thread::scope(|scope| {
            let (give, taken) = sync_channel::<Done<R>>(count * AHEAD);
            let mut workspaces = workspaces.into_iter();
            for _ in 0..count.min(others.len()) {
                let (give, own, next, others, shared, look) =
                    (give.clone(), workspaces.next(), &next, &others, &shared, &look);
                scope.spawn(move || {
                    let mut texts = shared.log.texts().ok();
                    let take = || others.get(next.fetch_add(RUN, Ordering::Relaxed)..);
                    while let Some(units) = take().filter(|units| !units.is_empty()) {
                        for unit in units.iter().take(RUN) {
                            if give.send(shared.look(own.as_ref(), texts.as_mut(), *unit, look)).is_err() {
                                return;
                            }
                        }
                    }
                });
            }
            drop(give);
            let here = own.iter().map(|unit| shared.look(Some(workspace), None, *unit, &look));
            for mut one in here.chain(taken) {
                if one.result.is_none() {
                    is_damaged = true;
                    one = shared.look_at_chunks(workspace, one.unit, &look);
                }
                unreadable += one.unreadable;
                if self.is_new(one.unit) {
                    done += 1;
                    progress(done, new.len());
                    appender.take(writer.as_mut(), one.unit, one.frame);
                }
                if let Some(result) = one.result
                    && !take(self, one.unit, result)?
                {
                    break;
                }
            }
            // Whoever waits to hand something over sees that nobody takes it any more.
            next.store(usize::MAX / 2, Ordering::Relaxed);
            Ok::<_, Error>(())
        });
        let written = writer.as_mut().map_or(Ok(()), |writer| {
            if is_damaged {
                writer.start_anew()?;
            }
            if is_damaged || appender.is_whole() { writer.write_index() } else { Ok(()) }
        });
        if let Err(error) = written {
            tracing::info!(%error, "the text log could not be written");
        }
        self.unreadable += unreadable;
        scanned
    }
}

impl Shared<'_> {
    fn look<R>(
        &self,
        workspace: Option<&Workspace>,
        texts: Option<&mut Texts<'_>>,
        unit: usize,
        look: &(impl Fn(&Text<'_>) -> R + Sync),
    ) -> Done<R> {
        let Unit { rows, source } = &self.units[unit];
        match (source, workspace) {
            (Source::Frame(frame), _) => {
                let text = texts.and_then(|texts| self.text(texts, *frame).ok());
                let own = &self.rows[rows.clone()];
                let result = text.map(|text| look(&Text { first: rows.start, rows: own, text }));
                Done { unit, result, frame: None, unreadable: 0 }
            }
            (Source::Chunks, Some(workspace)) => self.look_at_chunks(workspace, unit, look),
            (Source::Chunks, None) => Done { unit, result: None, frame: None, unreadable: 0 },
        }
    }

    /// The text of a frame; none of one that can't have the needle.
    fn text<'t>(&self, texts: &'t mut Texts<'_>, frame: usize) -> std::io::Result<&'t [u8]> {
        if self.needle.may_be_in(&self.log.filter(frame)?) { texts.read(frame) } else { Ok(&[]) }
    }

    /// Tells the text of a unit from its chunks.
    fn look_at_chunks<R>(&self, workspace: &Workspace, unit: usize, look: &impl Fn(&Text<'_>) -> R) -> Done<R> {
        let Unit { rows: range, source } = &self.units[unit];
        let (mut text, mut rows, mut unreadable) = (String::new(), self.rows[range.clone()].to_vec(), 0);
        for (at, row) in range.clone().zip(&mut rows) {
            let start = text.len();
            let told = match (self.blobs.get(&at), source) {
                (Some(blobs), _) => workspace.text_of(blobs, self.tells_context, &mut text),
                // The frame that should have it is damaged.
                (None, Source::Frame(_)) if !row.text.is_empty() => workspace
                    .store
                    .turn_blobs(row.commit)
                    .map_err(Error::from)
                    .and_then(|blobs| workspace.text_of(&blobs, self.tells_context, &mut text)),
                _ => Ok(()),
            };
            row.is_unread |= told.is_err();
            unreadable += usize::from(told.is_err());
            row.text = start..text.len();
        }
        let result = Some(look(&Text { first: range.start, rows: &rows, text: text.as_bytes() }));
        let packs = self.packs && *source == Source::Chunks;
        let frame = if packs { Frame::new(rows, text.as_bytes()).ok() } else { None };
        Done { unit, result, frame, unreadable }
    }
}

/// Adds frames to the text log in the order of their units, so that it can be written whenever no session is half told.
struct Appender {
    left: Vec<usize>,
    /// Whether a session goes on from a unit to the next.
    goes_on: Vec<bool>,
    next: usize,
    early: BTreeMap<usize, Option<Frame>>,
    since: usize,
    has_failed: bool,
}

impl Appender {
    fn new(units: &[Unit], rows: &[TextRow], new: &[usize]) -> Self {
        let mut left = new.to_vec();
        left.sort_unstable();
        let ends = |unit: usize| (rows.get(units[unit].rows.end.wrapping_sub(1)), rows.get(units[unit].rows.end));
        let goes_on = left.iter().map(|unit| matches!(ends(*unit), (Some(a), Some(b)) if a.session == b.session));
        let goes_on = goes_on.collect();
        Self { left, goes_on, next: 0, early: BTreeMap::new(), since: 0, has_failed: false }
    }

    fn take(&mut self, writer: Option<&mut TextLogWriter>, unit: usize, frame: Option<Frame>) {
        let Some(writer) = writer else { return };
        self.early.insert(unit, frame);
        while let Some(unit) = self.left.get(self.next)
            && let Some(frame) = self.early.remove(unit)
        {
            let is_alone = self.left.len() == 1;
            let added = frame.map(|frame| if is_alone { writer.add_alone(&frame) } else { writer.add(&frame) });
            self.has_failed |= !matches!(added, Some(Ok(())));
            self.since += 1;
            if self.since >= CHECKPOINT && !self.goes_on[self.next] && !self.has_failed {
                self.since = 0;
                self.has_failed |= writer.write_index().is_err();
            }
            self.next += 1;
        }
    }

    /// Whether no session is half told.
    fn is_whole(&self) -> bool {
        !self.has_failed && (self.next == 0 || !self.goes_on[self.next - 1])
    }
}
