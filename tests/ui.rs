//! The picker as a person sees it: in a terminal, with a store that was made of rollouts.

mod asked;
mod deeds;
mod many;
mod screens;
mod whole;

use std::fs;
use std::process::Command;

use crate::support::Home;
use crate::support::executable::write_script;
use crate::support::terminal::Terminal;

/// Rows and columns of the screens that are tried.
const USUAL: (u16, u16) = (24, 80);
const SMALL: (u16, u16) = (15, 60);
const LARGE: (u16, u16) = (50, 140);

/// The up and down keys, the page keys, and others.
const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";
const HOME: &str = "\x1b[H";
const END: &str = "\x1b[F";
const F1: &str = "\x1bOP";
const ESC: &str = "\x1b";
const TAB: &str = "\t";
const ENTER: &str = "\r";

fn ctrl(letter: char) -> String {
    char::from(letter as u8 & 0x1f).to_string()
}

/// The program in a home, where the clock shows UTC and no Codex is asked.
fn command(home: &Home, words: &str) -> Command {
    let mut command = home.command();
    command.args(words.split_whitespace()).env("TZ", "UTC").env("SHELL", "/bin/sh");
    for name in ["CODEX_GIT_UI", "LC_ALL", "LC_CTYPE", "LANG"] {
        command.env_remove(name);
    }
    command
}

fn picker(home: &Home, size: (u16, u16)) -> Terminal {
    Terminal::sized(&command(home, "--no-codex ui"), size)
}

/// A program `codex` that tells how it was called, and gives sessions names as Codex's app server does.
const CODEX: &str = r#"[ "$1" = app-server ] || { echo "this is codex $*"; exit; }
while read -r line; do
    case $line in
    *'"initialize"'*) echo '{"id":1,"result":{}}' ;;
    *thread/name/set*)
        id=$(echo "$line" | sed 's/.*"threadId":"\([^"]*\)".*/\1/')
        name=$(echo "$line" | sed 's/.*"name":"\([^"]*\)".*/\1/')
        echo "{\"id\":\"$id\",\"thread_name\":\"$name\"}" >> "$CODEX_HOME/session_index.jsonl"
        echo '{"id":2,"result":{}}'
        ;;
    esac
done
"#;

/// The same with that program on the path.
fn command_with_codex(home: &Home, words: &str) -> Command {
    let folder = home.path().join("programs");
    fs::create_dir_all(&folder).unwrap();
    write_script(&folder.join("codex"), CODEX);
    let mut command = command(home, words);
    let paths = std::env::var_os("PATH").unwrap();
    let paths = std::iter::once(folder).chain(std::env::split_paths(&paths));
    command.env("PATH", std::env::join_paths(paths).unwrap());
    command
}

/// The row that is selected.
fn selected(shown: &str) -> String {
    let row = shown.lines().skip(1).find(|line| line.starts_with(['▌', '>'])).unwrap_or_default();
    row.split('│').next().unwrap_or_default().trim_end().to_owned()
}

/// What a screen shows, with ages as a word: they grow while the tests grow old.
fn ageless(shown: &str) -> String {
    let line = |line: &str| line.split('│').map(without_age).collect::<Vec<_>>().join("│");
    shown.lines().map(|shown| line(shown).trim_end().to_owned() + "\n").collect()
}

fn without_age(part: &str) -> String {
    let end = part.trim_end();
    let mut words = end.rsplitn(3, ' ');
    let (unit, number) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_age = ["min", "h", "d", "w", "mo", "y"].contains(&unit) && number.parse::<u32>().is_ok();
    let age = if is_age { number.len() + 1 + unit.len() } else { 0 };
    if age == 0 {
        return part.to_owned();
    }
    format!("{}{:>age$}{}", &end[..end.len() - age], "AGE", &part[end.len()..])
}

/// The sessions of a home.
fn sessions(home: &Home) -> usize {
    home.ok("list --all --subagents --json").json().len()
}
