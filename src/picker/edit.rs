//! Lines that are typed at the bottom: names, and what is looked for.

use super::key::Key;

/// What becomes of a line that is typed.
pub(super) enum Edit {
    /// It goes on.
    Goes,
    /// It is done.
    Ends,
    /// It is given up.
    Off,
}

/// Takes a key into a line.
pub(super) fn edited(line: &mut String, key: Key) -> Edit {
    match key {
        Key::Char(letter) => line.push(letter),
        Key::Backspace => {
            line.pop();
        }
        Key::Ctrl('u') => line.clear(),
        Key::Enter => return Edit::Ends,
        Key::Esc => return Edit::Off,
        _ => {}
    }
    Edit::Goes
}
