//! What keys do to sessions.

use std::fs;

use super::{DOWN, END, ENTER, ESC, TAB, UP, USUAL, command_with_codex, ctrl, picker, sessions};
use crate::support::Home;
use crate::support::executable::write_script;
use crate::support::story::{Written, id};
use crate::support::terminal::Terminal;

/// A home with a session of three turns, and one beside it.
fn home() -> Home {
    let home = Home::empty();
    Written::new(2).turn("another session").put(&home);
    let mut session = Written::new(1);
    session.clock = 600;
    session.turn("write it").turn("test it").turn("ship it").put(&home);
    home.ok("init -q --no-hooks");
    home
}

fn saves(home: &Home) -> Vec<(String, u64)> {
    let save = |save: &serde_json::Value| (save["name"].as_str().unwrap().to_owned(), save["turn"].as_u64().unwrap());
    let mut saves: Vec<_> = home.ok("saves --json").json().iter().map(save).collect();
    saves.sort();
    saves
}

#[test]
fn enter_continues_the_session_in_codex() {
    let home = home();
    let mut terminal = Terminal::sized(&command_with_codex(&home, "ui"), USUAL);
    terminal.shows("Done: ship it");
    terminal.press(DOWN);
    terminal.shows("Done: another session");
    terminal.press(ENTER);
    terminal.shows(&format!("this is codex resume {}", id(2)));
    assert_eq!(terminal.wait(), 0);
    terminal.is_whole();
}

#[test]
fn a_session_is_forked_where_it_stands_or_at_a_turn_and_continued() {
    let home = home();
    let mut terminal = Terminal::sized(&command_with_codex(&home, "ui"), USUAL);
    terminal.shows("Done: ship it");
    terminal.press(&ctrl('f'));
    terminal.shows("this is codex resume ");
    assert_eq!(terminal.wait(), 0);
    let mut terminal = Terminal::sized(&command_with_codex(&home, "ui"), USUAL);
    terminal.shows("Done: ship it");
    terminal.press(TAB);
    terminal.press("p");
    terminal.shows("▌── 2");
    terminal.press("f");
    let shown = terminal.shows("this is codex resume ");
    assert!(shown.contains("turn 2 of 01a20f86-0001"), "{shown}");
    assert_eq!(terminal.wait(), 0);
    assert_eq!(sessions(&home), 4);
}

#[test]
fn where_there_is_no_codex_a_fork_is_told() {
    let home = home();
    let mut terminal = picker(&home, USUAL);
    terminal.shows("Done: ship it");
    terminal.press(&ctrl('f'));
    terminal.shows("continue it with: codex resume ");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn points_are_saved_and_saves_deleted() {
    let home = home();
    let mut terminal = picker(&home, USUAL);
    terminal.shows("Done: ship it");
    terminal.press(&ctrl('s'));
    terminal.shows("save where it stands as:");
    terminal.press("all donx\u{7f}e");
    terminal.press(ENTER);
    terminal.shows("saved all-done: turn 3 of 01a20f86-0001");
    terminal.shows("[all-done] 3");
    terminal.press(TAB);
    terminal.press("pp");
    terminal.shows("▌── 1");
    terminal.press("s");
    terminal.shows("save turn 1 as:");
    terminal.press("begun");
    terminal.press(ENTER);
    terminal.shows("saved begun: turn 1");
    terminal.shows("▾2");
    assert_eq!(saves(&home), [("all-done".to_owned(), 3), ("begun".to_owned(), 1)]);
    // Another name stands in the way of this one; what was typed can be mended.
    terminal.press("s");
    terminal.press("begun/again");
    terminal.press(ENTER);
    terminal.shows("git can't hold both");
    terminal.press("x");
    terminal.shows("save turn 1 as: begun/againx");
    terminal.press(ESC);
    terminal.lacks("save turn 1 as:");
    terminal.press(&ctrl('d'));
    let shown = terminal.shows("its turn stays");
    terminal.press(if shown.contains("delete the save begun?") { "y" } else { DOWN });
    if !shown.contains("delete the save begun?") {
        terminal.shows("delete the save begun?");
        terminal.press("y");
    }
    terminal.shows("deleted begun; undo: codex-git save begun ");
    terminal.shows("▾1");
    terminal.press(&ctrl('d'));
    terminal.shows("delete the save all-done?");
    terminal.press("n");
    terminal.lacks("delete the save");
    terminal.press(ESC);
    terminal.shows("Tab read");
    terminal.press(ESC);
    assert_eq!(terminal.wait(), 0);
    assert_eq!(saves(&home), [("all-done".to_owned(), 3)]);
}

#[test]
fn a_name_that_is_taken_moves_only_after_a_yes_and_one_that_is_refused_can_be_mended() {
    let home = home();
    home.ok(&format!("save begun {}~2", id(1)));
    let terminal = picker(&home, USUAL);
    terminal.shows("Done: ship it");
    for (answer, turn) in [("n", 1), ("y", 3)] {
        terminal.press(&ctrl('s'));
        terminal.press(&format!("begun{ENTER}"));
        terminal.shows("begun is turn 1 of 01a20f86-0001; move it to turn 3?  y yes  Esc no");
        terminal.press(answer);
        terminal.lacks("move it");
        if turn == 3 {
            terminal.shows("saved begun: turn 3 of 01a20f86-0001; it was turn 1");
        }
        assert_eq!(saves(&home), [("begun".to_owned(), turn)]);
    }
    // Where it stands already, there is nothing to ask.
    terminal.press(&ctrl('s'));
    terminal.press(&format!("begun{ENTER}"));
    terminal.shows("saved begun: turn 3");
    terminal.press(&ctrl('s'));
    terminal.press(&format!("no..name{ENTER}"));
    terminal.shows("`no..name` can't be the name of a save");
    terminal.press("\u{7f}");
    terminal.shows("save where it stands as: no..nam");
    terminal.press(&ctrl('u'));
    terminal.press("7");
    terminal.press(ENTER);
    terminal.shows("is a turn's number, too");
}

#[test]
fn what_was_typed_last_is_done_even_if_the_person_leaves_at_once() {
    let home = home();
    let mut terminal = picker(&home, USUAL);
    terminal.shows("Done: ship it");
    terminal.press(&ctrl('s'));
    terminal.press(&format!("quick{ENTER}{}", ctrl('c')));
    assert_eq!(terminal.wait(), 0);
    assert_eq!(saves(&home), [("quick".to_owned(), 3)]);
}

#[test]
fn a_session_is_named_in_codex() {
    let home = home();
    let terminal = Terminal::sized(&command_with_codex(&home, "ui"), USUAL);
    terminal.shows("Done: ship it");
    terminal.press(&ctrl('r'));
    terminal.shows("its name in Codex:");
    terminal.press("the good one");
    terminal.press(ENTER);
    terminal.shows("01a20f86-0001 is the good one in Codex now");
    terminal.is("the list tells the name", |shown| shown.matches("the good one").count() >= 3);
    assert!(fs::read_to_string(home.path().join("session_index.jsonl")).unwrap().contains("the good one"));
}

#[test]
fn without_codex_a_name_is_refused_and_told() {
    let home = home();
    let mut command = super::command(&home, "ui");
    command.env("PATH", "/nowhere");
    let terminal = Terminal::sized(&command, USUAL);
    terminal.shows("Done: ship it");
    terminal.press(&ctrl('r'));
    terminal.press(&format!("x{ENTER}"));
    terminal.shows("the program `codex` is not on the path");
}

#[test]
fn an_id_is_copied_and_printed_at_the_end() {
    let home = home();
    let mut terminal = picker(&home, USUAL);
    terminal.shows("Done: ship it");
    terminal.press(&ctrl('y'));
    terminal.shows("copied 01a20f86-0001");
    terminal.press(ESC);
    assert_eq!(terminal.wait(), 0);
    terminal.is_whole();
    let shown = terminal.shows(&id(1));
    assert_eq!(shown.trim(), id(1));
}

#[test]
fn what_is_pasted_is_text_and_no_keys() {
    let home = home();
    let mut terminal = picker(&home, USUAL);
    terminal.shows("Done: ship it");
    terminal.press("\x1b[200~another\r\u{3}\x06\x1b[201~");
    terminal.shows("/ another");
    terminal.shows("1 of 2 sessions");
    terminal.press(&format!("{UP}{END}"));
    terminal.press(ESC);
    terminal.shows("2 of 2 sessions");
    terminal.press(ESC);
    assert_eq!(terminal.wait(), 0);
    assert_eq!(sessions(&home), 2);
}

#[test]
#[cfg(target_os = "linux")]
fn a_session_opens_as_a_page() {
    let home = home();
    let mut command = command_with_codex(&home, "ui");
    let opener = home.path().join("programs/xdg-open");
    write_script(&opener, "cp \"$1\" opened.html");
    let terminal = Terminal::sized(command.env("TMPDIR", home.work()), USUAL);
    terminal.shows("Done: ship it");
    terminal.press(&ctrl('o'));
    terminal.shows("opened ");
    let page = home.work().join("opened.html");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !fs::read_to_string(&page).is_ok_and(|page| page.ends_with("</html>\n")) {
        assert!(std::time::Instant::now() < until, "nothing was opened");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(fs::read_to_string(&page).unwrap().contains("<title>write it</title>"));
    terminal.press(ESC);
}
