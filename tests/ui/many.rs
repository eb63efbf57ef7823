//! Ten thousand sessions.

use super::{DOWN, ESC, USUAL, picker, selected};
use crate::support::Home;
use crate::support::synthetic::Synthetic;

const SESSIONS: usize = 10_000;

#[test]
fn ten_thousand_sessions_are_listed_filtered_and_moved_through() {
    let home = Home::empty();
    for number in 0..SESSIONS {
        let session = Synthetic::new(number);
        home.put(&session.name, session.rollout(1, 20).as_bytes());
    }
    home.ok("init -q --no-hooks");
    let mut terminal = picker(&home, USUAL);
    terminal.shows("10000 of 10000 sessions");
    // As fast as a key repeats: nobody waits for conversations that are passed by.
    terminal.press(&DOWN.repeat(300));
    terminal
        .is("the selection is at the bottom", |shown| shown.lines().nth(22).is_some_and(|row| row.starts_with('▌')));
    terminal.press("\x1b[F");
    terminal.press("00000000270f");
    let shown = terminal.shows(" 1 of 10000 sessions");
    assert!(selected(&shown).contains("turn 1 of"), "{shown}");
    terminal.shows("01a20579-8247 · 1 turn");
    terminal.press(ESC);
    terminal.shows("10000 of 10000 sessions");
    terminal.press(ESC);
    assert_eq!(terminal.wait(), 0);
}
