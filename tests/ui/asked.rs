//! When the picker opens by itself, and when it does not.

use std::process::Command;

use super::{DOWN, END, ENTER, ESC, TAB, USUAL, command, command_with_codex, sessions};
use crate::support::story::{Written, id};
use crate::support::terminal::Terminal;
use crate::support::{Home, ran};

const FORK: &str = "which session is to be forked?";
const RESUME: &str = "which session is to be resumed?";

/// A home with so many sessions of this directory, and one of another.
fn home(count: u32) -> Home {
    let home = Home::empty();
    let work = home.work().canonicalize().unwrap();
    for number in 1..=count {
        let mut session = Written::new(number).begun_in(work.to_str().unwrap());
        session.clock = i64::from(number) * 600;
        session.turn(&format!("first of {number}")).turn(&format!("second of {number}")).put(&home);
    }
    Written::new(99).begun_in("/work/elsewhere").turn("elsewhere").put(&home);
    home.ok("init -q --no-hooks");
    home
}

#[test]
fn fork_and_resume_ask_which_session_where_several_could_be_meant() {
    let home = home(2);
    let mut terminal = Terminal::sized(&command(&home, "--no-codex fork"), USUAL);
    let shown = terminal.shows(FORK);
    assert!(shown.contains("2 of 2 sessions"), "{shown}");
    terminal.press(DOWN);
    terminal.shows("Done: second of 1.");
    terminal.press(ENTER);
    terminal.shows("continue it with: codex resume ");
    assert_eq!((terminal.wait(), sessions(&home)), (0, 4));
    terminal.is_whole();
    let mut terminal = Terminal::sized(&command_with_codex(&home, "resume -- --yolo"), USUAL);
    terminal.shows(RESUME);
    terminal.press(END);
    terminal.shows("Done: second of 2.");
    terminal.press(ENTER);
    terminal.shows(&format!("this is codex resume {} --yolo", id(2)));
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn a_fork_can_start_at_a_turn_that_was_read() {
    let home = home(2);
    let mut terminal = Terminal::sized(&command(&home, "--no-codex fork"), USUAL);
    terminal.shows("Done: second of 2.");
    terminal.press(&format!("{TAB}p"));
    terminal.shows("▌── 1");
    terminal.press("f");
    terminal.shows("turn 1 of 01a20f86-0002");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn who_leaves_without_a_choice_has_broken_off() {
    let home = home(2);
    for words in ["--no-codex fork", "--no-codex resume"] {
        let mut terminal = Terminal::sized(&command(&home, words), USUAL);
        terminal.shows("which session is to be");
        terminal.press(ESC);
        assert_eq!((terminal.wait(), sessions(&home)), (130, 3));
        terminal.is_whole();
    }
}

#[test]
fn where_one_session_can_be_meant_nobody_is_asked() {
    let home = home(1);
    let mut terminal = Terminal::sized(&command_with_codex(&home, "resume"), USUAL);
    terminal.shows(&format!("this is codex resume {}", id(1)));
    assert_eq!(terminal.wait(), 0);
    let mut terminal = Terminal::sized(&command(&home, "--no-codex fork"), USUAL);
    terminal.shows("continue it with: codex resume ");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn where_no_session_is_of_this_directory_all_are_listed() {
    let home = home(0);
    Written::new(98).turn("elsewhere, too").put(&home);
    let terminal = Terminal::sized(&command(&home, "--no-codex fork"), USUAL);
    terminal.shows("2 of 2 sessions · all directories");
}

/// A command in a terminal asks nobody, tells this, and ends with 2.
fn refuses(command: &Command, words: &str) {
    let mut terminal = Terminal::sized(command, USUAL);
    terminal.shows(words);
    assert_eq!(terminal.wait(), 2, "{command:?}");
    terminal.is_whole();
}

#[test]
fn programs_agents_and_those_who_say_no_are_never_asked() {
    let home = home(2);
    for words in ["--json fork", "-q fork", "fork --no-ui"] {
        refuses(&command(&home, words), "hint: codex-git fork REVISION  # `@` is the current session");
    }
    let one = id(1);
    for (name, value) in [("CODEX_THREAD_ID", one.as_str()), ("CODEX_THREAD_ID", "x"), ("CODEX_GIT_UI", "0")] {
        let mut command = command(&home, "fork");
        refuses(command.env(name, value), "error: a fork needs a revision to start from");
    }
    for words in ["resume --no-ui", "-q resume"] {
        let terminal = Terminal::sized(&command_with_codex(&home, words), USUAL);
        terminal.shows(&format!("this is codex resume {}", id(2)));
    }
    let mut inside = command_with_codex(&home, "resume");
    let terminal = Terminal::sized(inside.env("CODEX_THREAD_ID", id(1)), USUAL);
    terminal.shows(&format!("this is codex resume {}", id(1)));
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let home = home(2);
    let fork = home.run(["fork"]);
    assert_eq!((fork.code, fork.stdout.as_str()), (2, ""));
    assert_eq!(
        fork.stderr,
        "error: a fork needs a revision to start from\nhint: codex-git fork REVISION  # `@` is the current session\n"
    );
    let resume = ran(command_with_codex(&home, "resume").output().unwrap());
    assert_eq!((resume.code, resume.stdout), (0, format!("this is codex resume {}\n", id(2))));
    let ui = home.run(["ui"]);
    assert_eq!((ui.code, ui.stdout.as_str()), (2, ""));
    assert_eq!(
        ui.stderr,
        "error: there is nobody to choose: input or output is not a terminal\nhint: codex-git list --all\n"
    );
}

#[test]
fn the_picker_itself_asks_no_program_and_no_agent() {
    let home = home(2);
    for (words, why) in [("--json ui", "--json"), ("-q ui", "-q")] {
        refuses(&command(&home, words), why);
    }
    refuses(command(&home, "ui").env("CODEX_THREAD_ID", id(1)), "Codex runs this command");
    // Who types `ui` means it.
    Terminal::sized(command(&home, "ui").env("CODEX_GIT_UI", "0"), USUAL).shows("2 of 2 sessions");
}

#[test]
fn without_a_session_there_is_nothing_to_choose() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    refuses(&command(&home, "fork"), "a fork needs a revision");
    Terminal::sized(&command(&home, "ui"), USUAL).shows("no session is recorded yet");
}
