//! What a key comes to.

use super::edit::{Edit, edited};
use super::key::Key;
use super::keymap::{Act, Pane, act};
use super::page::{Wanted, What};
use super::request::{Choice, Deed, Wish};
use super::state::{Mode, NOT_FOUND, Picker, Purpose};

impl Picker {
    /// Takes a key; what is wished, if others have to do something.
    pub fn press(&mut self, key: Key) -> Option<Wish> {
        self.news = None;
        if key == Key::Ctrl('c') {
            return Some(Wish::Leave);
        }
        match std::mem::take(&mut self.mode) {
            Mode::Plain => self.act_on(key),
            Mode::Finding { mut text } => {
                match edited(&mut text, key) {
                    Edit::Goes => self.mode = Mode::Finding { text },
                    Edit::Ends => self.find(&text),
                    Edit::Off => {}
                }
                None
            }
            asking => self.answer(asking, key),
        }
    }

    /// Takes what was pasted: text, and no keys.
    pub fn paste(&mut self, text: &str) {
        let takes_text = match self.mode {
            Mode::Plain => self.pane == Pane::List,
            Mode::Saving { .. } | Mode::Renaming { .. } | Mode::Finding { .. } => true,
            Mode::Moving { .. } | Mode::Deleting { .. } | Mode::Help { .. } => false,
        };
        let line = text.split(['\r', '\n']).next().unwrap_or_default();
        for letter in line.chars().filter(|letter| takes_text && !letter.is_control()) {
            // A letter of a text wishes nothing.
            self.press(Key::Char(letter));
        }
    }

    fn act_on(&mut self, key: Key) -> Option<Wish> {
        let Some(act) = act(self.pane, key) else {
            self.type_key(key);
            return None;
        };
        match act {
            Act::Up => self.by(-1),
            Act::Down => self.by(1),
            Act::PageUp => self.by(-self.screenful()),
            Act::PageDown => self.by(self.screenful()),
            Act::First => self.first(),
            Act::Last => self.last(),
            Act::NextTurn => self.view.step(1, self.panes.rows()),
            Act::PreviousTurn => {
                self.view.step(-1, self.panes.rows());
                self.read_on();
            }
            Act::Switch => self.pane = if self.pane == Pane::List { Pane::Page } else { Pane::List },
            Act::Choose => return self.choice(None, self.purpose == Purpose::Fork),
            Act::Fork => return self.choice(None, true),
            Act::ForkHere | Act::SaveHere if !self.marks_a_turn() && !self.view.waits() => {
                self.tell("no turn is marked here: Esc leaves this page".to_owned());
            }
            Act::ForkHere | Act::SaveHere if self.view.waits() => {}
            Act::ForkHere => return self.choice(self.turn(), true),
            Act::Save => self.ask_for_save(None),
            Act::SaveHere => self.ask_for_save(self.turn()),
            Act::Rename => self.ask_for_name(),
            Act::DeleteSave => self.ask_which_save(),
            Act::OpenTurn => self.open_turn(),
            Act::Find => self.mode = Mode::Finding { text: String::new() },
            Act::Copy => return self.copy(),
            Act::Export => return Some(Wish::Do(Deed::Export { session: self.selected()? })),
            Act::Graph => self.shows_graph = !self.shows_graph,
            Act::Agents => {
                self.shows_agents = !self.shows_agents;
                self.refilter();
            }
            Act::Everywhere => {
                self.tell("reading the sessions …".to_owned());
                return Some(Wish::List { everywhere: !self.listing().everywhere });
            }
            Act::EraseWord | Act::EraseAll => self.erase(act == Act::EraseAll),
            Act::Help => self.mode = Mode::Help { from: 0 },
            Act::Redraw => return Some(Wish::Redraw),
            Act::Suspend => return Some(Wish::Suspend),
            Act::Back => return self.back(),
        }
        None
    }

    /// Whether something can be done where the person is. The line at the bottom offers nothing else.
    pub fn can(&self, act: Act) -> bool {
        let shows = self.wanted().map(|wanted| wanted.what);
        match act {
            Act::Switch if self.pane == Pane::Page => true,
            Act::Choose | Act::Fork | Act::Save | Act::Copy | Act::Switch => shows.is_some(),
            Act::ForkHere | Act::SaveHere | Act::NextTurn => self.marks_a_turn(),
            Act::OpenTurn => matches!(shows, Some(What::Hits { .. })),
            Act::Find => matches!(shows, Some(What::Talk { .. })),
            _ => true,
        }
    }

    fn type_key(&mut self, key: Key) {
        if self.pane != Pane::List {
            return;
        }
        match key {
            Key::Char(letter) => self.typed.push(letter),
            Key::Backspace => {
                self.typed.pop();
            }
            _ => return,
        }
        self.refilter();
    }

    fn erase(&mut self, all: bool) {
        let kept = self.typed.trim_end().rsplit_once(' ').map_or(0, |(before, _)| before.len() + 1);
        self.typed.truncate(if all { 0 } else { kept });
        self.refilter();
    }

    /// Esc goes one thing back at a time.
    fn back(&mut self) -> Option<Wish> {
        if self.pane == Pane::Page && self.opened.is_some() && !self.shows_graph {
            self.close_turn();
        } else if self.pane == Pane::Page {
            self.pane = Pane::List;
        } else if self.shows_graph {
            self.shows_graph = false;
        } else if !self.typed.is_empty() {
            self.erase(true);
        } else {
            return Some(Wish::Leave);
        }
        None
    }

    fn by(&mut self, by: isize) {
        match self.pane {
            Pane::List => self.move_by(by),
            Pane::Page => {
                self.view.scroll(by, self.panes.rows());
                self.read_on();
            }
        }
    }

    fn first(&mut self) {
        if self.pane == Pane::List {
            self.go_to(0);
        } else if !self.view.begin(self.panes.rows()) {
            self.read_more(true);
        }
    }

    fn last(&mut self) {
        match self.pane {
            Pane::List => self.go_to(usize::MAX),
            Pane::Page => self.view.end(self.panes.rows()),
        }
    }

    /// Has more read, where the beginning of what was read is in sight and the person goes up.
    fn read_on(&mut self) {
        if self.view.wants_more() && self.page().is_some() {
            self.read_more(false);
        }
    }

    fn screenful(&self) -> isize {
        let rows = if self.pane == Pane::List { self.panes.rows() } else { self.view.body(self.panes.rows()) };
        isize::try_from(rows.saturating_sub(1).max(1)).unwrap_or(1)
    }

    /// Opens the conversation at the turn that is marked among what was found, or goes back to that.
    fn open_turn(&mut self) {
        if self.opened.is_some() {
            self.close_turn();
        } else if let Some((Wanted { what: What::Hits { .. }, .. }, turn)) = self.wanted().zip(self.turn()) {
            self.open_at(turn);
        } else {
            self.tell("this opens a turn among what ?text finds".to_owned());
        }
    }

    /// Goes back to what was found.
    fn close_turn(&mut self) {
        let turn = self.turn();
        if let Some((session, turn)) = self.opened.take().zip(turn) {
            self.view.go_to_turn_of(session, turn);
        }
    }

    /// Whether what stands at the right has a turn that is marked.
    pub fn marks_a_turn(&self) -> bool {
        self.wanted().is_some_and(|wanted| !matches!(wanted.what, What::Graph { .. })) && self.turn().is_some()
    }

    /// The turn that keys mean in the conversation.
    fn turn(&self) -> Option<u32> {
        self.page()?;
        self.view.turn().map(|(number, _)| number)
    }

    fn choice(&self, turn: Option<u32>, is_fork: bool) -> Option<Wish> {
        Some(Wish::Choose(Choice { session: self.selected()?, turn, is_fork }))
    }

    fn copy(&mut self) -> Option<Wish> {
        let session = self.selected()?;
        self.tell(format!("copied {session}; it is printed at the end, too"));
        Some(Wish::Copy(session))
    }

    fn find(&mut self, text: &str) {
        match self.view.find(text, self.panes.rows()) {
            Some(true) => {}
            Some(false) => self.tell(NOT_FOUND.to_owned()),
            None => self.read_more(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use codex_git::render::Line;

    use super::super::entry::made_up::{entry, id};
    use super::super::page::Page;
    use super::super::panes::Panes;
    use super::super::state::Listing;
    use super::*;

    fn picker(purpose: Purpose) -> Picker {
        let mut entries: Vec<_> =
            [("tally", None), ("a fork", Some(0)), ("Words", None)].iter().enumerate().map(made_up).collect();
        entries[0].saves = vec!["begun".to_owned(), "done".to_owned()];
        entries.push(crate::picker::Entry { is_agent: true, ..entry(3, "an agent", Some(0)) });
        let listing = Listing { entries, place: "~/tally".to_owned(), everywhere: false, all: 9 };
        Picker::new(listing, purpose, Panes { width: 80, height: 24 })
    }

    fn made_up((number, (title, base)): (usize, &(&str, Option<usize>))) -> crate::picker::Entry {
        entry(number, title, *base)
    }

    fn typed(picker: &mut Picker, text: &str) -> Option<Wish> {
        text.chars().fold(None, |_, letter| picker.press(Key::Char(letter)))
    }

    /// Has the picker show a conversation of three turns.
    fn read(picker: &mut Picker) {
        let wanted = picker.wanted().unwrap();
        let turns = vec![(1, 0), (2, 10), (3, 20)];
        picker.show(Page { of: wanted, head: Vec::new(), lines: vec![Line::default(); 30], turns, is_whole: true });
    }

    #[test]
    fn letters_filter_and_what_is_selected_stays_selected() {
        let mut picker = picker(Purpose::Look);
        picker.press(Key::End);
        assert_eq!((picker.selected(), picker.count()), (Some(id(2)), (3, 3)));
        assert_eq!(typed(&mut picker, "w"), None);
        assert_eq!((picker.selected(), picker.count()), (Some(id(2)), (1, 3)));
        picker.press(Key::Backspace);
        assert_eq!((picker.selected(), picker.count()), (Some(id(2)), (3, 3)));
        typed(&mut picker, "no such session");
        assert_eq!((picker.selected(), picker.press(Key::Enter)), (None, None));
        picker.press(Key::Ctrl('w'));
        assert_eq!(picker.typed(), "no such ");
        picker.press(Key::Ctrl('a'));
        picker.press(Key::Ctrl('u'));
        assert_eq!(picker.count(), (4, 4));
    }

    #[test]
    fn enter_and_the_fork_key_choose() {
        let choice = |turn, is_fork| Some(Wish::Choose(Choice { session: id(0), turn, is_fork }));
        assert_eq!(picker(Purpose::Look).press(Key::Enter), choice(None, false));
        assert_eq!(picker(Purpose::Fork).press(Key::Enter), choice(None, true));
        assert_eq!(picker(Purpose::Resume).press(Key::Ctrl('f')), choice(None, true));
        let export = Wish::Do(Deed::Export { session: id(0) });
        assert_eq!(picker(Purpose::Look).press(Key::Ctrl('o')), Some(export));
        let mut picker = picker(Purpose::Look);
        read(&mut picker);
        picker.press(Key::Tab);
        picker.press(Key::Char('p'));
        assert_eq!(picker.press(Key::Char('f')), choice(Some(2), true));
        picker.press(Key::Ctrl('g'));
        assert_eq!(picker.press(Key::Char('f')), None, "in a graph no turn is marked");
    }

    #[test]
    fn names_are_typed_and_left_again() {
        let mut picker = picker(Purpose::Look);
        picker.press(Key::Ctrl('s'));
        typed(&mut picker, "q and n");
        picker.press(Key::Esc);
        assert_eq!((picker.mode(), picker.typed()), (&Mode::Plain, ""));
        picker.press(Key::Ctrl('s'));
        assert_eq!(picker.press(Key::Enter), None, "a name is needed");
        picker.press(Key::Ctrl('s'));
        typed(&mut picker, "wip");
        let save = Deed::Save { session: id(0), turn: None, name: "wip".to_owned(), moves: false };
        assert_eq!(picker.press(Key::Enter), Some(Wish::Do(save)));
        picker.press(Key::Ctrl('r'));
        picker.paste("a name\nand more");
        let rename = Deed::Rename { session: id(0), name: "a name".to_owned() };
        assert_eq!(picker.press(Key::Enter), Some(Wish::Do(rename)));
    }

    #[test]
    fn a_save_is_deleted_only_after_a_yes() {
        let mut picker = picker(Purpose::Look);
        picker.press(Key::Ctrl('d'));
        assert_eq!(picker.press(Key::Enter), None);
        assert_eq!(picker.mode(), &Mode::Plain);
        picker.press(Key::Ctrl('d'));
        picker.paste("y");
        assert!(matches!(picker.mode(), Mode::Deleting { at: 0, .. }), "what is pasted is no answer");
        picker.press(Key::Down);
        let delete = Deed::Delete { name: "done".to_owned() };
        assert_eq!(picker.press(Key::Char('y')), Some(Wish::Do(delete)));
        picker.press(Key::Down);
        picker.press(Key::Ctrl('d'));
        assert_eq!((picker.mode(), picker.news()), (&Mode::Plain, Some("this session has no save")));
    }

    #[test]
    fn esc_goes_one_thing_back_at_a_time() {
        let mut picker = picker(Purpose::Look);
        typed(&mut picker, "t");
        picker.press(Key::Ctrl('g'));
        picker.press(Key::Tab);
        picker.press(Key::F1);
        let graph = |picker: &Picker| matches!(picker.wanted(), Some(Wanted { what: What::Graph { .. }, .. }));
        assert_eq!(picker.press(Key::Esc), None);
        assert_eq!((picker.mode(), picker.pane()), (&Mode::Plain, Pane::Page));
        assert_eq!(picker.press(Key::Esc), None);
        assert!(picker.pane() == Pane::List && graph(&picker));
        assert_eq!(picker.press(Key::Esc), None);
        assert!(!graph(&picker) && picker.typed() == "t");
        assert_eq!(picker.press(Key::Esc), None);
        assert_eq!(picker.typed(), "");
        assert_eq!(picker.press(Key::Esc), Some(Wish::Leave));
    }

    #[test]
    fn what_is_looked_for_in_conversations_lists_what_has_it() {
        let mut picker = picker(Purpose::Look);
        typed(&mut picker, "?x");
        assert!(picker.is_searching() && picker.count().0 == 0);
        picker.search_begins("x");
        picker.search_finds("older", [id(2)]);
        picker.search_finds("x", [id(3)]);
        assert_eq!(picker.selected(), Some(id(3)), "an agent that was found is listed");
        let hits = What::Hits { session: id(3), text: "x".to_owned() };
        assert_eq!(picker.wanted().map(|wanted| wanted.what), Some(hits));
        picker.search_ends("x");
        assert!(!picker.is_searching());
        picker.press(Key::Esc);
        assert_eq!(picker.count(), (3, 3));
    }
}
