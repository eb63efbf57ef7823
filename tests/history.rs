//! What `log` prints: rows and graphs at several widths, parts of histories, and nothing that steers a terminal.
//!
//! `tests/fixtures/history` holds what must be printed; `UPDATE_SNAPSHOTS=1 cargo test --test suite history::` writes it anew.

use codex_git::model::{screen, text};

use crate::support::story::{Written, family, id};
use crate::support::{Home, Ran, ran, snapshot};

fn at(home: &Home, width: &str, words: &str) -> Ran {
    let mut command = home.command();
    command.args(words.split_whitespace()).env("TZ", "UTC").env_remove("LC_ALL").env("LANG", "C.UTF-8");
    if !width.is_empty() {
        command.env("COLUMNS", width);
    }
    let ran = ran(command.output().unwrap());
    assert_eq!(ran.code, 0, "{words}: {}", ran.stderr);
    ran
}

/// Commands whose whole output is held.
fn told() -> Vec<(&'static str, String)> {
    let one = id(1);
    vec![
        ("log", format!("log --date local {one}")),
        ("all-turns", format!("log --all-turns --date local {one}")),
        ("stat", format!("log --stat --date local {one}")),
        ("patch", format!("log -p -n 2 --date local {one}")),
        ("graph", format!("log --graph --date local {one}")),
        ("graph-of-fork", format!("log --graph --date local {}", id(4))),
        ("graph-all", "log --graph --all --date local".to_owned()),
        ("graph-stat", format!("log --graph --stat --all-turns --date local {one}")),
    ]
}

#[test]
fn histories_fit_any_width() {
    let home = family();
    for (name, words) in told() {
        for width in ["60", "80", "140"] {
            let shown = at(&home, width, &words).stdout;
            let most = width.parse().unwrap();
            let is_good = |line: &str| text::width(line) <= most && !line.ends_with(' ');
            assert!(shown.lines().all(is_good), "{name} at {width}:\n{shown}");
            snapshot::check(&format!("history/{name}-{width}.txt"), &shown);
        }
        snapshot::check(&format!("history/{name}-file.txt"), &at(&home, "", &words).stdout);
    }
}

#[test]
fn histories_have_their_colours() {
    let home = family();
    for (name, words) in told() {
        let coloured = at(&home, "80", &format!("{words} --color always")).stdout;
        snapshot::check(&format!("history/{name}-80-colour.txt"), &coloured);
        assert_eq!(screen::lines(&coloured, 8), at(&home, "80", &words).stdout, "colours change nothing else");
    }
}

#[test]
fn a_graph_is_drawn_with_letters_that_the_terminal_has() {
    let home = family();
    let drawn = |locale: &str| {
        let mut command = home.command();
        command.args(["log", "--graph", "--date", "iso", &id(1)]).env_remove("LC_ALL").env("LANG", locale);
        ran(command.output().unwrap()).stdout
    };
    snapshot::check("history/graph-ascii.txt", &drawn("C"));
    assert_eq!(drawn("de_DE.UTF-8"), drawn(""));
}

#[test]
fn a_graph_has_each_turn_once() {
    let home = family();
    let turns = home.ok("log --graph --all --all-turns --json").json();
    let mut commits: Vec<&str> = turns.iter().map(|turn| turn["commit"].as_str().unwrap()).collect();
    let count = commits.len();
    commits.sort_unstable();
    commits.dedup();
    assert_eq!((commits.len(), count), (count, 2 + 2 + 2 + 11 + 3 + 1));
    for turn in &turns {
        let is_there = turn["parent"].as_str().is_none_or(|parent| commits.binary_search(&parent).is_ok());
        assert!(is_there, "{turn}");
    }
    let drawn = at(&home, "100", "log --graph --all --all-turns").stdout;
    let is_row = |line: &&str| line.contains(['●', '◌', '×', '◍']);
    assert_eq!(drawn.lines().filter(is_row).count(), count);
}

#[test]
fn turns_are_filtered() {
    let home = family();
    let turns = |words: &str| -> Vec<String> {
        let turns = home.ok(&format!("log --json {words}")).json();
        turns.iter().map(|turn| format!("{}:{}", &turn["session"].as_str().unwrap()[12..13], turn["turn"])).collect()
    };
    let one = id(1);
    assert_eq!(turns(&one), ["1:4", "1:3", "1:2", "1:1"]);
    assert_eq!(
        (turns(&format!("-n 1 {one}")), turns(&format!("--reverse -n 2 {one}"))),
        (vec!["1:4".into()], vec!["1:3".into(), "1:4".into()])
    );
    assert_eq!(turns(&format!("--grep SPLIT_ {one}")), [""; 0]);
    assert_eq!(turns(&format!("--grep split_ {one}")), ["1:4"]);
    // Beyond what a subject holds.
    assert_eq!(turns(&format!("--grep larger.than.memory$ {one}")), ["1:3"]);
    assert_eq!(turns(&format!("--author SOL {}", id(3))).len(), 11);
    assert_eq!(turns(&format!("--author gpt-5 {}", id(3))), ["1:1"]);
    assert_eq!(turns("--all --cwd /work/elsewhere"), ["9:1"]);
    assert_eq!(turns(&format!("--since 2026-11-25 {one}")), [""; 0]);
    assert_eq!(turns(&format!("--until 2026-11-24T21:46:30Z {one}")), ["1:1"]);
    assert_eq!(turns(&format!("--since 2026-11-23 --until 2026-11-26 --grep word {one}")), ["1:4", "1:2", "1:1"]);
    assert_eq!(home.ok(&format!("log --since 5y --grep no-such-word {one}")).stdout, "");
    for wrong in ["--since soon", "--grep (", "--graph --reverse"] {
        assert_eq!(home.run(format!("log {wrong} {one}").split(' ')).code, 2, "{wrong}");
    }
}

#[test]
fn a_range_is_what_one_has_and_the_other_has_not() {
    let home = family();
    let turns = |range: &str| -> Vec<u64> {
        home.ok(&format!("log --json {range}")).json().iter().map(|turn| turn["turn"].as_u64().unwrap()).collect()
    };
    let (one, three) = (id(1), id(3));
    assert_eq!(turns(&format!("{one}..{three}")).len(), 10 + 1 - 1 + 1);
    assert_eq!(turns(&format!("{three}..{one}")), [4, 3, 2]);
    assert_eq!(turns("before-options..shipped"), [4, 3]);
    assert_eq!(turns("shipped..before-options"), [0; 0]);
    assert_eq!(turns(&format!("{one}~1..{one}")), [4]);
    for wrong in ["a...b", "a..b..c"] {
        assert_eq!(home.run(["log", wrong]).code, 2, "{wrong}");
    }
    assert_eq!(home.run(["log", "--graph", "before-options..shipped"]).code, 2);
}

#[test]
fn listings_take_the_same_filters() {
    let home = family();
    let count = |words: &str| home.ok(&format!("{words} --json")).json().len();
    assert_eq!((count("list --all"), count("list --all -n 2"), count("list")), (5, 2, 0));
    assert_eq!(
        (count("list --all --author sol"), count("list --cwd /work"), count("list --cwd /work/else")),
        (1, 5, 0)
    );
    assert_eq!((count("list --all --since 2026-11-25"), count("list --all --until 2026-11-24 --grep OWN")), (0, 0));
    assert_eq!(
        (count("list --all --until 2026-11-24 --grep own"), count("list --all --subagents --grep tests$")),
        (1, 1)
    );
    assert_eq!(
        (count("saves"), count("saves --grep ^before"), count("saves -n 1"), count("saves --since 2099-01-01")),
        (2, 1, 1, 0)
    );
    assert_eq!((count("saves --cwd /work/tally --author gpt"), count("saves --until 2026-11-24")), (2, 0));
    let title = home.ok("list --all --json --author sol").json()[0]["title"].as_str().unwrap().to_owned();
    assert!(title.ends_with("prints the most frequent ones"), "{title}");
    let listed = home.ok("list --date iso --cwd /work/elsewhere").stdout;
    assert_eq!(listed, "01a20f86-0009  2026-11-24T21:46:15Z  1 turn  /work/elsewhere  a session of its own\n");
}

#[test]
fn a_session_without_a_prompt_is_called_by_its_last_turn() {
    let home = Home::empty();
    let mut review = Written::new(1).cwd("/work/elsewhere");
    review.open_turn("is it right?");
    for mode in ["entered_review_mode", "exited_review_mode"] {
        review.event(&serde_json::json!({ "type": mode }));
    }
    review.close().put(&home);
    home.ok("init -q --no-hooks");
    let listed = home.ok("list --date iso --all").stdout;
    assert_eq!(listed, "01a20f86-0001  2026-11-24T21:46:17Z  1 turn  /work/elsewhere  review: is it right?\n");
    assert_eq!(home.ok("list --all --json").json()[0]["title"], "review: is it right?");
}

#[test]
fn a_project_is_one_place() {
    let home = Home::empty();
    let work = home.work();
    for folder in [".git", "src", "vendor/.git"] {
        std::fs::create_dir_all(work.join(folder)).unwrap();
    }
    for (number, folder) in [(1, work.clone()), (2, work.join("src")), (3, work.join("vendor")), (4, home.path())] {
        Written::new(number).cwd(folder.to_str().unwrap()).turn("asked here").put(&home);
    }
    home.ok("init -q --no-hooks");
    let listed = |folder: &str, words: &str| {
        let mut command = home.command();
        ran(command.args(words.split(' ')).current_dir(work.join(folder)).output().unwrap()).stdout
    };
    let of = |folder| listed(folder, "list --json").lines().count();
    assert_eq!((of(""), of("src"), of("vendor")), (2, 2, 1));
    let shown = listed("vendor", "list");
    assert!(!shown.contains(work.to_str().unwrap()) && shown.contains("1 turn  asked here"), "{shown}");
    assert!(listed("src", "list").contains("~/work"), "one of another directory is there");
}

#[test]
fn programs_get_whole_prompts_and_files() {
    let home = family();
    let turns = home.ok(&format!("log --json --stat {}", id(1))).json();
    assert!(turns[3]["prompt"].as_str().unwrap().ends_with("prints the most frequent ones"));
    assert_eq!(turns[2]["files"][0], serde_json::json!({ "path": "tally.py", "added": 4, "removed": 2 }));
    assert_eq!((&turns[0]["parent"], &turns[3]["parent"]), (&turns[1]["commit"], &serde_json::Value::Null));
    assert_eq!(home.ok(&format!("log --json -n 1 {}", id(1))).json()[0]["parent"], turns[1]["commit"]);
    assert!(turns[1].get("files").is_some() && home.ok("log --json shipped").json()[0].get("files").is_none());
}

#[test]
fn lanes_that_have_no_room_are_folded() {
    let home = Home::empty();
    let mut last = Written::new(1).turn("one").turn("two");
    last.put(&home);
    for number in 2..42 {
        last = Written::fork(number, &last, 1).turn(&format!("of fork {number}")).turn("and on");
        last.put(&home);
    }
    home.ok("init -q --no-hooks");
    let drawn = at(&home, "60", &format!("log --graph --date local {}", id(1))).stdout;
    assert!(drawn.lines().all(|line| text::width(line) <= 60), "{drawn}");
    snapshot::check("history/forty-lanes-60.txt", &drawn);
    assert_eq!(home.ok(&format!("log --graph --json {}", id(20))).json().len(), 82);
}

#[test]
fn nothing_in_a_history_steers_a_terminal() {
    let home = Home::empty();
    let evil = "a\u{1b}]0;pwned\u{7}b\u{9b}2Jc\u{202e}d\re\u{1b}[31mf";
    let session = Written::new(1)
        .cwd("/work/e\u{1b}[2Jvil")
        .model("gpt\u{1b}[5m")
        .patched(evil, &[("f\u{1b}]0;x\u{7}\u{202e}.py", 1, 1)])
        .stopped(evil);
    session.put(&home);
    Written::fork(2, &session, 1).turn(evil).put(&home);
    home.ok("init -q --no-hooks");
    for words in [
        "log",
        "log --stat",
        "log -p",
        "log --graph",
        "log --graph --stat",
        "log --graph -p",
        "log --all",
        "list --all",
        "log --json --stat",
    ] {
        for width in ["", "40"] {
            let command = if words.contains("all") { words.to_owned() } else { format!("{words} {}", id(1)) };
            let shown = at(&home, width, &command).stdout;
            let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
            assert!(!shown.contains(bad), "{words}: {shown:?}");
        }
    }
}

#[test]
fn no_turn_stands_above_one_that_follows_it_whatever_the_clock_said() {
    let home = Home::empty();
    let mut session = Written::new(1).turn("one").turn("two");
    // The clock was set back, and stood still.
    session.clock = 0;
    let mut session = session.turn("three");
    session.clock -= 61;
    session.turn("four").put(&home);
    home.ok("init -q --no-hooks");
    let turns = |words: &str| -> Vec<u64> {
        home.ok(&format!("log --all --json {words}")).json().iter().map(|turn| turn["turn"].as_u64().unwrap()).collect()
    };
    assert_eq!((turns(""), turns("-n 1")), (vec![4, 3, 2, 1], vec![4]));
}

#[test]
fn a_filter_that_nothing_fits_is_no_silence() {
    let home = family();
    for (words, told) in [("list --all", "no session"), ("saves", "no save"), ("log --all", "no turn")] {
        let ran = home.ok(&format!("{words} --grep no-such-words"));
        assert_eq!((ran.stdout.as_str(), ran.stderr), ("", format!("{told} matches\n")));
        assert_eq!(home.ok(&format!("{words} --json --grep no-such-words")).stderr, "");
    }
}

#[test]
fn an_agent_hangs_on_the_turn_that_ran_when_it_was_made() {
    let home = Home::empty();
    let mut first = Written::new(1).turn("one");
    first.clock -= 40;
    let old = first.turn("two, which started an agent");
    old.put(&home);
    old.rewound(2, 1).turn("two once more").put(&home);
    Written::agent(0x7000, &old).turn("look").put(&home);
    home.ok("init -q --no-hooks");
    for words in [format!("log --all-turns {}", id(1)), format!("log --graph --all-turns {}", id(1))] {
        let turns = home.ok(&format!("{words} --json")).json();
        let with: Vec<_> = turns.iter().filter(|turn| turn["agents"][0].is_string()).collect();
        assert!(with.len() == 1 && with[0]["prompt"] == "two, which started an agent", "{words}: {with:?}");
    }
    assert!(!home.ok(&format!("show {}", id(1))).stdout.contains("⑂ agent"));
}

#[test]
fn saves_stand_in_the_order_of_their_names() {
    let home = family();
    for name in ["zz", "mm", "aa"] {
        home.ok(&format!("fork -q shipped --name {name}"));
    }
    for words in ["log --all --json", "log --graph --all --json"] {
        let turns = home.ok(words).json();
        let saves =
            turns.iter().map(|turn| &turn["saves"]).find(|saves| saves.to_string().contains("shipped")).unwrap();
        assert_eq!(*saves, serde_json::json!(["aa", "mm", "shipped", "zz"]), "{words}");
    }
}

#[test]
fn listings_and_amounts_fit_any_width() {
    let home = family();
    for (name, words) in [
        ("list", "list --all --subagents --date iso"),
        ("saves", "saves"),
        ("stats", "stats --by model"),
        ("stats-tool", "stats --by tool"),
        ("stats-file", "stats --by file"),
    ] {
        let told = |width: &str, more: &[&str]| {
            let mut command = home.command();
            command.args(words.split(' ')).args(more).env("TZ", "UTC").env("COLUMNS", width);
            let ran = ran(command.output().unwrap());
            assert_eq!(ran.code, 0, "{words}: {}", ran.stderr);
            ran.stdout
        };
        for width in ["60", "80", "140"] {
            let shown = told(width, &[]);
            let most = width.parse().unwrap();
            assert!(shown.lines().all(|line| text::width(line) <= most), "{name} at {width}:\n{shown}");
            snapshot::check(&format!("history/{name}-{width}.txt"), &shown);
        }
        let coloured = told("80", &["--color", "always"]);
        snapshot::check(&format!("history/{name}-80-colour.txt"), &coloured);
        assert_eq!(screen::lines(&coloured, 8), told("80", &[]), "colours change nothing else");
    }
}

#[test]
fn a_fork_that_left_its_base_behind_is_of_the_family() {
    let home = Home::empty();
    let base = Written::new(1).turn("the first question");
    base.put(&home);
    let fork = Written::fork(2, &base, 1).turn("its own");
    fork.put(&home);
    fork.rewound_to_nothing(3, Some(&base)).turn("all anew").put(&home);
    home.ok("init -q --no-hooks");
    for session in [id(1), id(2)] {
        let drawn = at(&home, "100", &format!("log --graph {session}")).stdout;
        for prompt in ["the first question", "its own", "all anew"] {
            assert_eq!(drawn.matches(prompt).count(), 1, "{drawn}");
        }
        let live = drawn.lines().find(|line| line.contains("the first question")).unwrap();
        assert!(!live.contains("left behind") && drawn.contains(&id(1)[..13]), "{drawn}");
    }
}
