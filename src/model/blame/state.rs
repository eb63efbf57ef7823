//! A file in the middle of its past: its lines, and where each came from.

use std::collections::HashSet;

use super::differ::differences;
use super::event::words;

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A patch put it there: the number of the edit.
    Edit(usize),
    /// A patch added this line and those around it together, elsewhere or earlier: the number of the edit.
    Moved(usize),
    /// A command most likely did it: the number of the command.
    Command(usize),
    /// It was there when this edit was made, and was not before: something else put it there in between.
    Between(usize),
    /// It was there before anything is known.
    Before,
    /// It came with a commit: the number of the state.
    Commit(usize),
    /// It is in the file alone.
    Work,
}

/// A line, traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// Where it comes from.
    pub origin: Origin,
    /// Its number when it came.
    pub number: usize,
    /// When it came, if that was between two times at which the file is known.
    pub appeared: Option<usize>,
}

/// Lines that came in the place of others, at an unknown time between two known ones.
#[derive(Clone, Debug)]
pub(super) struct Appearance<'t> {
    /// The last time before.
    pub after: i64,
    /// The first time at which they are there.
    pub until: i64,
    /// The words of the lines that they replaced.
    pub gone: HashSet<&'t str>,
}

#[derive(Clone, Debug)]
pub(super) struct Line<'t> {
    pub text: &'t str,
    pub traced: Traced,
}

/// A file at a time.
#[derive(Clone, Debug)]
pub(super) struct State<'t> {
    /// `None` before anything is known of it.
    pub lines: Option<Vec<Line<'t>>>,
    /// Whether all of its lines are known.
    pub is_whole: bool,
    pub appearances: Vec<Appearance<'t>>,
    /// The last time at which it is known.
    pub at: i64,
    /// Whether every edit since it was last known whole stood where it says.
    pub is_certain: bool,
    /// Its lines when it was last known whole.
    whole: Vec<Line<'t>>,
}

impl<'t> State<'t> {
    /// A file that nothing is known of.
    pub fn unknown() -> Self {
        Self {
            lines: None,
            is_whole: false,
            appearances: Vec::new(),
            at: i64::MIN,
            is_certain: true,
            whole: Vec::new(),
        }
    }

    /// The file holds these lines, all from one origin.
    pub fn hold(&mut self, lines: impl Iterator<Item = &'t str>, origin: Origin) {
        self.lines = Some(new_lines(lines, 0, origin, None));
        self.is_whole = true;
    }

    /// The file is found to hold these lines: what was not there comes from this origin.
    pub fn become_known(&mut self, new: &[&'t str], origin: Origin, at: i64) {
        match self.lines.take() {
            None => self.hold(new.iter().copied(), origin),
            Some(old) => {
                let mut lines = self.merged(&old, new, 0, origin, at);
                if !self.is_certain {
                    self.recover(&mut lines, origin);
                }
                self.lines = Some(lines);
            }
        }
        self.whole = self.lines.clone().unwrap_or_default();
        (self.is_whole, self.is_certain) = (true, true);
        self.at = at;
    }

    /// Gives lines that stayed where the file was last known whole the origins that they had there: what an edit did that stood elsewhere is no
    /// reason that they came anew.
    fn recover(&self, lines: &mut [Line<'t>], origin: Origin) {
        let texts = |lines: &[Line<'t>]| lines.iter().map(|line| line.text).collect::<Vec<_>>();
        let differ = differences(texts(&self.whole).into_iter(), texts(lines).into_iter());
        let (mut old, mut new) = (0, 0);
        for (gone, came) in differ.into_iter().chain([(self.whole.len()..0, lines.len()..0)]) {
            for (old, new) in (old..gone.start).zip(new..came.start) {
                if lines[new].traced.origin == origin {
                    lines[new].traced = self.whole[old].traced.clone();
                }
            }
            (old, new) = (gone.end, came.end);
        }
    }

    /// Lines as they were made of others: those that stayed keep their origin. The first of them is the file's line after `before`.
    pub fn merged(
        &mut self,
        old: &[Line<'t>],
        new: &[&'t str],
        before: usize,
        origin: Origin,
        at: i64,
    ) -> Vec<Line<'t>> {
        let (mut lines, mut from) = (Vec::with_capacity(new.len()), 0);
        for (gone, came) in differences(old.iter().map(|line| line.text), new.iter().copied()) {
            lines.extend_from_slice(&old[from..gone.start]);
            let appeared = (!came.is_empty()).then(|| {
                let gone = old[gone.clone()].iter().flat_map(|line| words(line.text)).collect();
                self.appearances.push(Appearance { after: self.at, until: at, gone });
                self.appearances.len() - 1
            });
            let first = before + came.start;
            lines.extend(new_lines(new[came].iter().copied(), first, origin, appeared));
            from = gone.end;
        }
        lines.extend_from_slice(&old[from..]);
        lines
    }
}

/// New lines below the first so many.
fn new_lines<'t>(
    texts: impl Iterator<Item = &'t str>,
    before: usize,
    origin: Origin,
    appeared: Option<usize>,
) -> Vec<Line<'t>> {
    let line = |(at, text)| Line { text, traced: Traced { origin, number: before + at + 1, appeared } };
    texts.enumerate().map(line).collect()
}
