//! What the screen shows.

use std::fs;

use super::{DOWN, END, ENTER, ESC, F1, HOME, LARGE, SMALL, TAB, UP, USUAL, ageless, command, ctrl, picker, selected};
use crate::support::Home;
use crate::support::snapshot::check;
use crate::support::story::{Written, family, id};
use crate::support::terminal::Terminal;

/// What stands at the end of the conversation that is shown first.
const LAST: &str = "Done: rename the function words";

/// A home with a session of forty turns.
fn long() -> Home {
    let home = Home::empty();
    let all = (1..=40).fold(Written::new(1), |session, number| session.turn(&format!("step number {number} of all")));
    all.put(&home);
    home.ok("init -q --no-hooks");
    home
}

#[test]
fn three_sizes() {
    let home = family();
    let terminal = picker(&home, USUAL);
    check("ui/80x24.txt", &ageless(&terminal.shows(LAST)));
    let terminal = picker(&home, LARGE);
    check("ui/140x50.txt", &ageless(&terminal.shows(LAST)));
    let terminal = picker(&home, SMALL);
    check("ui/60x15.txt", &ageless(&terminal.shows("F1 keys")));
    terminal.press(TAB);
    check("ui/60x15-conversation.txt", &ageless(&terminal.shows("tally.py")));
}

#[test]
fn a_terminal_that_changes_its_size_shows_what_one_of_that_size_would() {
    let home = family();
    let terminal = picker(&home, USUAL);
    terminal.shows(LAST);
    terminal.resize(SMALL);
    terminal.is("the small screen", |shown| ageless(shown) == ageless(&crate::support::snapshot::read("ui/60x15.txt")));
    terminal.resize(LARGE);
    terminal
        .is("the large screen", |shown| ageless(shown) == ageless(&crate::support::snapshot::read("ui/140x50.txt")));
    // Nothing to see, and nothing breaks.
    for size in [(1, 1), (2, 3), (3, 200), (200, 2), (5, 20)] {
        terminal.resize(size);
        terminal.press(DOWN);
        terminal.press(UP);
    }
    terminal.resize(LARGE);
    terminal.press(&ctrl('l'));
    terminal
        .is("the large screen", |shown| ageless(shown) == ageless(&crate::support::snapshot::read("ui/140x50.txt")));
}

#[test]
fn without_colours_marks_and_letters_tell_all() {
    let home = family();
    let mut bare = command(&home, "--no-codex ui");
    bare.env("NO_COLOR", "1");
    for command in [bare, command(&home, "--no-codex --color never ui")] {
        let terminal = Terminal::sized(&command, USUAL);
        let shown = terminal.shows(LAST);
        assert!(selected(&shown).starts_with("> ") || selected(&shown).starts_with('>'), "{shown}");
        assert!(!terminal.is_coloured());
    }
    let mut ascii = command(&home, "--no-codex ui");
    ascii.env("LC_ALL", "C");
    let shown = Terminal::sized(&ascii, USUAL).shows("F1 keys");
    assert!(shown.lines().nth(2).unwrap().contains("|-"), "{shown}");
    assert!(picker(&home, USUAL).shows(LAST).contains('▌'));
}

#[test]
fn what_is_typed_filters_and_the_selection_moves() {
    let home = family();
    let terminal = picker(&home, USUAL);
    let shown = terminal.shows("5 of 5 sessions · all directories");
    let first = selected(&shown);
    terminal.press(DOWN);
    let second = selected(&terminal.is("the next is selected", |shown| selected(shown) != first));
    terminal.press("elsewhere");
    let shown = terminal.shows("1 of 5 sessions");
    assert!(selected(&shown).contains("a session of its own"), "{shown}");
    terminal.press(" nothing");
    terminal.shows("no session matches");
    terminal.press(ENTER);
    terminal.press(&ctrl('w'));
    terminal.shows("1 of 5 sessions");
    terminal.press(ESC);
    terminal.shows("5 of 5 sessions");
    terminal.press(HOME);
    terminal.is("the first is selected", |shown| selected(shown) == first);
    terminal.press(DOWN);
    terminal.is("the second is selected", |shown| selected(shown) == second);
    terminal.press(END);
    terminal.is("the last is selected", |shown| selected(shown).contains("a session of its own"));
    terminal.press(&ctrl('a'));
    terminal.shows("6 of 6 sessions");
}

#[test]
fn a_question_mark_searches_what_was_said() {
    let home = family();
    let terminal = picker(&home, USUAL);
    terminal.shows(LAST);
    terminal.press("?dictionary of sets");
    let is_done =
        |shown: &str| shown.contains(" 1 of 5 sessions") && !shown.contains("searching") && shown.contains("prompt");
    check("ui/search.txt", &ageless(&terminal.is("one session is found", is_done)));
}

#[test]
fn from_what_was_found_the_conversation_opens_at_its_turn_and_back() {
    let home = long();
    let terminal = picker(&home, USUAL);
    terminal.shows("Done: step number 40 of all");
    terminal.press("?number (12|31) of");
    terminal.is("two turns are found", |shown| shown.contains("number 12 of") && !shown.contains("searching"));
    terminal.press(TAB);
    let shown = terminal.shows("o open");
    assert!(!shown.contains("/ find"), "nothing is looked for in what was found: {shown}");
    terminal.is("the newest turn is marked", |shown| shown.contains("▌31"));
    terminal.press("n");
    terminal.is("the next turn is marked", |shown| shown.contains("▌12"));
    terminal.press("o");
    terminal.shows("▌── 12");
    terminal.press("p");
    terminal.shows("▌── 11");
    terminal.press("no");
    terminal.is("what was found is back, at the same turn", |shown| shown.contains("▌12"));
    terminal.press("p");
    terminal.press("s");
    terminal.shows("save turn 31 as:");
    terminal.press(ESC);
    terminal.lacks("save turn 31");
    terminal.press("o");
    terminal.shows("▌── 31");
    terminal.press(ESC);
    terminal.is("Esc goes back, too", |shown| shown.contains("▌31"));
}

#[test]
fn the_turn_that_is_marked_stays_marked() {
    let home = long();
    let terminal = picker(&home, USUAL);
    terminal.shows("Done: step number 40 of all");
    terminal.press(TAB);
    // What is typed while it is read counts when it was.
    terminal.press(&format!("{HOME}nns"));
    terminal.shows("save turn 3 as:");
    terminal.press(&format!("three{ENTER}"));
    terminal.shows("saved three: turn 3");
    terminal.shows("▌── 3 ");
    terminal.press(&ctrl('l'));
    terminal.press("n");
    terminal.shows("▌── 4 ");
    terminal.press(&ctrl('g'));
    terminal.shows("● ");
    terminal.press(&ctrl('g'));
    terminal.shows("▌── 4 ");
}

#[test]
fn a_graph_and_what_was_found_are_laid_out_anew_when_the_size_changes() {
    let home = family();
    let terminal = picker(&home, LARGE);
    terminal.shows(LAST);
    terminal.press(&ctrl('g'));
    terminal.shows("● ");
    terminal.resize(USUAL);
    terminal.is("the graph as it is on a screen of that size", |shown| {
        ageless(shown) == ageless(&crate::support::snapshot::read("ui/graph.txt"))
    });
    terminal.press(ESC);
    terminal.shows(LAST);
    terminal.press("?dictionary of sets");
    let is_done = |shown: &str| shown.contains(" 1 of 5 sessions") && shown.contains("prompt");
    terminal.is("one session is found", is_done);
    terminal.resize(LARGE);
    terminal.resize(USUAL);
    terminal.is("what was found, as on a screen of that size", |shown| {
        ageless(shown) == ageless(&crate::support::snapshot::read("ui/search.txt"))
    });
}

#[test]
fn the_line_at_the_bottom_offers_what_can_be_done() {
    let home = family();
    let terminal = picker(&home, LARGE);
    terminal.shows(LAST);
    terminal.press(TAB);
    terminal.shows("f fork here");
    terminal.press(&ctrl('g'));
    let shown = terminal.is("the graph", |shown| shown.contains("● ") && !shown.contains("fork here"));
    assert!(!shown.contains("n p turns") && !shown.contains("/ find"), "{shown}");
    terminal.press("f");
    terminal.shows("no turn is marked here");
    terminal.press(ESC);
    terminal.shows("^F fork");
    terminal.press(ESC);
    terminal.shows(LAST);
    terminal.press("no such session");
    let shown = terminal.shows("no session matches");
    let last = shown.lines().last().unwrap_or_default();
    assert!(!last.contains("fork") && !last.contains("resume") && last.contains("Esc quit"), "{last}");
}

#[test]
fn saves_that_were_made_elsewhere_appear_when_the_screen_is_drawn_anew() {
    let home = family();
    let terminal = picker(&home, USUAL);
    terminal.shows(LAST);
    home.ok(&format!("save elsewhere {}", id(1)));
    terminal.press(&ctrl('l'));
    terminal.press("elsewhere");
    terminal.is("the filter finds it", |shown| !shown.contains("no session matches") && shown.contains("▾"));
}

#[test]
fn the_family_and_the_keys_are_shown() {
    let home = family();
    let terminal = picker(&home, USUAL);
    terminal.shows(LAST);
    terminal.press(&ctrl('g'));
    check("ui/graph.txt", &ageless(&terminal.shows("● ")));
    terminal.press(F1);
    check("ui/keys.txt", &ageless(&terminal.shows("any key: back")));
    terminal.press("x");
    terminal.press(ESC);
    terminal.shows(LAST);
}

#[test]
fn a_conversation_is_read_turn_by_turn_to_its_beginning() {
    let home = long();
    let terminal = picker(&home, USUAL);
    terminal.shows("Done: step number 40 of all");
    terminal.press(TAB);
    terminal.press("p");
    terminal.shows("▌── 39");
    terminal.press(HOME);
    terminal.shows("▌── 1 ");
    terminal.press("n");
    terminal.shows("▌── 2 ");
    terminal.press("/");
    terminal.shows("find:");
    terminal.press("number 33 of");
    terminal.press(ENTER);
    terminal.shows("▌── 33");
    terminal.press("/");
    terminal.press("no such words");
    terminal.press(ENTER);
    terminal.shows("that is not in this conversation");
}

#[test]
fn what_sessions_are_called_can_neither_steer_the_screen_nor_bend_it() {
    let home = Home::empty();
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}red\u{202e}dlrow\u{200b}\u{9b}31m\r\nsecond\u{8}";
    Written::new(1).turn(hostile).put(&home);
    Written::new(2).turn(&"単語を数える関数をもっと速く".repeat(9)).put(&home);
    Written::new(3).turn("👩‍👩‍👧‍👧 e\u{301}\u{301}\u{301} ﷽ אבג").put(&home);
    home.ok("init -q --no-hooks");
    for size in [USUAL, SMALL, LARGE] {
        let terminal = picker(&home, size);
        let shown = terminal.shows("3 of 3 sessions");
        assert!(shown.contains("reddlrow"), "{shown}");
        assert!(!shown.contains(['\u{202e}', '\u{200b}']), "{shown}");
        if size == USUAL {
            // What stands in a column stands there, whatever stands before it.
            for row in 1..4 {
                assert_eq!(
                    (terminal.letter(row, 42), terminal.letter(row, 33)),
                    ("│".to_owned(), "1".to_owned()),
                    "{shown}"
                );
            }
        }
        terminal.press(ESC);
        terminal.is_whole();
    }
}

#[test]
fn the_first_frame_reads_no_conversation() {
    let home = Home::empty();
    Written::new(1).turn("asked once").put(&home);
    home.ok("init -q --no-hooks");
    let chunk = home.git(&format!("rev-parse {}:0000/01.jsonl", id(1)));
    let (folder, name) = chunk.trim().split_at(2);
    fs::remove_file(home.store().join("objects").join(folder).join(name)).unwrap();
    let terminal = picker(&home, USUAL);
    let shown = terminal.shows("turn 1 can't be read");
    assert!(selected(&shown).contains("asked once"), "{shown}");
}

#[test]
fn a_session_that_codex_has_open_is_marked() {
    let home = Home::empty();
    Written::new(1).turn("closed").put(&home);
    Written::new(2).turn("open in Codex").put(&home);
    home.ok("init -q --no-hooks");
    let locks = home.path().join("thread-writer-locks");
    fs::create_dir_all(&locks).unwrap();
    fs::write(locks.join(format!("{}.lock", id(2))), "").unwrap();
    let _codex = fs::File::open(locks.join(format!("{}.lock", id(2)))).unwrap();
    let shown = picker(&home, USUAL).shows("▪ open in Codex");
    assert!(!shown.contains("▪ closed"), "{shown}");
}
