//! The page at the right as it is looked at: how far it is scrolled, which turn is the one, and what was found in it.

use codex_git::SessionId;

use super::page::{Page, Wanted, What};

/// A page that is looked at. It shows nothing until one was read.
#[derive(Default)]
pub struct View {
    page: Option<Page>,
    top: usize,
    /// Which of the page's turns is the one that keys mean.
    turn: usize,
    /// Whether the person went somewhere in it.
    is_moved: bool,
    /// What is looked for, and the line that it was found on last.
    sought: String,
    found: Option<usize>,
    /// Whether what was looked for while more was read is nowhere.
    sought_in_vain: bool,
    /// What is to happen when more of the page was read.
    then: Option<Then>,
}

/// What waits for more of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Begin,
    Find,
    /// The turn of a session is gone to.
    Turn(SessionId, u32),
}

impl View {
    /// The page, if it shows what is wanted, be it another part of it.
    pub fn page(&self, wanted: &Wanted) -> Option<&Page> {
        self.page.as_ref().filter(|page| page.of.is_like(wanted))
    }

    /// Takes a page that was read. Where one shows more than the last did, the place stays.
    pub fn take(&mut self, page: Page, rows: usize) {
        let before = self.page.take().filter(|before| before.of.is_like(&page.of));
        match before {
            Some(before) => {
                let last = page.turns.len().saturating_sub(1);
                let number = before.turns.get(self.turn).map(|(number, _)| *number);
                let below = |page: &Page, turn: usize| page.turns.get(turn).map_or(0, |(_, line)| *line);
                let offset = self.top as isize - below(&before, self.turn) as isize;
                self.turn = page.turns.iter().position(|(own, _)| Some(*own) == number).unwrap_or(last);
                self.top = below(&page, self.turn).saturating_add_signed(offset);
            }
            None => {
                (self.is_moved, self.found) = (false, None);
                self.then =
                    self.then.filter(|then| matches!(then, Then::Turn(session, _) if *session == page.of.session()));
            }
        }
        self.page = Some(page);
        self.fit(rows);
        match self.then {
            Some(Then::Turn(_, number)) => self.go_to_turn(number, rows),
            Some(Then::Begin) if self.is_whole() => self.go_to_start(rows),
            Some(Then::Find) if self.is_whole() => self.sought_in_vain = !self.find_on(rows),
            _ => return,
        }
        self.then = None;
    }

    /// Takes note of how many rows there are. Who went nowhere sees the last turn of a conversation, and the first of what was found.
    pub fn fit(&mut self, rows: usize) {
        if let Some(page) = self.page.as_ref().filter(|_| !self.is_moved) {
            let is_talk = matches!(page.of.what, What::Talk { .. });
            self.turn = if is_talk { page.turns.len().saturating_sub(1) } else { 0 };
            self.top = page.turns.get(self.turn).filter(|_| is_talk).map_or(0, |(_, line)| *line);
        }
        self.settle(rows);
    }

    /// Has a turn of a session gone to as soon as a page is there that has it.
    pub fn go_to_turn_of(&mut self, session: SessionId, number: u32) {
        self.then = Some(Then::Turn(session, number));
    }

    fn go_to_turn(&mut self, number: u32, rows: usize) {
        let turns = self.page.as_ref().map_or(&[][..], |page| &page.turns);
        let Some(at) = turns.iter().position(|(own, _)| *own == number) else { return };
        (self.turn, self.top, self.is_moved) = (at, turns[at].1, true);
        self.settle(rows);
    }

    /// Whether more is being read, and then gone to.
    pub fn waits(&self) -> bool {
        self.then.is_some()
    }

    /// How many rows of a pane stay for the lines below the head.
    pub fn body(&self, rows: usize) -> usize {
        rows - self.head(rows)
    }

    /// How many rows of the head are shown.
    pub fn head(&self, rows: usize) -> usize {
        self.page.as_ref().map_or(0, |page| page.head.len()).min(rows / 2)
    }

    /// The line that stands first.
    pub fn top(&self) -> usize {
        self.top
    }

    /// The line that was found last.
    pub fn found(&self) -> Option<usize> {
        self.found
    }

    /// The number of the turn that keys mean, and its line. There is none while what was gone to is read.
    pub fn turn(&self) -> Option<(u32, usize)> {
        self.page.as_ref().filter(|_| !self.waits())?.turns.get(self.turn).copied()
    }

    /// Moves by lines.
    pub fn scroll(&mut self, by: isize, rows: usize) {
        (self.is_moved, self.then) = (true, None);
        self.top = self.top.saturating_add_signed(by);
        self.settle(rows);
        let turns = self.page.as_ref().map_or(&[][..], |page| &page.turns);
        let (top, end) = (self.top, self.top + self.body(rows));
        // The turn that the first line is in, or else the first that begins in sight.
        let above = turns.iter().rposition(|(_, line)| *line <= top);
        let is_seen = turns.get(self.turn).is_some_and(|(_, line)| (top..end).contains(line));
        if !is_seen {
            self.turn = above.unwrap_or(0);
        }
    }

    /// Goes to the turn after, or the one before.
    pub fn step(&mut self, by: isize, rows: usize) {
        let Some(page) = &self.page else { return };
        (self.is_moved, self.then) = (true, None);
        self.turn = self.turn.saturating_add_signed(by).min(page.turns.len().saturating_sub(1));
        self.top = page.turns.get(self.turn).map_or(self.top, |(_, line)| *line);
        self.settle(rows);
    }

    /// Goes to where it begins. Whether that was read.
    pub fn begin(&mut self, rows: usize) -> bool {
        self.go_to_start(rows);
        self.then = (!self.is_whole()).then_some(Then::Begin);
        self.then.is_none()
    }

    fn go_to_start(&mut self, rows: usize) {
        (self.top, self.turn, self.is_moved) = (0, 0, true);
        self.settle(rows);
    }

    /// Goes to its end.
    pub fn end(&mut self, rows: usize) {
        (self.top, self.is_moved, self.then) = (usize::MAX, true, None);
        self.turn = self.page.as_ref().map_or(0, |page| page.turns.len().saturating_sub(1));
        self.settle(rows);
    }

    /// Whether it begins before what was read, and that is in sight.
    pub fn wants_more(&self) -> bool {
        self.top == 0 && self.page.is_some() && !self.is_whole()
    }

    /// Looks for a text from the line after the last find on, or for the same again, if none is given. `None`: all has to be read first.
    pub fn find(&mut self, text: &str, rows: usize) -> Option<bool> {
        if !text.is_empty() && text != self.sought {
            (self.sought, self.found) = (text.to_owned(), None);
        }
        if !self.is_whole() {
            self.then = Some(Then::Find);
            return None;
        }
        Some(self.find_on(rows))
    }

    /// Whether a find that waited has found nothing; it is told once.
    pub fn was_in_vain(&mut self) -> bool {
        std::mem::take(&mut self.sought_in_vain)
    }

    fn find_on(&mut self, rows: usize) -> bool {
        let Some(page) = self.page.as_ref().filter(|_| !self.sought.is_empty()) else { return false };
        let (sought, has_capital) = (self.sought.to_lowercase(), self.sought.chars().any(char::is_uppercase));
        let has_it = |line: &usize| {
            let text = page.lines[*line].text();
            if has_capital { text.contains(&self.sought) } else { text.to_lowercase().contains(&sought) }
        };
        let next = self.found.map_or(0, |found| found + 1);
        self.found = (next..page.lines.len()).chain(0..next.min(page.lines.len())).find(has_it);
        if let Some(line) = self.found {
            self.is_moved = true;
            self.turn = page.turns.iter().rposition(|(_, start)| *start <= line).unwrap_or(0);
            self.top = line.saturating_sub(self.body(rows) / 3);
            self.settle(rows);
        }
        self.found.is_some()
    }

    fn is_whole(&self) -> bool {
        match &self.page {
            Some(page) => page.is_whole || !matches!(page.of.what, What::Talk { .. }),
            None => false,
        }
    }

    /// Scrolls no further than to where the last line stands at the bottom.
    fn settle(&mut self, rows: usize) {
        let lines = self.page.as_ref().map_or(0, |page| page.lines.len());
        self.top = self.top.min(lines.saturating_sub(self.body(rows)));
    }
}

#[cfg(test)]
mod tests {
    use codex_git::render::{Line, Style};

    use super::super::entry::made_up::id;
    use super::*;

    /// A page of turns with so many lines each, of which the last is numbered nine.
    fn page(lengths: &[usize], is_whole: bool) -> Page {
        let (mut lines, mut turns) = (Vec::new(), Vec::new());
        for (at, length) in lengths.iter().enumerate() {
            let number = 9 + at + 1 - lengths.len();
            turns.push((u32::try_from(number).unwrap(), lines.len()));
            lines.extend((0..*length).map(|line| Line::of(Style::Plain, &format!("turn {number} line {line}"))));
        }
        let of = Wanted { what: What::Talk { session: id(1), turns: lengths.len() }, width: 40 };
        Page { of, head: vec![Line::default(); 2], lines, turns, is_whole }
    }

    fn view(lengths: &[usize], is_whole: bool) -> View {
        let mut view = View::default();
        view.take(page(lengths, is_whole), 12);
        view
    }

    #[test]
    fn it_begins_at_the_last_turn_and_fills_the_pane() {
        assert_eq!((view(&[20, 30], true).top(), view(&[20, 30], true).turn()), (20, Some((9, 20))));
        // Ten rows are below the head.
        assert_eq!(view(&[20, 4], true).top(), 14);
        assert_eq!(view(&[3], true).top(), 0);
        assert_eq!(view(&[], true).turn(), None);
    }

    #[test]
    fn turns_are_stepped_through_and_follow_the_lines() {
        let mut view = view(&[20, 20, 30], true);
        view.step(-1, 12);
        assert_eq!((view.top(), view.turn()), (20, Some((8, 20))));
        view.scroll(-5, 12);
        assert_eq!(view.turn(), Some((8, 20)), "it is still in sight");
        view.scroll(-6, 12);
        assert_eq!(view.turn(), Some((7, 0)));
        view.step(-5, 12);
        assert_eq!((view.top(), view.turn()), (0, Some((7, 0))));
        view.end(12);
        assert_eq!((view.top(), view.turn()), (60, Some((9, 40))));
    }

    #[test]
    fn the_place_stays_when_more_is_read() {
        let mut view = view(&[20, 30], false);
        view.step(-1, 12);
        view.scroll(-3, 12);
        assert!(view.wants_more());
        view.take(page(&[7, 8, 20, 30], true), 12);
        assert_eq!((view.top(), view.turn(), view.wants_more()), (15, Some((8, 15)), false));
    }

    #[test]
    fn a_turn_is_gone_to_when_its_page_comes_and_until_then_none_is_marked() {
        let mut view = view(&[20, 20, 30], true);
        view.go_to_turn_of(id(1), 8);
        assert_eq!((view.waits(), view.turn()), (true, None));
        let mut other = page(&[5, 5], true);
        other.of.what = What::Talk { session: id(2), turns: 2 };
        view.take(other, 12);
        assert_eq!((view.waits(), view.turn()), (false, Some((9, 5))), "another session has other turns");
        view.go_to_turn_of(id(1), 8);
        view.take(page(&[20, 20, 30], true), 12);
        assert_eq!((view.top(), view.turn()), (20, Some((8, 20))));
        view.go_to_turn_of(id(1), 1);
        view.scroll(1, 12);
        assert_eq!((view.top(), view.waits()), (21, false), "who goes elsewhere is not taken away");
    }

    #[test]
    fn the_beginning_and_what_is_looked_for_may_have_to_be_read_first() {
        let mut view = view(&[20, 30], false);
        assert!(!view.begin(12));
        view.take(page(&[7, 8, 20, 30], true), 12);
        assert_eq!(view.top(), 0);
        let mut view = self::view(&[20, 30], false);
        assert_eq!(view.find("TURN 7 line 3", 12), None);
        assert_eq!(view.find("turn 7 line 3", 12), None);
        view.take(page(&[7, 8, 20, 30], true), 12);
        assert_eq!((view.found(), view.turn()), (Some(10), Some((7, 7))));
        assert_eq!(view.find("", 12), Some(true));
        assert_eq!(view.find("no such line", 12), Some(false));
        assert_eq!(view.find("line 2", 12), Some(true));
        assert_eq!(view.find("line 2", 12), Some(true));
        assert_eq!(view.found(), Some(9));
    }
}
