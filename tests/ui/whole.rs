//! The terminal is whole again, however the picker ends or stops.

use std::process::Command;

use rustix::process::Signal;

use super::{ESC, USUAL, command, picker};
use crate::support::Home;
use crate::support::story::{Written, family};
use crate::support::terminal::{Left, Terminal};

const TAKEN: Left = Left { alternate: true, hidden_cursor: false, brackets: true, cooked: false };

fn home() -> Home {
    let home = Home::empty();
    Written::new(1).turn("one").put(&home);
    Written::new(2).turn("two").put(&home);
    home.ok("init -q --no-hooks");
    home
}

#[test]
fn after_its_end() {
    let home = family();
    for keys in [ESC, "\u{3}"] {
        let mut terminal = picker(&home, USUAL);
        terminal.shows("F1 keys");
        assert_eq!(terminal.left(), TAKEN);
        terminal.press(keys);
        assert_eq!(terminal.wait(), 0);
        terminal.is_whole();
    }
}

#[test]
fn after_signals_that_end_it() {
    let home = home();
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut terminal = picker(&home, USUAL);
        terminal.shows("F1 keys");
        terminal.signal(signal);
        assert_ne!(terminal.wait(), 0, "{signal:?}");
        terminal.is_whole();
    }
}

#[test]
fn while_it_is_stopped_and_taken_again_after() {
    let home = home();
    let mut terminal = picker(&home, USUAL);
    terminal.shows("F1 keys");
    for _ in 0..2 {
        terminal.signal(Signal::TSTP);
        terminal.is_whole();
        terminal.signal(Signal::CONT);
        terminal.shows("F1 keys");
        assert_eq!(terminal.left(), TAKEN);
    }
    // A stop that nobody can note leaves the terminal to whoever has it next; it is taken anew after.
    terminal.signal(Signal::STOP);
    terminal.signal(Signal::CONT);
    terminal.press("tw");
    terminal.shows("1 of 2 sessions");
    terminal.press(ESC);
    terminal.shows("2 of 2 sessions");
    terminal.press(ESC);
    assert_eq!(terminal.wait(), 0);
    terminal.is_whole();
}

#[test]
fn in_a_shell_that_stops_it_and_has_it_go_on() {
    let home = home();
    let own = command(&home, "--no-codex ui");
    let mut shell = Command::new("sh");
    shell.arg("-i").current_dir(own.get_current_dir().unwrap()).env("PS1", "ready> ").env_remove("ENV");
    for (name, value) in own.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        shell.env(name, value);
    }
    let terminal = Terminal::sized(&shell, USUAL);
    terminal.shows("ready>");
    terminal.press(&format!("{} --no-codex ui; echo ended with $?\n", env!("CARGO_BIN_EXE_codex-git")));
    terminal.shows("F1 keys");
    terminal.press("\u{1a}");
    terminal.is("the shell's own screen", |shown| shown.contains("ready>") && !shown.contains("F1 keys"));
    assert!(!terminal.left().alternate);
    terminal.press("fg\n");
    terminal.shows("F1 keys");
    terminal.press("tw");
    terminal.shows("1 of 2 sessions");
    terminal.press("\u{3}");
    terminal.is("the shell's own screen", |shown| shown.contains("ready>") && !shown.contains("F1 keys"));
    terminal.press("stty -a | grep -o ' icanon'; echo back again\n");
    let shown = terminal.shows_times("back again", 2);
    assert!(shown.contains(" icanon"), "{shown}");
}
