//! A file's life: sessions of several versions of Codex edit it through patches and commands, a person edits, commits and moves it, and each line's
//! origin is written down as it comes.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::story::{BEGIN, Written, id};
use crate::support::unified::unified;
use crate::support::{Home, ran};

/// Where Codex worked.
pub const CWD: &str = "/work/tally";

/// A project with a file, whose lines are known with their origins.
pub struct Life {
    pub home: Home,
    /// The file's path in the project.
    pub path: String,
    /// Its lines, and where each comes from.
    pub lines: Vec<(String, String)>,
}

impl Life {
    pub fn new(path: &str) -> Self {
        let life = Self { home: Home::empty(), path: path.to_owned(), lines: Vec::new() };
        life.git(0, &["init", "-q", "-b", "main"]);
        life
    }

    /// Runs git at a time of the story, in the project.
    pub fn git(&self, clock: i64, words: &[&str]) -> String {
        let at = format!("{} +0000", BEGIN + clock);
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Ada Human", "-c", "user.email=ada@example.org"]).args(words);
        git.env("GIT_AUTHOR_DATE", &at)
            .env("GIT_COMMITTER_DATE", &at)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", self.home.path());
        let told = ran(git.current_dir(self.home.work()).output().unwrap());
        assert_eq!(told.code, 0, "git {words:?}: {}", told.stderr);
        told.stdout
    }

    /// Lines give way to others, which come from an origin; gives the difference.
    pub fn edit(&mut self, at: usize, gone: usize, new: &[&str], origin: &str) -> String {
        let before = self.texts();
        self.lines.splice(at..at + gone, new.iter().map(|line| ((*line).to_owned(), origin.to_owned())));
        self.write();
        unified(&before, &self.texts())
    }

    fn texts(&self) -> Vec<String> {
        self.lines.iter().map(|(line, _)| format!("{line}\n")).collect()
    }

    pub fn write(&self) {
        let file = self.home.work().join(&self.path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, self.texts().concat()).unwrap();
    }

    pub fn commit(&self, clock: i64, summary: &str) {
        self.git(clock, &["add", "-A"]);
        self.git(clock, &["commit", "-q", "-m", summary]);
    }

    /// The file, where Codex saw it.
    pub fn place(&self) -> String {
        format!("{CWD}/{}", self.path)
    }

    /// A change as an event tells it.
    pub fn told(&self, diff: &str) -> Value {
        json!({ self.place(): { "type": "update", "unified_diff": diff, "move_path": null } })
    }
}

/// A patch as models write it: without line numbers.
pub fn numberless(path: &str, diff: &str) -> String {
    let line = |line: &str| if line.starts_with("@@") { "@@".to_owned() } else { line.to_owned() };
    let body: Vec<String> = diff.lines().map(line).collect();
    format!("*** Begin Patch\n*** Update File: {path}\n{}\n*** End Patch", body.join("\n"))
}

/// A session of Codex 0.28, which wrote neither envelopes nor times.
fn bare(home: &Home, number: u32, clock: i64, prompt: &str, patch: &str) {
    let message = |role: &str, kind: &str, text: &str| json!({ "type": "message", "role": role, "content": [{ "type": kind, "text": text }] });
    let at = codex_git::model::rfc3339(BEGIN + clock);
    let call = json!({ "command": ["bash", "-lc", format!("apply_patch <<'EOF'\n{patch}\nEOF")] }).to_string();
    let context = format!("<environment_context>\n  <cwd>{CWD}</cwd>\n</environment_context>");
    let lines = [
        json!({ "id": id(number), "timestamp": at }),
        message("user", "input_text", &context),
        message("user", "input_text", prompt),
        json!({ "type": "function_call", "call_id": "c", "name": "shell", "arguments": call }),
        json!({ "type": "function_call_output", "call_id": "c", "output": "Success. Updated the following files:\nM a\n" }),
        message("assistant", "output_text", "Added."),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    home.put(&format!("rollout-2026-11-24T21-46-09-{}.jsonl", id(number)), text.as_bytes());
}

/// The whole life.
pub fn life() -> Life {
    let mut life = Life::new("words.py");
    let mut one = Written::new(1);
    let first = [
        "\"\"\"Count words.\"\"\"",
        "import re",
        "import sys",
        "",
        "WORD = re.compile(r\"[^\\W_]+\")",
        "",
        "def words(text):",
        "    return WORD.findall(text.lower())",
        "",
        "def report(counts, number):",
        "    rows = sorted(counts.items(), key=lambda row: -row[1])",
        "    for word, count in rows[:number]:",
        "        print(f\"{count:>7} {word}\")",
        "",
        "def main():",
        "    text = sys.stdin.read()",
        "    report(tally(words(text)), 10)",
        "",
        "main()",
    ];
    life.edit(0, 0, &first, "1.1");
    let content: String = first.iter().map(|line| format!("{line}\n")).collect();
    one = one
        .changed("Write a tool that counts words", &[json!({ life.place(): { "type": "add", "content": content } })]);
    life.commit(30, "first steps");

    // A person writes a line that the next patch shows, and one that only a commit tells.
    life.edit(0, 1, &["\"\"\"Count words in what is read.\"\"\""], "Ada Human");
    life.edit(15, 1, &["    text = sys.stdin.read().strip()"], "between");
    let mut two = Written::new(2).model("gpt-5-codex");
    two.clock = 100;
    let diff = life.edit(16, 1, &["    counts = tally(words(text))", "    report(counts, 20)"], "2.1");
    two = two.called("print twenty words, not ten", "apply_patch", &numberless("words.py", &diff));
    life.commit(130, "say what is read");

    let tally = [
        "def tally(words):",
        "    counts = {}",
        "    for word in words:",
        "        counts[word] = counts.get(word, 0) + 1",
        "    return counts",
        "",
    ];
    let diff = life.edit(9, 0, &tally, "3.1");
    bare(&life.home, 3, 200, "tally() is missing", &numberless("words.py", &diff));

    one.clock = 300;
    life.edit(1, 1, &["import argparse", "import re"], "1.2");
    life.lines[2].1 = "1.1".to_owned();
    let old: Vec<String> =
        life.lines.iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, (line, _))| format!("{line}\n")).collect();
    let last = life.lines.len() - 1;
    life.edit(last, 1, &["if __name__ == \"__main__\":", "    main()"], "1.2");
    let diff = unified(&old, &life.texts());
    one.open_turn("options, and run only as a script");
    one.event(&json!({ "type": "patch_apply_end", "call_id": "p", "success": true, "changes": life.told(&diff) }));
    one = one.close();

    // A command renames a function; a person rewords a line, and commits both.
    one.clock = 400;
    for (line, origin) in &mut life.lines {
        if line.contains("words(text)") {
            *line = line.replace("words(text)", "split_words(text)");
            "~1.3".clone_into(origin);
        }
    }
    life.write();
    one = one.ran("rename words to split_words", "sed -i 's/\\bwords(text/split_words(text/g' words.py", 0);
    let at = life.lines.iter().position(|(line, _)| line.starts_with("WORD")).unwrap();
    life.edit(at, 1, &["WORD = re.compile(r\"[^\\W\\d_]+\")  # no digits"], "Ada Human");
    life.commit(470, "no digits");

    // A turn that is left behind stays on disk; the session goes on from the turn before.
    let mut four = Written::new(4).turn("look at words.py");
    four.clock = 500;
    let at = life.lines.iter().position(|(line, _)| line.starts_with("def report")).unwrap();
    let diff = life.edit(at + 1, 0, &["    \"\"\"The most frequent words come first.\"\"\""], "4.2");
    four = four.changed("say what report does", &[life.told(&diff)]);
    four.put(&life.home);
    let mut five = four.rewound(5, 1);
    five.clock = 550;
    let diff = life.edit(at + 4, 1, &["        print(f\"{count:>9} {word}\")"], "4.2'");
    five.changed("a wider column", &[life.told(&diff)]).put(&life.home);

    // A patch moves the file, and changes it.
    one.clock = 600;
    let from = life.place();
    life.git(600, &["rm", "-q", "--cached", "words.py"]);
    fs::remove_file(life.home.work().join("words.py")).unwrap();
    life.path = "src/words.py".to_owned();
    let diff = life.edit(3, 1, &["import sys", "from collections import Counter"], "1.4");
    life.lines[3].1 = "1.1".to_owned();
    let moved = json!({ from: { "type": "update", "unified_diff": diff, "move_path": life.place() } });
    one = one.changed("move it to src", &[moved]);

    // A person moves a function down as it is, and adds a line.
    let at = life.lines.iter().position(|(line, _)| line.starts_with("def tally")).unwrap();
    let function: Vec<(String, String)> = life.lines.drain(at..at + 6).collect();
    let end = life.lines.iter().position(|(line, _)| line.starts_with("if __name__")).unwrap();
    life.lines.splice(end..end, function);
    life.edit(life.lines.len(), 0, &["# vim: set ts=4:"], "uncommitted");
    for session in [&one, &two] {
        session.put(&life.home);
    }
    life.home.ok("init -q --no-hooks");
    life
}
