//! Remotes that others wrote to who want no good: what is wrong is left out and named, what is right comes, and nothing else happens.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use super::{Shared, git, go_on, turns, written};
use crate::support::story::{Written, id};
use crate::support::{Home, Ran};

/// A machine's id that nobody has.
const EVIL: &str = "00000000ee";

/// A repository in which one machine is honest, and another is forged.
struct Evil {
    shared: Shared,
    honest: Home,
    /// The last commit of a good session.
    head: String,
}

impl Evil {
    fn new() -> Self {
        let shared = Shared::new();
        let honest = shared.machine("honest");
        go_on(&honest, 1, &["one", "two"]);
        honest.ok("push");
        let head = honest.git(&format!("rev-parse refs/heads/{}", id(1))).trim().to_owned();
        Self { shared, honest, head }
    }

    fn git(&self, words: &[&str], input: &[u8]) -> String {
        let path = self.shared.address();
        let mut git = Command::new("git");
        git.args(["--git-dir", &path, "-c", "user.name=x", "-c", "user.email=x@y"]).args(words);
        let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {words:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn blob(&self, bytes: &[u8]) -> String {
        self.git(&["hash-object", "-w", "--stdin"], bytes)
    }

    fn tree(&self, lines: &str) -> String {
        self.git(&["mktree"], lines.as_bytes())
    }

    /// The forged machine tells this.
    fn tells(&self, label: &[u8], lines: &str, saves: &[&[u8]]) {
        let mut shards: BTreeMap<&str, String> = BTreeMap::new();
        for line in lines.lines() {
            shards.entry(Self::shard(line)).or_default().push_str(&format!("{line}\n"));
        }
        let shard = |(name, lines): (&&str, &String)| format!("100644 blob {}\t{name}\n", self.blob(lines.as_bytes()));
        let sessions = self.tree(&shards.iter().map(shard).collect::<String>());
        let saves: String =
            saves.iter().enumerate().map(|(at, save)| format!("100644 blob {}\t{at:040}\n", self.blob(save))).collect();
        let saves = self.tree(&saves);
        self.index(&[
            ("100644 blob", &self.blob(b"1\n"), "format"),
            ("100644 blob", &self.blob(label), "machine"),
            ("040000 tree", &saves, "saves"),
            ("040000 tree", &sessions, "sessions"),
        ]);
    }

    fn index(&self, entries: &[(&str, &str, &str)]) {
        let lines: String = entries.iter().map(|(kind, id, name)| format!("{kind} {id}\t{name}\n")).collect();
        let commit = self.git(&["commit-tree", &self.tree(&lines), "-m", "index"], b"");
        self.git(&["update-ref", &format!("refs/codex/{EVIL}/index"), &commit], b"");
    }

    /// The shard that a session stands in.
    fn shard(lines: &str) -> &str {
        lines.get(34..36).filter(|end| end.bytes().all(|byte| byte.is_ascii_hexdigit())).unwrap_or("01")
    }

    fn line(&self, session: &str, tip: &str, title: &str) -> String {
        format!("{session}\t{tip}\t-\t2\t100\t1800000000\t-\t\t\t{title}\n")
    }

    /// What a machine makes of it that pulls; the honest machine's session comes whatever the other tells.
    fn pulled(&self) -> (Ran, Home) {
        let home = self.shared.machine("victim");
        let told = home.run(["pull"]);
        assert!(home.git("for-each-ref refs/heads").contains(&id(1)), "{told:?}");
        assert_eq!(turns(&home, &id(1)), ["one", "two"], "{told:?}");
        assert_eq!(home.ok("verify").code, 0);
        home.git("fsck --strict");
        let text = format!("{}{}", told.stdout, told.stderr);
        assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "nothing raw: {text:?}");
        let refs = home.git("for-each-ref --format=%(refname)");
        assert!(
            refs.lines().all(|name| name.starts_with("refs/heads/")
                || name.starts_with("refs/saves/")
                || name.starts_with("refs/open/")),
            "{refs}"
        );
        (told, home)
    }

    /// The same where something must be left out.
    fn left_out(&self) -> String {
        let (told, home) = self.pulled();
        assert!(told.code == 1 && told.stderr.contains("is left out"), "{told:?}");
        assert_eq!(home.git("for-each-ref refs/heads").lines().count(), 1, "{told:?}");
        let packs = fs::read_dir(home.store().join("objects/pack")).unwrap();
        assert_eq!(
            packs.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|is| is == "idx")).count(),
            1
        );
        told.stderr
    }
}

#[test]
fn commits_that_are_no_recordings_are_left_out() {
    let evil = Evil::new();
    let text = evil.git(&["cat-file", "commit", &evil.head], b"");
    let forged = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        evil.git(
            &["hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
            format!("{}\n", text.replacen(from, to, 1)).as_bytes(),
        )
    };
    for (from, to) in [("two", "something else"), ("Codex-Turn: 2", "Codex-Turn: 3"), ("codex-git <", "mallory <")] {
        evil.tells(b"evil\t0\n", &evil.line(&id(1), &forged(from, to), "x"), &[]);
        let told = evil.left_out();
        assert!(told.contains("from evil"), "{told}");
    }
    // A commit of something else, and one that is not there.
    let other = evil.git(&["commit-tree", &evil.tree(""), "-m", "hello"], b"");
    for tip in [other.as_str(), "1234567812345678123456781234567812345678"] {
        evil.tells(b"evil\t0\n", &evil.line(&id(1), tip, "x"), &[]);
        evil.left_out();
    }
    // Objects that are no commits, and one that unpacks to much.
    let zeros = evil.blob(&vec![0; 64 << 20]);
    for object in [zeros.as_str(), &evil.tree("")] {
        evil.tells(b"evil\t0\n", &evil.line(&id(1), object, "x"), &[]);
        evil.left_out();
    }
}

#[test]
fn a_session_is_no_other_than_it_is_told_to_be() {
    let evil = Evil::new();
    evil.tells(b"evil\t0\n", &evil.line(&id(9), &evil.head, "x"), &[]);
    assert!(evil.left_out().contains("it ends elsewhere than it is told to"));
    // With an end of its own told as lines that are open.
    let first = evil.git(&["rev-parse", &format!("{}^", evil.head)], b"");
    evil.tells(b"evil\t0\n", &format!("{}\t{first}\t{}\t2\t1\t1\t-\t\t\tx\n", id(1), evil.head), &[]);
    evil.left_out();
}

#[test]
fn an_index_that_is_none_is_left_out() {
    let evil = Evil::new();
    let (format, machine) = (evil.blob(b"1\n"), evil.blob(b"evil\t0\n"));
    let good = [("100644 blob", format.as_str(), "format"), ("100644 blob", machine.as_str(), "machine")];
    let with = |more: (&str, &str, &str)| {
        let mut entries = good.to_vec();
        entries.retain(|(_, _, name)| *name != more.2);
        entries.push(more);
        evil.index(&entries);
        evil.left_out()
    };
    let link = evil.blob(b"/etc/passwd");
    let huge = evil.blob(&vec![b'x'; 9 << 20]);
    let many: String = (0..12_000).map(|number| format!("100644 blob {format}\t{number:040}\n")).collect();
    with(("100644 blob", &evil.blob(b"2\n"), "format"));
    with(("040000 tree", &evil.tree(""), "format"));
    with(("120000 blob", &link, "sessions"));
    with(("040000 tree", &evil.tree(&format!("120000 blob {link}\t01\n")), "sessions"));
    with(("040000 tree", &evil.tree(&format!("100644 blob {huge}\t01\n")), "sessions"));
    with(("040000 tree", &evil.tree(&format!("100644 blob {huge}\t01\n")), "saves"));
    with(("040000 tree", &evil.tree(&many), "saves"));
    for lines in ["nonsense\n", "a\tb\n", "../../etc\t1\t2\t3\t4\t5\t6\t7\t8\t9\n"] {
        let shard = evil.blob(lines.as_bytes());
        let told = with(("040000 tree", &evil.tree(&format!("100644 blob {shard}\t01\n")), "sessions"));
        assert!(told.contains("a line that tells of no session"), "{told}");
    }
    evil.git(&["update-ref", &format!("refs/codex/{EVIL}/index"), &evil.blob(b"not even a commit")], b"");
    evil.left_out();
}

#[test]
fn names_titles_and_labels_steer_nothing() {
    let evil = Evil::new();
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}x";
    let label = format!("../../{hostile}$(touch owned)\t0\n");
    go_on(&evil.honest, 2, &["more"]);
    evil.honest.ok("push");
    let tip = evil.honest.git(&format!("rev-parse refs/heads/{}", id(2)));
    evil.tells(label.as_bytes(), &evil.line(&id(2), tip.trim(), hostile), &[]);
    let (told, home) = evil.pulled();
    assert_eq!(told.code, 0, "{told:?}");
    for words in ["list --remote", "--json list --remote", "list --all", "strands"] {
        let told = home.ok(words);
        assert!(told.stdout.chars().all(|c| !c.is_control() || c == '\n'), "{words}: {told:?}");
    }
    assert!(!home.work().join("owned").exists());
}

#[test]
fn saves_that_are_none_are_left_where_they_are() {
    let evil = Evil::new();
    let head = &evil.head;
    let tag = |name: &str, commit: &str| {
        format!(
            "object {commit}\ntype commit\ntag {name}\ntagger codex-git <codex-git@codex.invalid> 1 +0000\n\n{name} (turn 2): x\n\nCodex-Save: {name}\nCodex-Session: {}\nCodex-Turn: 2\nCodex-Saved-At: 2026-11-22T22:58:27Z\nCodex-Created-At: 2026-11-22T22:58:27Z\nCodex-Format: 1\n",
            id(1)
        )
    };
    let saves: Vec<String> = [
        ("good", head.as_str()),
        ("../../../hooks/post-checkout", head),
        ("-rf", head),
        ("a b", head),
        ("gone", "1234567812345678123456781234567812345678"),
    ]
    .iter()
    .map(|(name, commit)| tag(name, commit))
    .collect();
    let bytes: Vec<&[u8]> = saves.iter().map(String::as_bytes).chain([&b"nonsense"[..]]).collect();
    evil.tells(b"evil\t0\n", "", &bytes);
    let (_, home) = evil.pulled();
    let refs = home.git("for-each-ref --format=%(refname) refs/saves");
    assert_eq!(refs.trim(), format!("refs/saves/{EVIL}/good"));
    assert_eq!(turns(&home, "evil/good"), ["one", "two"]);
}

#[test]
fn refs_that_no_machine_has_are_not_looked_at() {
    let evil = Evil::new();
    let commit = evil.git(&["commit-tree", &evil.tree(""), "-m", "x"], b"");
    for name in
        ["refs/codex/../x/index", "refs/codex/UPPER/index", "refs/codex/a/b/index", "refs/codex/zzzzzzzzzz/index"]
    {
        let path = evil.shared.address();
        // Git itself takes some of them.
        drop(
            Command::new("git").args(["--git-dir", &path, "update-ref", name, &commit]).stderr(Stdio::null()).status(),
        );
    }
    let (told, _) = evil.pulled();
    assert_eq!(told.code, 0, "{told:?}");
    // More machines than there can be.
    let many: String = (0..1500).map(|number| format!("create refs/codex/{number:010x}/index {commit}\n")).collect();
    evil.git(&["update-ref", "--stdin"], many.as_bytes());
    let home = evil.shared.machine("victim");
    let told = home.run(["pull"]);
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(home.git("for-each-ref"), "");
}

#[test]
fn what_is_wrong_with_one_session_keeps_the_others_of_its_machine_away_only_until_it_is_right() {
    let evil = Evil::new();
    let text = evil.git(&["cat-file", "commit", &evil.head], b"");
    let forged = evil.git(
        &["hash-object", "-t", "commit", "-w", "--stdin"],
        format!("{}\n", text.replacen("two", "2", 1)).as_bytes(),
    );
    go_on(&evil.honest, 2, &["more"]);
    evil.honest.ok("push");
    let tip = evil.honest.git(&format!("rev-parse refs/heads/{}", id(2)));
    let refs = evil.shared.git("for-each-ref --format=%(refname)");
    let index = refs.lines().find(|name| name.ends_with("/index")).unwrap();
    git(&["--git-dir", &evil.shared.address(), "update-ref", "-d", index]);
    let lines = [evil.line(&id(1), &forged, "x"), evil.line(&id(2), tip.trim(), "y")].concat();
    evil.tells(b"evil\t0\n", &lines, &[]);
    let home = evil.shared.machine("victim");
    let told = home.run(["pull"]);
    assert!(told.code == 1 && told.stderr.contains("is left out"), "{told:?}");
    assert_eq!(turns(&home, &id(2)), ["more"], "the good one came");
    assert_eq!(home.run(["pull"]).code, 1, "it is told again as long as it is wrong");
    evil.tells(b"evil\t0\n", &[evil.line(&id(1), &evil.head, "x"), evil.line(&id(2), tip.trim(), "y")].concat(), &[]);
    home.ok("pull");
    assert_eq!(turns(&home, &id(1)), ["one", "two"]);
}

#[test]
fn what_somebody_writes_into_the_index_of_another_machine_makes_nothing_leave() {
    let evil = Evil::new();
    let home = evil.shared.machine("desk");
    home.ok("remote set origin --drop all --share session:01a20f86-0003-7000-8000-000000000003");
    go_on(&home, 2, &["private"]);
    go_on(&home, 3, &["shared"]);
    home.ok("push");
    let machine = home.git("config codexgit.machine").trim().to_owned();
    let name = format!("refs/codex/{machine}/index");
    let private = home.git(&format!("rev-parse refs/heads/{}", id(2))).trim().to_owned();
    let before = evil.shared.git(&format!("rev-parse {name}")).trim().to_owned();
    evil.tells(b"desk\t0\n", &evil.line(&id(2), &private, "x"), &[]);
    let tree = evil.git(&["rev-parse", &format!("refs/codex/{EVIL}/index^{{tree}}")], b"");
    let forged = evil.git(&["commit-tree", &tree, "-p", &before, "-m", "x"], b"");
    evil.git(&["update-ref", &name, &forged], b"");
    evil.git(&["update-ref", "-d", &format!("refs/codex/{EVIL}/index")], b"");
    go_on(&home, 2, &["private", "more"]);
    go_on(&home, 3, &["shared", "more"]);
    home.ok("push");
    let there = evil.shared.git("cat-file --batch-all-objects --batch-check=%(objectname)");
    assert!(!there.contains(&private), "it stays here");
    let other = evil.shared.machine("other");
    other.run(["pull"]);
    assert_eq!(turns(&other, &id(3)), ["shared", "more"]);
    assert!(!other.git("for-each-ref").contains(&id(2)));
}

#[test]
fn a_line_that_names_what_is_no_commit_stops_no_push() {
    let evil = Evil::new();
    let home = evil.shared.machine("desk");
    home.ok("pull");
    home.ok(&format!("-q restore {}", id(1)));
    let tree = home.git(&format!("rev-parse {}^{{tree}}", evil.head));
    evil.tells(b"evil\t0\n", &evil.line(&id(1), tree.trim(), "x"), &[]);
    go_on(&home, 1, &["one", "two", "three"]);
    assert!(home.ok("push").stderr.contains("pushed 1 session"));
}

#[test]
fn what_is_no_recording_spoils_nothing_that_comes_after_it() {
    let evil = Evil::new();
    let text = evil.git(&["cat-file", "commit", &evil.head], b"");
    let write = |text: String| {
        evil.git(&["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], format!("{text}\n").as_bytes())
    };
    let forged = write(text.replacen("two", "2", 1));
    // A fork of what is forged is as bad, whatever is looked at first.
    written(1, &["one", "two"]).put(&evil.honest);
    Written::fork(5, &written(1, &["one", "two"]), 2).turn("on").put(&evil.honest);
    evil.honest.ok("-q record");
    evil.honest.ok("push");
    let fork = evil.honest.git(&format!("rev-parse refs/heads/{}~1", id(5))).trim().to_owned();
    let on_forged = write(evil.git(&["cat-file", "commit", &fork], b"").replacen(&evil.head, &forged, 1));
    let lines = [evil.line(&id(1), &forged, "x"), evil.line(&id(5), &on_forged, "x")].concat();
    evil.tells(b"evil\t0\n", &lines, &[]);
    let home = evil.shared.machine("victim");
    let told = home.run(["pull"]);
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(told.stderr.matches("from evil is left out").count(), 2, "{told:?}");
    assert_eq!(turns(&home, &id(5)), ["one", "two", "on"], "that of the honest machine came");
    assert!(!home.git("rev-list --all").contains(&forged));
}
