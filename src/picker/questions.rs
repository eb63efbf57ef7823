//! What the line at the bottom asks: for names, and whether something is meant.

use super::edit::{Edit, edited};
use super::key::Key;
use super::request::{Deed, Wish};
use super::state::{Mode, Picker};

impl Picker {
    /// Takes a key as an answer.
    pub(super) fn answer(&mut self, asking: Mode, key: Key) -> Option<Wish> {
        match asking {
            Mode::Plain | Mode::Finding { .. } => {}
            Mode::Help { from } => self.read_help(from, key),
            Mode::Saving { session, turn, mut name } => match edited(&mut name, key) {
                Edit::Goes => self.mode = Mode::Saving { session, turn, name },
                Edit::Ends => return deed(name, |name| Deed::Save { session, turn, name, moves: false }),
                Edit::Off => {}
            },
            Mode::Renaming { session, mut name } => match edited(&mut name, key) {
                Edit::Goes => self.mode = Mode::Renaming { session, name },
                Edit::Ends => return deed(name, |name| Deed::Rename { session, name }),
                Edit::Off => {}
            },
            Mode::Moving { session, turn, name, .. } => {
                let moves = matches!(key, Key::Char('y' | 'Y'));
                return moves.then_some(Wish::Do(Deed::Save { session, turn, name, moves }));
            }
            Mode::Deleting { saves, at } => return self.delete(saves, at, key),
        }
        None
    }

    pub(super) fn ask_for_save(&mut self, turn: Option<u32>) {
        if let Some(session) = self.selected() {
            self.mode = Mode::Saving { session, turn, name: String::new() };
        }
    }

    pub(super) fn ask_for_name(&mut self) {
        if let Some(entry) = self.entry() {
            self.mode = Mode::Renaming { session: entry.id, name: entry.name.clone().unwrap_or_default() };
        }
    }

    pub(super) fn ask_which_save(&mut self) {
        match self.entry().map(|entry| entry.saves.clone()) {
            Some(saves) if !saves.is_empty() => self.mode = Mode::Deleting { saves, at: 0 },
            Some(_) => self.tell("this session has no save".to_owned()),
            None => {}
        }
    }

    fn delete(&mut self, mut saves: Vec<String>, at: usize, key: Key) -> Option<Wish> {
        let count = saves.len();
        match key {
            Key::Char('y' | 'Y') => return Some(Wish::Do(Deed::Delete { name: saves.swap_remove(at) })),
            Key::Down | Key::Tab => self.mode = Mode::Deleting { saves, at: (at + 1) % count },
            Key::Up => self.mode = Mode::Deleting { saves, at: (at + count - 1) % count },
            _ => {}
        }
        None
    }

    /// The help is scrolled, or any other key ends it.
    fn read_help(&mut self, from: usize, key: Key) {
        match key {
            Key::Down | Key::PageDown => self.mode = Mode::Help { from: from + 1 },
            Key::Up | Key::PageUp => self.mode = Mode::Help { from: from.saturating_sub(1) },
            _ => {}
        }
    }
}

/// What a name that was typed is for; nothing, if none was.
fn deed(typed: String, of: impl FnOnce(String) -> Deed) -> Option<Wish> {
    (!typed.trim().is_empty()).then(|| Wish::Do(of(typed)))
}
