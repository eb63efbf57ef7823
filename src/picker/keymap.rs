//! What each key does, in one table: the keys obey it, and the bottom line and the help are made of it.

use super::Key;

/// The two halves of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The tree of sessions.
    List,
    /// The conversation.
    Page,
}

/// What a key can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Switch,
    Choose,
    Fork,
    Save,
    ForkHere,
    SaveHere,
    Rename,
    Copy,
    Export,
    DeleteSave,
    Graph,
    Everywhere,
    Agents,
    NextTurn,
    PreviousTurn,
    Find,
    OpenTurn,
    EraseWord,
    EraseAll,
    Redraw,
    Suspend,
    Help,
    Back,
}

/// A row of the table.
pub struct Binding {
    /// Where the key does it; everywhere, if no pane is named.
    pub pane: Option<Pane>,
    pub keys: &'static [Key],
    pub act: Act,
    /// What the keys are called.
    pub label: &'static str,
    /// What it does, in a word, if that stands in the bottom line.
    pub short: &'static str,
    /// What it does, for the help; nothing where another row tells it.
    pub words: &'static str,
}

const fn bind(
    pane: Option<Pane>,
    keys: &'static [Key],
    act: Act,
    label: &'static str,
    short: &'static str,
    words: &'static str,
) -> Binding {
    Binding { pane, keys, act, label, short, words }
}

const LIST: Option<Pane> = Some(Pane::List);
const PAGE: Option<Pane> = Some(Pane::Page);

/// The table. Of keys that belong together, the first tells what they do.
pub const BINDINGS: [Binding; 39] = [
    bind(None, &[Key::Enter], Act::Choose, "⏎", "resume", "continue the session in Codex"),
    bind(LIST, &[Key::Tab], Act::Switch, "Tab", "read", "go to the conversation, and back"),
    bind(LIST, &[Key::Ctrl('f')], Act::Fork, "^F", "fork", "fork the session where it stands, and continue the fork"),
    bind(LIST, &[Key::Ctrl('s')], Act::Save, "^S", "save", "save where the session stands, under a name"),
    bind(LIST, &[Key::Ctrl('y')], Act::Copy, "^Y", "copy", "copy the session's id; it is printed at the end, too"),
    bind(LIST, &[Key::Ctrl('r')], Act::Rename, "^R", "", "name the session in Codex"),
    bind(LIST, &[Key::Ctrl('o')], Act::Export, "^O", "", "open the session as a page in the browser"),
    bind(LIST, &[Key::Ctrl('d')], Act::DeleteSave, "^D", "", "delete a save of the session; its turn stays"),
    bind(
        LIST,
        &[Key::Ctrl('g')],
        Act::Graph,
        "^G",
        "",
        "draw the session with its family, or go back to the conversation",
    ),
    bind(LIST, &[Key::Ctrl('t')], Act::Everywhere, "^T", "", "list the sessions of all directories, or of this one"),
    bind(LIST, &[Key::Ctrl('a')], Act::Agents, "^A", "", "list the sessions that other sessions started, or hide them"),
    bind(LIST, &[], Act::Help, "?text", "search", "list the sessions that have this text in their conversations"),
    bind(
        PAGE,
        &[Key::Char('f')],
        Act::ForkHere,
        "f",
        "fork here",
        "in a conversation: fork at this turn, and continue the fork",
    ),
    bind(PAGE, &[Key::Char('s')], Act::SaveHere, "s", "save here", "in a conversation: save this turn, under a name"),
    bind(PAGE, &[Key::Char('n')], Act::NextTurn, "n p", "turns", "in a conversation: the next turn, the one before"),
    bind(PAGE, &[Key::Char('p')], Act::PreviousTurn, "p", "", ""),
    bind(
        PAGE,
        &[Key::Char('/')],
        Act::Find,
        "/",
        "find",
        "in a conversation: find a text; empty, the next place of the same",
    ),
    bind(
        PAGE,
        &[Key::Char('o')],
        Act::OpenTurn,
        "o",
        "open",
        "among what was found: open the conversation at this turn",
    ),
    bind(PAGE, &[Key::Tab], Act::Switch, "Tab", "sessions", ""),
    bind(PAGE, &[Key::Ctrl('f')], Act::Fork, "^F", "", ""),
    bind(PAGE, &[Key::Ctrl('s')], Act::Save, "^S", "", ""),
    bind(PAGE, &[Key::Ctrl('y')], Act::Copy, "^Y", "", ""),
    bind(PAGE, &[Key::Ctrl('r')], Act::Rename, "^R", "", ""),
    bind(PAGE, &[Key::Ctrl('o')], Act::Export, "^O", "", ""),
    bind(PAGE, &[Key::Ctrl('d')], Act::DeleteSave, "^D", "", ""),
    bind(PAGE, &[Key::Ctrl('g')], Act::Graph, "^G", "", ""),
    bind(
        None,
        &[Key::Up, Key::Ctrl('p')],
        Act::Up,
        "↑ ↓",
        "",
        "one up, one down; PgUp PgDn by a screen, Home End to the ends",
    ),
    bind(None, &[Key::Down, Key::Ctrl('n')], Act::Down, "↓", "", ""),
    bind(None, &[Key::PageUp], Act::PageUp, "PgUp", "", ""),
    bind(None, &[Key::PageDown], Act::PageDown, "PgDn", "", ""),
    bind(None, &[Key::Home], Act::First, "Home", "", ""),
    bind(None, &[Key::End], Act::Last, "End", "", ""),
    bind(LIST, &[Key::Ctrl('w')], Act::EraseWord, "^W ^U", "", "erase the last word of the filter, or all of it"),
    bind(LIST, &[Key::Ctrl('u')], Act::EraseAll, "^U", "", ""),
    bind(None, &[Key::Ctrl('l')], Act::Redraw, "^L", "", "list the sessions anew, and draw the screen anew"),
    bind(None, &[Key::Ctrl('z')], Act::Suspend, "^Z", "", "stop until the shell's `fg`"),
    bind(None, &[Key::F1], Act::Help, "F1", "keys", ""),
    bind(LIST, &[Key::Esc], Act::Back, "Esc", "quit", "back: from the conversation, the graph, the filter; then quit"),
    bind(PAGE, &[Key::Esc], Act::Back, "Esc", "", ""),
];

/// What a key does in a pane; nothing, if it is no key of the table.
pub fn act(pane: Pane, key: Key) -> Option<Act> {
    let is_it = |binding: &&Binding| binding.pane.is_none_or(|own| own == pane) && binding.keys.contains(&key);
    BINDINGS.iter().find(is_it).map(|binding| binding.act)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_does_one_thing_in_a_pane() {
        for pane in [Pane::List, Pane::Page] {
            let here = || BINDINGS.iter().filter(|binding| binding.pane.is_none_or(|own| own == pane));
            let keys: Vec<Key> = here().flat_map(|binding| binding.keys.iter().copied()).collect();
            for key in &keys {
                assert_eq!(keys.iter().filter(|other| *other == key).count(), 1, "{key:?} in {pane:?}");
            }
        }
    }

    #[test]
    fn what_is_typed_into_the_filter_is_no_key() {
        assert!(
            BINDINGS
                .iter()
                .filter(|binding| binding.pane != Some(Pane::Page))
                .all(|binding| { binding.keys.iter().all(|key| !matches!(key, Key::Char(_))) })
        );
        assert_eq!(act(Pane::List, Key::Char('f')), None);
        assert_eq!(act(Pane::Page, Key::Char('f')), Some(Act::ForkHere));
    }
}
