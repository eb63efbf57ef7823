//! Blame of a file that real Codex edits, with patches and with a command, while a person does, too.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::support::codex::{CURRENT, Codex};

/// A prompt that has the model run a command.
fn run(command: &str) -> String {
    format!("please [[shell:{command}]]")
}

fn patch(body: &str) -> String {
    run(&format!("apply_patch <<'EOF'\n*** Begin Patch\n{body}\n*** End Patch\nEOF"))
}

#[test]
fn lines_that_real_codex_wrote_are_told_with_their_turns() {
    let codex = Codex::new(CURRENT);
    let file = codex.home.work().join("greet.py");
    let edit = |from: &str, to: &str| fs::write(&file, fs::read_to_string(&file).unwrap().replace(from, to)).unwrap();
    // Commits tell their time by the second: what follows is to be later.
    let pause = || std::thread::sleep(Duration::from_millis(1100));
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Ada", "-c", "user.email=a@b"]).args(words).current_dir(codex.home.work());
        assert!(git.output().unwrap().status.success(), "{words:?}");
        pause();
    };
    let id = codex.start(&patch("*** Add File: greet.py\n+import sys\n+\n+def hello(name):\n+    print('hello ' + name)\n+\n+hello(sys.argv[1])"));
    git(&["add", "greet.py"]);
    git(&["commit", "-q", "-m", "greet"]);
    edit("import sys\n", "\"\"\"Greets.\"\"\"\nimport sys\n");
    git(&["commit", "-q", "-a", "-m", "say what it is"]);
    codex.turn(&id, &patch("*** Update File: greet.py\n@@ def hello(name):\n-    print('hello ' + name)\n+    print(f'hello, {name}!')"));
    codex.turn(&id, &run("sed -i 's/hello(/greet_person(/' greet.py"));
    edit("sys.argv[1])\n", "sys.argv[1])\n# the end\n");
    codex.home.ok("init -q");
    let told = codex.home.ok("blame --json greet.py").json();
    let line =
        |at: usize| (told[at]["how"].as_str().unwrap(), told[at]["turn"].as_u64(), told[at]["text"].as_str().unwrap());
    let expected = [
        ("commit", None, "\"\"\"Greets.\"\"\""),
        ("patch", Some(1), "import sys"),
        ("patch", Some(1), ""),
        ("command", Some(3), "def greet_person(name):"),
        ("patch", Some(2), "    print(f'hello, {name}!')"),
        ("patch", Some(1), ""),
        ("command", Some(3), "greet_person(sys.argv[1])"),
        ("uncommitted", None, "# the end"),
    ];
    assert_eq!((0..told.len()).map(line).collect::<Vec<_>>(), expected);
    assert_eq!(told[0]["gitAuthor"], "Ada");
    let why = codex.home.ok("blame greet.py:5");
    assert!(why.stdout.contains("print(f'hello, {name}!')"), "{}", why.stdout);
}
