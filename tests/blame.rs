//! What `blame` prints: which turn wrote each line of a file, held line by line to a story in which every line's origin is known.
//!
//! `tests/fixtures/blame` holds what must be printed; `UPDATE_SNAPSHOTS=1 cargo test --test suite blame::` writes it anew.

mod edges;
mod real;
mod rewritten;
pub mod story;

use std::path::Path;

use codex_git::model::blame::{Event, Known, Origin, trace};
use codex_git::model::patch::{Change, Edit, hunks};
use codex_git::model::{screen, text};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::story::id;
use crate::support::unified;
use crate::support::{Home, Ran, ran, snapshot};
use story::{CWD, Life, life};

fn blame(home: &Home, width: &str, words: &[&str]) -> Ran {
    let mut command = home.command();
    command.args(["blame", "--was", &format!("{CWD}={}", home.work().display())]).args(words).env("TZ", "UTC");
    if !width.is_empty() {
        command.env("COLUMNS", width);
    }
    ran(command.output().unwrap())
}

/// The number of a session of the story.
fn number(session: &Value) -> u32 {
    (1..10).find(|number| *session == id(*number).as_str()).unwrap()
}

/// The origin that a line was told to have, as the story says it.
fn origin(line: &Value) -> String {
    let turn = || {
        let behind = if line["aside"] == "left-behind" || number(&line["session"]) != 4 { "" } else { "'" };
        format!("{}.{}{behind}", number(&line["session"]), line["turn"])
    };
    match line["how"].as_str().unwrap() {
        "patch" => turn(),
        "moved" => format!("≈{}", turn()),
        "command" => format!("~{}", turn()),
        "commit" => line["gitAuthor"].as_str().unwrap().to_owned(),
        how => how.to_owned(),
    }
}

/// The lines that were told otherwise than they are.
fn wrong(life: &Life, told: &[Value]) -> Vec<String> {
    assert_eq!(told.len(), life.lines.len());
    let pairs = life.lines.iter().zip(told).filter(|((_, truth), line)| origin(line) != *truth);
    pairs.map(|((text, truth), line)| format!("{text}: is {truth}, told {}", origin(line))).collect()
}

#[test]
fn every_line_of_the_story_is_told_as_it_came() {
    let mut life = life();
    let told = blame(&life.home, "", &["--json", &life.path]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    // The function that a person moved is found by likeness; the blank line below it as well.
    life.lines.iter_mut().filter(|(_, truth)| truth == "3.1").for_each(|(_, truth)| "≈3.1".clone_into(truth));
    assert_eq!(wrong(&life, &told.json()), [""; 0]);
    let strict = blame(&life.home, "", &["--json", "--strict", &life.path]).json();
    assert!(strict.iter().all(|line| line["how"] != "moved" && line["how"] != "command"));
}

#[test]
fn blame_fits_any_width() {
    let life = life();
    for width in ["60", "80", "140"] {
        let shown = blame(&life.home, width, &[&life.path]).stdout;
        let most = width.parse().unwrap();
        assert!(shown.lines().all(|line| text::width(line) <= most && !line.ends_with(' ')), "{shown}");
        snapshot::check(&format!("blame/blame-{width}.txt"), &shown);
    }
    let coloured = blame(&life.home, "80", &["--color", "always", &life.path]).stdout;
    snapshot::check("blame/blame-80-colour.txt", &coloured);
    assert_eq!(
        screen::lines(&coloured, 8),
        blame(&life.home, "80", &[&life.path]).stdout,
        "colours change nothing else"
    );
    let all = blame(&life.home, "80", &["--all", "-L", "2,4", &life.path]).stdout;
    assert!(all.lines().take(3).all(|line| line.starts_with("01a20f86")), "{all}");
}

#[test]
fn a_line_is_told_with_its_reason() {
    let life = life();
    let at = life.lines.iter().position(|(line, _)| line.contains("counts.get")).unwrap() + 1;
    let wrote = blame(&life.home, "80", &[&format!("{}:{at}", life.path)]);
    assert!(
        wrote.stdout.contains("› tally() is missing") && wrote.stdout.contains("counts.get(word, 0)"),
        "{}",
        wrote.stdout
    );
    assert!(
        wrote.stdout.contains("Added.") && wrote.stderr.ends_with("hint: codex-git show 01a20f86-0003 --turn 1\n"),
        "{wrote:?}"
    );
    let at = life.lines.iter().position(|(line, _)| line.contains("def split_words")).unwrap() + 1;
    let by_command = blame(&life.home, "80", &["--why", &at.to_string(), &life.path]);
    assert!(by_command.stdout.contains("$ sed -i") && !by_command.stdout.contains("±"), "{}", by_command.stdout);
    let left = blame(&life.home, "", &["--why", &position(&life, "frequent"), &life.path]);
    assert!(left.stderr.contains("hint: codex-git show ") && !left.stderr.contains("--turn"), "{left:?}");
    let human = blame(&life.home, "", &["--why", &position(&life, "no digits"), &life.path]);
    assert!(human.stdout.contains("by Ada Human: no digits") && human.stderr.contains("hint: git show"), "{human:?}");
    let none = blame(&life.home, "", &["--why", "999", &life.path]);
    assert_eq!((none.code, none.stderr.starts_with("error: the file has no line 999: it has ")), (2, true), "{none:?}");
}

fn position(life: &Life, text: &str) -> String {
    (life.lines.iter().position(|(line, _)| line.contains(text)).unwrap() + 1).to_string()
}

#[test]
fn editors_read_it_as_git_blame() {
    let life = life();
    let told = blame(&life.home, "", &["--porcelain", &life.path]).stdout;
    let texts: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix('\t')).collect();
    assert_eq!(texts, life.lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>());
    let mut finals = Vec::new();
    for line in told.lines().filter(|line| !line.starts_with('\t')) {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0].len() == 40 && words[0].bytes().all(|byte| byte.is_ascii_hexdigit()) {
            assert!(
                words[1..].iter().all(|word| word.parse::<usize>().is_ok()) && (3..=4).contains(&words.len()),
                "{line}"
            );
            finals.push(words[2].parse::<usize>().unwrap());
        }
    }
    assert_eq!(finals, (1..=life.lines.len()).collect::<Vec<_>>());
    // Each commit is one of the store, or of the project, or none.
    let known = |id: &str| {
        id.starts_with("00000000") || [life.home.store(), life.home.work().join(".git")].iter().any(|git| has(git, id))
    };
    let ids = told.lines().filter_map(|line| line.split_once(' ')).map(|(id, _)| id).filter(|id| id.len() == 40);
    ids.for_each(|id| assert!(known(id), "{id}"));
    for head in [
        "author gpt-5-codex\n",
        "author Ada Human\n",
        "author-mail <model@codex.invalid>\n",
        "summary print twenty words, not ten\n",
        "filename src/words.py\n",
    ] {
        assert!(told.contains(head), "{head}{told}");
    }
}

fn has(git: &Path, id: &str) -> bool {
    let told =
        std::process::Command::new("git").arg("--git-dir").arg(git).args(["cat-file", "-e", id]).output().unwrap();
    told.status.success()
}

/// A line of which a file has several.
fn line() -> impl Strategy<Value = String> {
    prop::sample::select(["a\n", "b\n", "}\n", "\n", "c\n", "    x\n"].map(str::to_owned).to_vec())
}

proptest! {
    #[test]
    fn where_every_change_is_a_patch_every_line_is_told(
        first in prop::collection::vec(line(), 0..30),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, prop::collection::vec(line(), 0..4)), 0..12),
    ) {
        let (mut lines, mut truth) = (first.clone(), vec![Origin::Commit(0); first.len()]);
        let mut changes = Vec::new();
        for (number, (at, gone, new)) in edits.into_iter().enumerate() {
            let mut after = lines.clone();
            let at = at.index(after.len() + 1);
            after.splice(at..(at + gone).min(lines.len()), new);
            let rows = unified::rows(&lines, &after);
            // What a patch says is what counts: of two lines that are the same it can name either.
            let came = rows.iter().filter(|row| row.0 != '-');
            truth = came.map(|row| if row.0 == '+' { Origin::Edit(number) } else { truth[row.1] }).collect();
            let told = hunks(&unified::hunks(&rows, 1));
            changes.push(Change { path: "f".to_owned(), edit: Edit::Update { to: None, hunks: told } });
            lines = after;
        }
        let bare = |lines: &[String]| lines.iter().map(|line| line.trim_end_matches('\n').to_owned()).collect::<Vec<_>>();
        let (first, now) = (bare(&first), bare(&lines));
        let state = Event { at: 0, known: Known::State { number: 0, since: 0, lines: first.iter().map(String::as_str).collect() } };
        let edits = changes.iter().enumerate().map(|(at, change)| Event { at: at as i64 + 1, known: Known::Edit(at, change) });
        let events: Vec<Event<'_>> = std::iter::once(state).chain(edits).collect();
        let now: Vec<&str> = now.iter().map(String::as_str).collect();
        let told: Vec<Origin> = trace(&events, &now, false).lines.iter().map(|line| line.origin).collect();
        prop_assert_eq!(told, truth);
    }
}
