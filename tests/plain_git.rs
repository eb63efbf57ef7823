//! Plain git on a store: every command of docs/git.md runs, and conversations are printed wherever codex-git lies.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::executable::copy_program;
use crate::support::{Home, Ran, ran};

const GUIDE: &str = include_str!("../docs/git.md");

/// A home with the sessions of the demo, and saves before and after a turn.
fn demo() -> Home {
    let home = Home::empty();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/commands/demo");
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        home.put(entry.file_name().to_str().unwrap(), &fs::read(entry.path()).unwrap());
    }
    home.ok("init -q --no-hooks");
    home.ok("save -q before 01a20629-b2~1");
    home.ok("save -q after 01a20629-b2");
    home
}

/// Runs a command of a shell in the store, with folders in front of the path.
fn in_store(home: &Home, command: &str, path: &Path) -> Ran {
    let paths = std::env::var_os("PATH").unwrap();
    let paths = std::env::join_paths(std::iter::once(path.to_owned()).chain(std::env::split_paths(&paths))).unwrap();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).current_dir(home.store()).env("PATH", paths);
    for name in ["GIT_DIR", "GIT_PAGER", "PAGER"] {
        shell.env_remove(name);
    }
    ran(shell.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap())
}

#[test]
fn every_command_of_the_guide_runs() {
    let home = demo();
    let blocks = GUIDE.split("```sh\n").skip(2).map(|rest| rest.split("\n```").next().unwrap());
    let said: Vec<String> = blocks
        .map(|command| {
            let ran = in_store(&home, command, Path::new("/nowhere"));
            assert!(ran.code == 0 && !ran.stdout.is_empty(), "{command}\n{}{}", ran.stdout, ran.stderr);
            assert!(!ran.stdout.contains("\"payload\""), "{command} prints JSON:\n{}", ran.stdout);
            ran.stdout
        })
        .collect();
    assert_eq!(said.len(), 8);
    assert!(said[1].contains("\n+› Rewrite it with argparse, and add a test.\n"), "{}", said[1]);
    assert!(said[2].trim_end().ends_with("Rewrite it with argparse, and add a test."), "{}", said[2]);
    assert!(said[3].contains("after:0000/03.jsonl:1:› Rewrite it with argparse"), "{}", said[3]);
    assert!(said[4].contains("+++ b/0000/03.jsonl") && said[5].contains("1 file changed"), "{}", said[5]);
    let drawn = in_store(&home, "git turns after", Path::new("/nowhere")).stdout;
    assert!(drawn.contains("| gpt-5.5-codex · ") && drawn.contains("(tag: after"), "{drawn}");
}

#[test]
fn a_hunk_tells_the_prompt_that_it_belongs_to() {
    let home = demo();
    let chunks = ["› ask this\n\na\nb\nc\nd\ne\n", "› ask this\n\na\nb\nc\nd\nother\n"];
    for (name, text) in ["a", "b"].iter().zip(chunks) {
        fs::write(home.work().join(name), text).unwrap();
    }
    fs::write(home.work().join("attributes"), "* diff=codex\n").unwrap();
    let work = home.work();
    let command = format!(
        "git -c core.attributesFile={0}/attributes -c diff.codex.textconv=cat diff --no-index -U1 {0}/a {0}/b",
        work.display()
    );
    let diff = in_store(&home, &command, Path::new("/nowhere")).stdout;
    assert!(diff.lines().any(|line| line.starts_with("@@ ") && line.ends_with(" ask this")), "{diff}");
}

#[test]
fn git_finds_the_program_that_was_noted_then_one_on_the_path_then_none() {
    let home = demo();
    let show = |path: &Path| in_store(&home, "git show --format= after", path).stdout;
    let noted = show(Path::new("/nowhere"));
    assert!(noted.contains("+› Rewrite it"), "{noted}");
    let program = home.work().join("it's codex-git");
    copy_program(Path::new(env!("CARGO_BIN_EXE_codex-git")), &program);
    let by = Command::new(&program).args(["init", "-q", "--no-hooks"]).env("CODEX_HOME", home.path()).output().unwrap();
    assert!(by.status.success());
    assert_eq!(show(Path::new("/nowhere")), noted);
    // One that can't be run is as good as none.
    fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(show(Path::new("/nowhere")).contains("\"payload\""));
    fs::remove_file(&program).unwrap();
    let folder = home.work().join("with a blank");
    fs::create_dir_all(&folder).unwrap();
    let link = folder.join("codex-git");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_codex-git"), &link).unwrap();
    assert_eq!(show(&folder), noted);
    fs::remove_file(&link).unwrap();
    let bytes = show(Path::new("/nowhere"));
    assert!(bytes.contains("\"payload\"") && !bytes.contains('\u{1b}'), "{bytes}");
    let told = home.run(["doctor"]);
    assert!(told.code == 1 && told.stderr.contains("plain git prints JSON"), "{}", told.stderr);
    // A noted program whose path has a blank in it.
    copy_program(Path::new(env!("CARGO_BIN_EXE_codex-git")), &link);
    let moved = ran(Command::new(&link).args(["init", "--no-hooks"]).env("CODEX_HOME", home.path()).output().unwrap());
    assert!(moved.stderr.contains("plain git prints conversations again"), "{}", moved.stderr);
    assert_eq!(show(Path::new("/nowhere")), noted);
    assert!(!home.run(["doctor"]).stderr.contains("plain git"));
}

#[test]
fn settings_that_a_person_changed_stay() {
    let home = demo();
    let of = |key: &str| home.git(&format!("config {key}")).trim_end().to_owned();
    let ours = of("diff.codex.textconv");
    home.git("config diff.codex.textconv cat");
    home.git("config alias.turns log");
    home.ok("init -q --no-hooks");
    assert_eq!((of("diff.codex.textconv"), of("alias.turns")), ("cat".to_owned(), "log".to_owned()));
    // What an earlier version wrote is written anew.
    let old = "f() { codex-git show --chunk \"$1\"; }; f";
    let set =
        Command::new("git").arg("--git-dir").arg(home.store()).args(["config", "diff.codex.textconv", old]).status();
    assert!(set.unwrap().success());
    home.ok("init -q --no-hooks");
    assert_eq!(of("diff.codex.textconv"), ours);
}
