//! A snapshot's tree is the one that git makes of the same files, when none of its filters runs.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Project, git_in};

/// The tree that git makes of a work tree, with an index of its own.
fn by_git(root: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(root).args(["-c", "core.autocrlf=false", "-c", "core.attributesFile=/dev/null"]).args(words);
        git.env("GIT_INDEX_FILE", folder.path().join("index")).env("GIT_CONFIG_GLOBAL", "/dev/null");
        git.env("GIT_OBJECT_DIRECTORY", folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", root.join(".git/objects"));
        let output = git.output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    std::fs::create_dir_all(folder.path().join("info")).unwrap();
    // What the project tracks although it is ignored is kept as well.
    git(&["read-tree", "HEAD"]);
    git(&["add", "-A"]);
    git(&["write-tree"])
}

fn by_codex_git(project: &Project) -> String {
    let told = project.home.ok("code snap --json").json();
    let commit = told[0]["commit"].as_str().unwrap();
    project.kept(&["rev-parse", &format!("{commit}^{{tree}}")]).trim().to_owned()
}

/// Numbers that are the same at each run.
fn dice(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// The files with what is derived of a root: each with its inode, as they are replaced when they are written.
fn caches(project: &Project) -> Vec<(PathBuf, u64)> {
    let stores = std::fs::read_dir(project.home.path().join("code")).unwrap().map(|entry| entry.unwrap().path());
    let folders = stores.map(|store| store.join("roots")).filter(|roots| roots.is_dir());
    let caches = folders.flat_map(|roots| std::fs::read_dir(roots).unwrap()).map(|entry| entry.unwrap());
    let caches = caches.filter(|entry| entry.path().extension().is_some_and(|is| is == "stat"));
    caches.map(|entry| (entry.path(), entry.metadata().unwrap().ino())).collect()
}

/// Files that changed long before a look are believed by the next. What changes beside them is seen, and nothing else is written anew.
#[test]
fn what_changes_beside_what_stays_is_seen() {
    let project = Project::new();
    for path in ["a", "b/c", "b/d/e", "b/d/f", "b/g/h", "i/j/k", "i/j/l", "m/n", "o/p"] {
        project.put(path, path);
    }
    std::os::unix::fs::symlink("b/c", project.root().join("link")).unwrap();
    project.commit_all();
    std::thread::sleep(Duration::from_millis(3100));
    let first = by_codex_git(&project);
    let before = caches(&project);
    assert_eq!((by_codex_git(&project), before.len()), (first, 1));
    assert_eq!(caches(&project), before, "nothing is to be noted");
    let at = |path: &str| project.root().join(path);
    let steps: [(&str, &dyn Fn()); 11] = [
        ("other bytes, as many", &|| project.put("b/d/e", "B/d/e")),
        ("one less", &|| std::fs::remove_file(at("b/g/h")).unwrap()),
        ("one more", &|| project.put("i/j/m", "new")),
        ("one of another name", &|| std::fs::rename(at("a"), at("i/a")).unwrap()),
        ("may be executed", &|| std::fs::set_permissions(at("m/n"), PermissionsExt::from_mode(0o755)).unwrap()),
        ("a folder for a file", &|| {
            std::fs::remove_file(at("b/c")).unwrap();
            project.put("b/c/q", "in a folder");
        }),
        ("a file for a folder", &|| {
            std::fs::remove_dir_all(at("i/j")).unwrap();
            project.put("i/j", "a file");
        }),
        ("a folder of another name", &|| std::fs::rename(at("b/d"), at("b/z")).unwrap()),
        ("another link", &|| {
            std::fs::remove_file(at("link")).unwrap();
            std::os::unix::fs::symlink("b/z", at("link")).unwrap();
        }),
        ("rules", &|| project.put("b/.gitignore", "/c/\n")),
        ("no rules", &|| std::fs::remove_file(at("b/.gitignore")).unwrap()),
    ];
    for (what, step) in steps {
        step();
        assert_eq!(by_codex_git(&project), by_git(&project.root()), "{what}");
        assert_eq!(by_codex_git(&project), by_git(&project.root()), "{what}, again");
    }
    std::thread::sleep(Duration::from_millis(3100));
    by_codex_git(&project);
    let after = caches(&project);
    by_codex_git(&project);
    assert_eq!(caches(&project), after, "all was read again once, and is believed now");
    assert_ne!(after, before);
}

#[test]
fn made_up_trees_are_the_same() {
    let project = Project::new();
    let mut state = 0x2545_f491_4f6c_dd1d;
    let rules = [
        "*.o\n",
        "/build\n!/build/keep\n",
        "**/tmp/**\n",
        "a*\n!ab\n",
        "d/\n",
        "/d/e\n",
        "*.[ch]\n!k.c\n",
        "\\#x\n# x\n",
        "x \nfoo\\ \n",
        "d/**/z\n",
        "!*\n",
        "e/*\n!e/z\n",
    ];
    let names = ["a", "ab", "b.o", "k.c", "m.h", "z", "#x", "tmp", "build", "keep", "foo ", "x", "é"];
    let folders = ["", "d/", "d/e/", "e/", "build/", "tmp/", "d/tmp/", "e/d/"];
    project.put("first", "");
    project.commit_all();
    for round in 0..25 {
        for _ in 0..8 {
            let folder = folders[(dice(&mut state) % 8) as usize];
            let name = names[(dice(&mut state) % 13) as usize];
            let place = project.root().join(format!("{folder}{name}"));
            let is_free =
                place.ancestors().skip(1).take_while(|above| *above != project.root()).all(|above| !above.is_file());
            if place.is_dir() || !is_free {
                continue;
            }
            match dice(&mut state) % 4 {
                0 => drop(std::fs::remove_file(place)),
                _ => project.put(&format!("{folder}{name}"), format!("{round}")),
            }
        }
        let folder = folders[(dice(&mut state) % 3) as usize];
        project.put(&format!("{folder}.gitignore"), rules[(dice(&mut state) % 12) as usize]);
        if dice(&mut state).is_multiple_of(5) {
            project.commit_all();
        }
        let rules = std::fs::read_to_string(project.root().join(format!("{folder}.gitignore"))).unwrap();
        assert_eq!(
            by_codex_git(&project),
            by_git(&project.root()),
            "round {round}, after {folder}.gitignore {rules:?}"
        );
    }
    project.is_sound();
}

#[test]
fn trees_of_a_real_history_are_the_same() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !source.join(".git").exists() {
        eprintln!("this is no clone: not looked at");
        return;
    }
    follow(source, 60, 6);
}

/// `CODEX_GIT_REPOSITORIES=FOLDER` names a folder with repositories: of each, the last hundred commits.
#[test]
fn trees_of_other_repositories_are_the_same() {
    let Some(folder) = std::env::var_os("CODEX_GIT_REPOSITORIES") else { return };
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.join(".git").exists());
    all.sort();
    let states: usize = all.iter().map(|source| follow(source, 100, 1)).sum();
    eprintln!("{} repositories, {states} states", all.len());
}

/// Checks commits of a repository out, one after the other, with files that are not committed beside. Gives how many there were.
fn follow(source: &Path, most: usize, step: usize) -> usize {
    let project = Project::new();
    let root = project.root();
    std::fs::remove_dir_all(&root).unwrap();
    git_in(source, &["clone", "-q", ".", root.to_str().unwrap()]);
    let commits = project.git(&["log", "--format=%H", "--first-parent", "-n", &most.to_string()]);
    let commits: Vec<&str> = commits.lines().step_by(step).collect();
    for (at, commit) in commits.iter().enumerate() {
        project.git(&["checkout", "-q", "-f", commit]);
        project.put(&format!("new/new-{at}.rs"), commit);
        let first = project.git(&["ls-files", "-z"]);
        // One that is changed, whatever it is called.
        if let Some(path) = first.split('\0').next().filter(|path| !path.is_empty() && root.join(path).is_file()) {
            project.put(path, commit);
        }
        assert_eq!(by_codex_git(&project), by_git(&root), "{commit} of {}", source.display());
    }
    project.is_sound();
    commits.len()
}
