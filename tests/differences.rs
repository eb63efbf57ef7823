//! What `diff` prints: up to which turn two points are one conversation, and what each has done since.
//!
//! `tests/fixtures/history` holds what must be printed; `UPDATE_SNAPSHOTS=1 cargo test --test suite differences::` writes it anew.

use codex_git::model::{screen, text};

use crate::support::story::{Written, added, family, id};
use crate::support::{Home, Ran, ran, snapshot};

fn diff(home: &Home, width: &str, words: &str) -> Ran {
    let mut command = home.command();
    command.arg("diff").args(words.split_whitespace()).env("TZ", "UTC");
    if !width.is_empty() {
        command.env("COLUMNS", width);
    }
    let ran = ran(command.output().unwrap());
    assert_eq!(ran.code, 0, "{words}: {}", ran.stderr);
    ran
}

/// What was left behind, by its commit.
fn left_behind(home: &Home) -> String {
    let turns = home.ok(&format!("log --all-turns --json {}", id(1))).json();
    turns.iter().find(|turn| turn["aside"] == "left-behind").unwrap()["commit"].as_str().unwrap().to_owned()
}

fn told(home: &Home) -> Vec<(&'static str, String)> {
    let (one, three) = (id(1), id(3));
    vec![
        ("forks", format!("{one} {three}")),
        ("left-behind", format!("{} shipped", &left_behind(home)[..10])),
        ("one-session", "before-options shipped".to_owned()),
        ("nothing-common", format!("--all shipped {}", id(9))),
        ("stat", format!("--stat {one} {three}")),
        ("files", format!("--files tally.py before-options~1 {one}")),
        ("patch", format!("-p before-options {one}~1")),
        ("all", format!("--all shipped {}", id(5))),
    ]
}

#[test]
fn differences_fit_any_width() {
    let home = family();
    for (name, words) in told(&home) {
        for width in ["60", "80", "140"] {
            let shown = diff(&home, width, &words).stdout;
            let most = width.parse().unwrap();
            let is_good = |line: &str| text::width(line) <= most && !line.ends_with(' ');
            assert!(shown.lines().all(is_good), "{name} at {width}:\n{shown}");
            snapshot::check(&format!("history/diff-{name}-{width}.txt"), &shown);
        }
        let coloured = diff(&home, "80", &format!("{words} --color always")).stdout;
        snapshot::check(&format!("history/diff-{name}-80-colour.txt"), &coloured);
        assert_eq!(screen::lines(&coloured, 8), diff(&home, "80", &words).stdout, "colours change nothing else");
    }
}

#[test]
fn programs_get_the_fork_point_the_turns_and_the_files() {
    let home = family();
    let objects = diff(&home, "", &format!("--json {} {}", id(1), id(3))).json();
    assert_eq!(objects[0]["forkPoint"]["turn"], 1);
    let of = |side: &str, key: &str| {
        objects.iter().filter(|object| object["side"] == side && object.get(key).is_some()).count()
    };
    assert_eq!((of("a", "turn"), of("b", "turn"), of("a", "path"), of("b", "path")), (3, 11, 2, 2));
    let file = objects.iter().find(|object| object["path"] == "tally.py").unwrap();
    assert_eq!((&file["side"], &file["added"], &file["removed"]), (&"a".into(), &12.into(), &5.into()));
    let none = diff(&home, "", &format!("--json shipped {}", id(9))).json();
    assert_eq!(none[0], serde_json::json!({ "forkPoint": null, "alike": 0 }));
}

#[test]
fn two_points_may_be_typed_as_a_range() {
    let home = family();
    let (one, three) = (id(1), id(3));
    assert_eq!(
        diff(&home, "80", &format!("{one}..{three}")).stdout,
        diff(&home, "80", &format!("{one} {three}")).stdout
    );
    for (range, a, b) in [("before-options~1..shipped", "before-options~1", "shipped"), ("3..4~1", "3", "4~1")] {
        let range = format!("--json {range}");
        assert_eq!(home.run(format!("diff {range}").split(' ')).stdout, home.run(["diff", "--json", a, b]).stdout);
    }
    let told = home.run(["show", "before-options..shipped"]);
    assert!(
        told.code == 1 && told.stderr.ends_with("hint: codex-git log before-options..shipped\n"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_file_is_named_as_it_is_told_or_as_it_is_seen_from_here() {
    let home = family();
    let points = format!("before-options~1 {}", id(1));
    let told = |file: &str| diff(&home, "80", &format!("--files {file} {points}"));
    let shown = told("tests/test_tally.py").stdout;
    assert!(shown.contains("± tests/test_tally.py"), "{shown}");
    assert_eq!(told("/work/tally/tests/../tests/./test_tally.py").stdout, shown);
    let objects = diff(&home, "", &format!("--json --files tests/test_tally.py {points}")).json();
    let of = |key: &str| objects.iter().filter(|object| object.get(key).is_some()).count();
    assert_eq!((of("turn"), of("path")), (1, 1), "{objects:?}");
    // A file of the same name elsewhere is another.
    let base = Written::new(20).turn("one");
    base.put(&home);
    Written::fork(21, &base, 1).patched("two", &[("README.md", 2, 1)]).put(&home);
    let other = home.ok(&format!("diff --files docs/README.md {} {}", id(20), id(21)));
    assert!(other.stderr.starts_with("neither side changed") && !other.stdout.contains("±"), "{other:?}");
    let nothing = told("test_tally.pi");
    assert_eq!(nothing.stderr, "neither side changed `test_tally.pi`\n");
}

#[test]
fn the_exit_code_tells_on_request() {
    let home = family();
    let code = |words: &str| home.run(format!("diff {words}").split(' ')).code;
    assert_eq!(code("shipped shipped --exit-code"), 0);
    assert_eq!((code("before-options shipped --exit-code"), code("before-options shipped")), (1, 0));
    // A fork without a turn of its own differs in its first line alone, which is no turn.
    assert_eq!(code(&format!("before-options {} --exit-code", id(5))), 0);
    assert_eq!((code("shipped no-such-save"), code("")), (1, 2));
}

#[test]
fn a_session_differs_from_what_it_was_before_a_rewind() {
    let home = family();
    let objects = diff(&home, "", &format!("--json {0}@{{before}} {0}", id(1))).json();
    let turns = |side: &str| objects.iter().filter(|object| object["side"] == side && object["turn"].is_u64()).count();
    assert_eq!((&objects[0]["forkPoint"]["turn"], turns("a"), turns("b")), (&2.into(), 2, 2));
    let never = home.run(["diff", &format!("{}@{{before}}", id(9)), "shipped"]);
    assert!(never.code == 1 && never.stderr.contains("was never rewound or rewritten"), "{}", never.stderr);
}

#[test]
fn turns_that_were_copied_are_found_by_what_they_tell() {
    let home = Home::empty();
    let mut later = Written::new(2);
    later.clock += 1000;
    Written::new(1).turn("one").turn("two").turn("three").put(&home);
    later.turn("one").turn("two").turn("another").put(&home);
    home.ok("init -q --no-hooks");
    let words = format!("--json {} {}", id(1), id(2));
    let point = &diff(&home, "", &words).json()[0];
    assert_eq!((&point["forkPoint"]["turn"], &point["alike"]), (&2.into(), &2.into()));
    let shown = diff(&home, "80", &format!("{} {}", id(1), id(2))).stdout;
    assert!(shown.contains("  2 of them tell the same in other bytes\n"), "{shown}");
}

#[test]
fn nothing_in_a_difference_steers_a_terminal() {
    let home = Home::empty();
    let starts = [
        "\u{1b}[",
        "\u{1b}]0;",
        "\u{1b}P",
        "\u{1b}_",
        "\u{9b}",
        "\u{9d}8;;http://x",
        "\r",
        "\u{8}",
        "\u{202e}",
        "\u{e0041}",
    ];
    let ends = ["2J", "x\u{7}", "x\u{1b}\\", "x\u{9c}", "", "\u{0}", "\u{2028}"];
    let mut session = Written::new(1).turn("one");
    let base = session.clone();
    for payload in starts.iter().flat_map(|start| ends.iter().map(move |end| format!("a{start}{end}b 漢字 c"))) {
        session = session.patched(&payload, &[(&payload, 1, 1)]);
    }
    session.put(&home);
    Written::fork(2, &base, 1).turn("two").put(&home);
    home.ok("init -q --no-hooks");
    for options in ["", "--stat", "-p", "--json", "--files a"] {
        for width in ["", "40"] {
            let shown = diff(&home, width, &format!("{options} {} {}", id(1), id(2))).stdout;
            let bad = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{2028}' | '\u{e0041}'));
            assert!(!shown.contains(bad), "{options}: {shown:?}");
        }
    }
}

#[test]
fn a_save_made_while_a_turn_ran_is_its_beginning_and_no_other_end() {
    let home = Home::empty();
    crate::support::ran(
        std::process::Command::new("git").args(["init", "-q"]).current_dir(home.work()).output().unwrap(),
    );
    let mut written = Written::new(1).cwd(home.work().to_str().unwrap()).turn("first").open("second");
    written.patch(&added(&home, "before", "a\n"), "completed");
    written.command("make one", "done", 0);
    written.put(&home);
    home.ok("init -q --no-hooks");
    home.ok("save -q middle @");
    written.patch(&added(&home, "after", "b\n"), "completed");
    written.command("make two", "done", 0);
    let written = written.close().changed("third", &[added(&home, "last", "c\n")]);
    written.put(&home);
    home.ok("-q record");

    let patch = home.ok("patch middle..@");
    let told = |name: &str| patch.stdout.contains(&format!("b/{name}"));
    assert_eq!((told("before"), told("after"), told("last")), (false, true, true), "{patch:?}");
    assert!(patch.stderr.contains("make two") && !patch.stderr.contains("make one"), "{patch:?}");
    let back = home.ok("patch middle..@ -R").stdout;
    assert!(!back.contains("before"), "{back}");

    let sides = home.ok("diff middle @ --json").json();
    let of = |side: &str| sides.iter().filter(|line| line["side"] == side).count();
    assert_eq!(of("a"), 0, "{sides:?}");
    assert!(sides.iter().all(|line| line["path"] != home.work().join("before").to_str().unwrap()), "{sides:?}");
    assert_eq!(home.ok("diff middle middle --json").json().iter().filter(|line| line["side"].is_string()).count(), 0);
}
