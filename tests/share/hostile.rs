//! Files that were made to be taken in and are no recordings: each is refused, and nothing of it stays.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{fresh, import, share};
use crate::support::story::{Written, id};
use crate::support::{Home, ran};

/// A repository in which a conversation is forged, and what is in it.
struct Forge {
    home: Home,
    path: PathBuf,
    /// The conversation's last commit.
    head: String,
}

impl Forge {
    /// One with a conversation of three turns.
    fn new() -> Self {
        let home = fresh();
        Written::new(1).turn("one").turn("two").turn("three").put(&home);
        Written::new(2).turn("another").put(&home);
        home.ok("-q record");
        let path = home.work().join("forge");
        let file = share(&home, &id(1), "good.bundle");
        let forge = Self { head: home.git(&format!("rev-parse {}", id(1))).trim().to_owned(), home, path };
        ran(Command::new("git").args(["init", "-q", "--bare"]).arg(&forge.path).output().unwrap());
        forge.git(&["fetch", "-q", file.to_str().unwrap(), "refs/codex/share/*:refs/heads/*"], b"");
        forge
    }

    fn git(&self, words: &[&str], input: &[u8]) -> String {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(&self.path).args(["-c", "user.name=x", "-c", "user.email=x@y"]).args(words);
        let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {words:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn text(&self, commit: &str) -> String {
        self.git(&["cat-file", "commit", commit], b"")
    }

    /// Writes a commit as it is.
    fn commit(&self, text: &str) -> String {
        self.git(&["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], format!("{text}\n").as_bytes())
    }

    /// The last commit with some of its text changed.
    fn changed(&self, from: &str, to: &str) -> String {
        let text = self.text(&self.head);
        assert!(text.contains(from), "{text}");
        self.commit(&text.replacen(from, to, 1))
    }

    /// The last commit with another tree: lines for `git mktree` are changed.
    fn other_tree(&self, change: impl Fn(&str) -> String) -> String {
        let lines = self.git(&["ls-tree", &self.head], b"");
        let tree = self.git(&["mktree", "--missing"], (change(&lines) + "\n").as_bytes());
        let text = self.text(&self.head);
        let (_, rest) = text.split_once('\n').unwrap();
        self.commit(&format!("tree {tree}\n{rest}"))
    }

    fn blob(&self, bytes: &[u8]) -> String {
        self.git(&["hash-object", "-w", "--stdin"], bytes)
    }

    /// The last commit with another chunk in the place of its last turn.
    fn other_chunk(&self, mode: &str, kind: &str, object: &str) -> String {
        let folder = self.git(&["rev-parse", &format!("{}:0000", self.head)], b"");
        let lines = self.git(&["ls-tree", &folder], b"");
        let kept: String =
            lines.lines().filter(|line| !line.ends_with("03.jsonl")).map(|line| format!("{line}\n")).collect();
        let folder = self.git(&["mktree", "--missing"], format!("{kept}{mode} {kind} {object}\t03.jsonl\n").as_bytes());
        self.other_tree(|lines| {
            let rest: String =
                lines.lines().filter(|line| !line.ends_with("\t0000")).map(|line| format!("{line}\n")).collect();
            format!("{rest}040000 tree {folder}\t0000")
        })
    }

    /// A file with a commit, under a ref.
    fn bundle(&self, object: &str, name: &str) -> PathBuf {
        self.bundle_with(object, name, "")
    }

    /// The same with another commit in its pack.
    fn bundle_with(&self, object: &str, name: &str, more: &str) -> PathBuf {
        let file = self.home.work().join("forged.bundle");
        let mut bytes = format!("# v2 git bundle\n{object} {name}\n\n").into_bytes();
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(&self.path).args(["pack-objects", "--revs", "--stdout", "-q", "--missing=allow-any"]);
        let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{object}\n{more}").unwrap();
        bytes.extend(child.wait_with_output().unwrap().stdout);
        fs::write(&file, bytes).unwrap();
        file
    }

    fn name(&self) -> String {
        format!("refs/codex/share/{}", id(1))
    }
}

/// All that a home holds, but for notes.
fn files(home: &Home) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![home.path()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { left.push(path) } else { found.push(path) }
        }
    }
    found.retain(|path| !path.file_name().unwrap().to_str().unwrap().starts_with("codex-git"));
    found.sort();
    found
}

fn is_refused(home: &Home, file: &Path, what: &str) {
    let (refs, before) = (home.refs(), files(home));
    let told = import(home, file);
    assert!(!told.stderr.contains("--repair"), "{what}: the store is not to blame: {told:?}");
    assert_eq!(told.code, 1, "{what}: {told:?}");
    assert!(told.stdout.is_empty() && told.stderr.starts_with("error: "), "{what}: {told:?}");
    assert!(!told.stderr.contains('\u{1b}'), "{what}: {told:?}");
    assert_eq!(home.refs(), refs, "{what}");
    assert_eq!(files(home), before, "{what}");
}

#[test]
fn a_conversation_that_is_no_recording_is_refused() {
    let forge = Forge::new();
    let parent = forge.git(&["rev-parse", &format!("{}^", forge.head)], b"");
    let before = forge.git(&["rev-parse", &format!("{}^^", forge.head)], b"");
    let chunk = forge.blob(b"{\"type\":\"event_msg\",\"payload\":{}}\n");
    let zeros = forge.blob(&vec![0; 9 << 20]);
    let link = forge.blob(b"/etc/passwd");
    let chunk_now = forge.git(&["rev-parse", &format!("{}:0000/03.jsonl", forge.head)], b"");
    let person = "author ";
    let forged = [
        ("another subject", forge.changed("\n\nthree", "\n\nsomething else")),
        ("a subject that steers a terminal", forge.changed("\n\nthree", "\n\n\u{1b}]0;owned\u{7}three")),
        ("another title", forge.changed("Codex-Title: one", "Codex-Title: two")),
        ("another number of turns", forge.changed("Codex-Turn: 3", "Codex-Turn: 4")),
        ("another session", forge.changed(&id(1), &id(2))),
        ("a path", forge.changed("Codex-Rollout: ", "Codex-Rollout: ../../../")),
        ("another author", forge.changed(person, "author x")),
        ("a trailer more", forge.changed("Codex-Format: 1", "Codex-Format: 1\nCodex-Evil: yes")),
        ("a later format", forge.changed("Codex-Format: 1", "Codex-Format: 2")),
        ("another offset", forge.changed("Codex-Offset: ", "Codex-Offset: 1")),
        ("a status", forge.changed("Codex-Status: complete", "Codex-Status: error")),
        ("a turn left out", forge.changed(&format!("parent {parent}"), &format!("parent {before}"))),
        ("two parents", forge.changed(&format!("parent {parent}"), &format!("parent {parent}\nparent {before}"))),
        ("a replacement", forge.changed("Codex-Kind: prompt", "Codex-Kind: rewritten")),
        ("other bytes", forge.other_chunk("100644", "blob", &chunk)),
        ("a link", forge.other_chunk("120000", "blob", &link)),
        ("a program", forge.other_chunk("100755", "blob", &chunk_now)),
        ("a module", forge.other_chunk("160000", "commit", &parent)),
        ("a large chunk", forge.other_chunk("100644", "blob", &zeros)),
        ("a file more", forge.other_tree(|lines| format!("{lines}\n100644 blob {chunk}\tmore.jsonl"))),
        ("no first line", forge.other_tree(|lines| lines.lines().filter(|line| !line.contains("meta")).collect())),
        (
            "a commit of somebody else",
            forge.git(&["commit-tree", "-m", "hello", &format!("{}^{{tree}}", forge.head)], b""),
        ),
    ];
    let (empty, known) = (fresh(), fresh());
    import(&known, &forge.bundle(&before, &forge.name()));
    for (what, commit) in forged {
        for home in [&empty, &known] {
            is_refused(home, &forge.bundle(&commit, &forge.name()), what);
        }
    }
    assert_eq!(import(&known, &forge.bundle(&forge.head, &forge.name())).code, 0, "what is none of these is taken in");
}

#[test]
fn nothing_is_smuggled_in_to_be_known_the_next_time() {
    let forge = Forge::new();
    let evil = forge.changed("\n\nthree", "\n\nsomething else");
    for home in [fresh(), fresh()] {
        is_refused(&home, &forge.bundle_with(&forge.head, &forge.name(), &evil), "more than it names");
        assert_eq!(import(&home, &forge.bundle(&forge.head, &forge.name())).code, 0);
        is_refused(&home, &forge.bundle_with(&forge.head, &forge.name(), &evil), "more than it names, and known");
        is_refused(&home, &forge.bundle(&evil, &forge.name()), "what was smuggled");
    }
}

#[test]
fn what_unpacks_to_far_more_than_it_is_ends_in_time() {
    let forge = Forge::new();
    let zeros = forge.blob(&vec![0; 8 << 20]);
    let files: String = (0..100).map(|turn| format!("100644 blob {zeros}\t{turn:02}.jsonl\n")).collect();
    let folder = forge.git(&["mktree"], files.as_bytes());
    let meta = forge.git(&["rev-parse", &format!("{}:0000-meta.jsonl", forge.head)], b"");
    let folders: String = (1..100).map(|number| format!("040000 tree {folder}\t{number:04}\n")).collect();
    let first: String = (1..100).map(|turn| format!("100644 blob {zeros}\t{turn:02}.jsonl\n")).collect();
    let first = forge.git(&["mktree"], first.as_bytes());
    let all = format!("100644 blob {meta}\t0000-meta.jsonl\n040000 tree {first}\t0000\n{folders}");
    let tree = forge.git(&["mktree"], all.as_bytes());
    let text = forge.text(&forge.head);
    let (_, rest) = text.split_once('\n').unwrap();
    let rest = rest.replace("Codex-Turn: 3", "Codex-Turn: 9999").replace("Codex-Offset: ", "Codex-Offset: 9999999");
    let commit = forge.commit(&format!("tree {tree}\n{rest}"));
    is_refused(&fresh(), &forge.bundle(&commit, &forge.name()), "eighty gigabytes of zeros");
}

#[test]
fn what_is_no_conversation_is_refused() {
    let forge = Forge::new();
    let home = fresh();
    let tree = forge.git(&["rev-parse", &format!("{}^{{tree}}", forge.head)], b"");
    let tag = forge.git(
        &["mktag"],
        format!("object {}\ntype commit\ntag x\ntagger x <x@y> 0 +0000\n\nx\n", forge.head).as_bytes(),
    );
    for (what, object, name) in [
        ("another ref", &forge.head, "refs/heads/main".to_owned()),
        ("another session's ref", &forge.head, format!("refs/codex/share/{}", id(2))),
        ("a ref that leads elsewhere", &forge.head, format!("refs/codex/share/../{}", id(1))),
        ("a tree", &tree, forge.name()),
        ("a tag", &tag, forge.name()),
    ] {
        is_refused(&home, &forge.bundle(object, &name), what);
    }
    let good = fs::read(forge.bundle(&forge.head, &forge.name())).unwrap();
    let file = forge.home.work().join("bytes");
    let mut flipped = good.clone();
    let middle = good.len() / 2;
    flipped[middle] ^= 0x10;
    let head = good.len() - good.iter().rev().count() + 16;
    for (what, bytes) in [
        ("nothing", &b""[..]),
        ("text", b"hello\n"),
        ("half a file", &good[..middle]),
        ("a head alone", &good[..head]),
        ("a bit", &flipped),
    ] {
        fs::write(&file, bytes).unwrap();
        is_refused(&home, &file, what);
    }
}
