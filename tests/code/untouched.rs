//! The project is not touched: no file of it is opened for writing, and no program that its settings name is run.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::stage::{Stage, put};
use super::{Project, git_in, has, ok};
use crate::support::executable::write_script;

/// Every file below git's folder and of the work tree: its bytes, its inode, when it was written.
fn state(root: &Path) -> BTreeMap<PathBuf, (u64, i64, i64, Vec<u8>)> {
    let (mut all, mut waiting) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::symlink_metadata(&path).unwrap();
            if data.is_dir() {
                waiting.push(path.clone());
            }
            let bytes = if data.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            // Reading is no change; where folders are written, names came or went.
            all.insert(path, (data.ino(), data.mtime(), data.mtime_nsec(), bytes));
        }
    }
    all
}

/// A project in whose settings every program leaves a mark.
fn hostile() -> (Project, PathBuf) {
    let project = Project::new();
    let mark = project.root().parent().unwrap().join("a-program-ran");
    let program = project.root().parent().unwrap().join("program");
    write_script(&program, &format!("echo \"$0 $*\" >> {}\ncat", mark.display()));
    let program = program.to_str().unwrap();
    project.put(".gitattributes", "* filter=mark diff=mark merge=mark\n");
    project.put("a", "1\n");
    project.put("b/c", "2\n");
    project.commit_all();
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.gitProxy",
        "filter.mark.clean",
        "filter.mark.smudge",
        "filter.mark.process",
        "diff.mark.command",
        "diff.mark.textconv",
        "diff.external",
        "merge.mark.driver",
        "credential.helper",
        "alias.clone",
        "uploadpack.packObjectsHook",
        "gpg.program",
        "sequence.editor",
        "interactive.diffFilter",
    ] {
        project.git(&["config", key, program]);
    }
    let hooks = project.root().join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in [
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "pre-auto-gc",
        "post-merge",
        "fsmonitor-watchman",
    ] {
        fs::copy(program, hooks.join(hook)).unwrap();
    }
    (project, mark)
}

#[test]
fn snapshots_and_forks_change_nothing_in_the_project_and_run_nothing_of_it() {
    let (project, mark) = hostile();
    fs::remove_file(&mark).ok();
    // As many as somebody wants.
    let rounds = std::env::var("CODEX_GIT_ROUNDS").map_or(30, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        project.put(&format!("new-{round}"), format!("{round}"));
        let before = state(&project.root());
        let turn = 1 + round % 3;
        project.before(turn);
        project.after(turn);
        project.home.ok("code snap -q");
        if round % 10 == 0 {
            let (ran, place) = project.fork(turn, &[]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            fs::remove_dir_all(place).unwrap();
        }
        let after = state(&project.root());
        assert!(before == after, "round {round}");
    }
    for words in ["code", "code log", "code diff", "code prune -q"] {
        project.home.ok(words);
    }
    assert!(!mark.exists(), "{}", fs::read_to_string(&mark).unwrap());
}

#[test]
fn no_file_of_the_project_is_opened_for_writing() {
    if !has("strace") {
        eprintln!("there is no strace: not looked at");
        return;
    }
    let (project, _) = hostile();
    let trace = project.root().parent().unwrap().join("trace");
    let root = format!("\"{}", project.root().display());
    project.after(1);
    let place = project.root().parent().unwrap().join("fork").display().to_string();
    for words in [vec!["code", "snap"], vec!["fork", "-q", &project.session, "--turn", "1", "--worktree", &place]] {
        project.put("changed", words.join(" "));
        let command = project.home.command();
        let program = command.get_program().to_owned();
        let mut strace = std::process::Command::new("strace");
        strace.args(["-f", "-qq", "-e", "trace=openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,symlink,symlinkat,chmod,fchmodat,truncate,utimensat", "-o"]);
        strace.arg(&trace).arg(program).args(&words).current_dir(project.root());
        command.get_envs().for_each(|(name, value)| match value {
            Some(value) => drop(strace.env(name, value)),
            None => drop(strace.env_remove(name)),
        });
        ok(&mut strace);
        let traced = fs::read_to_string(&trace).unwrap();
        assert!(traced.contains(&root), "the project was looked at");
        let writes = traced.lines().filter(|line| {
            let is_writing = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| line.contains(flag));
            let opens = line.contains("open");
            line.contains(&root) && (!opens || is_writing)
        });
        assert_eq!(
            writes.filter(|line| !line.contains("link") || line.contains(&format!(", {root}"))).collect::<Vec<_>>(),
            [""; 0],
            "{words:?}"
        );
    }
}

#[test]
fn a_repository_below_is_gits_whatever_it_is_called_unless_the_project_has_it() {
    let mut stage = Stage::new();
    stage.put("a", "1\n");
    for name in ["HEAD", "objects/info", "refs/keep"] {
        stage.put(&format!("fixture/{name}"), "1\n");
    }
    stage.git(&["add", "."]);
    stage.git(&["commit", "-q", "-m", "one"]);
    stage.git(&["init", "-q", "--bare", "remote.git"]);
    stage.turn(&|_| {});
    stage.turn(&|root| {
        put(root, "a", "2\n");
        put(root, "fixture/objects/info", "2\n");
        git_in(root, &["commit", "-q", "-m", "two", "a"]);
        git_in(root, &["push", "-q", "remote.git", "main"]);
    });
    let pushed = state(&stage.root().join("remote.git"));
    assert!(pushed.keys().any(|path| path.ends_with("refs/heads/main")));
    stage.restore(1);
    assert_eq!(state(&stage.root().join("remote.git")), pushed);
    assert_eq!((stage.read("a"), stage.read("fixture/objects/info")), (Some("1\n".into()), Some("1\n".into())));
    let left = stage.home.command().args(["code", "snap", "--json"]).current_dir(stage.root()).output().unwrap();
    let left = String::from_utf8(left.stdout).unwrap();
    assert!(left.contains(r#"[{"path":"remote.git","bytes":0,"reason":"repository"}]"#), "{left}");
}
