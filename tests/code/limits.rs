//! What is never kept, what is left out, and what is too much.

use std::fs;

use super::{CASE, Project, answered, git_in, has};
use crate::support::Home;

#[test]
fn homes_and_what_is_above_them_are_never_kept() {
    let project = Project::new();
    let home = project.home.path();
    let bare = home.parent().unwrap().join("bare");
    git_in(home.parent().unwrap(), &["init", "-q", "--bare", "bare"]);
    for (folder, why) in [
        (&*bare.join("hooks"), "git keeps a repository there"),
        (std::path::Path::new("/"), "it is the root of the file system"),
        (home.parent().unwrap(), "it is your home folder, or above it"),
        (&home, "it is the codex home, above it, or within it"),
    ] {
        let output = project.home.command().args(["code", "snap"]).current_dir(folder).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && told.contains(why), "{}: {told}", folder.display());
    }
    assert!(!home.join("code").exists());
    // A work tree may lie in the folder of its repository.
    project.put("a", "1");
    project.commit_all();
    git_in(home.parent().unwrap(), &["clone", "-q", "--bare", project.root().to_str().unwrap(), "around"]);
    let around = home.parent().unwrap().join("around");
    git_in(&around, &["worktree", "add", "-q", "tree"]);
    let output = project.home.command().args(["code", "snap"]).current_dir(around.join("tree")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn secrets_are_left_out_by_name_unless_a_commit_has_them() {
    let project = Project::new();
    project.put("test.pem", "committed");
    project.put("a", "1");
    project.commit_all();
    for name in [".env", ".env.local", "deploy/id_rsa", "x.key", ".npmrc", "prod.tfstate"] {
        project.put(name, "secret");
    }
    project.put(".env.example", "no secret");
    for _ in 0..2 {
        let told = project.home.ok("code snap --json").json();
        let left: Vec<&str> =
            told[0]["leftOut"].as_array().unwrap().iter().map(|left| left["path"].as_str().unwrap()).collect();
        assert_eq!(left, [".env", ".env.local", ".npmrc", "deploy/id_rsa", "prod.tfstate", "x.key"]);
        let tree = project.kept(&["ls-tree", "-r", "--name-only", told[0]["commit"].as_str().unwrap()]);
        assert_eq!(tree, ".env.example\na\ntest.pem\n");
    }
    // A commit that no longer has one.
    project.git(&["rm", "-q", "--cached", "test.pem"]);
    project.git(&["commit", "-q", "-m", "no key"]);
    let told = project.home.ok("code snap --json").json();
    assert!(told[0]["leftOut"].to_string().contains("test.pem"), "{told:?}");
}

#[test]
fn large_files_are_kept_only_where_the_commit_has_them() {
    let project = Project::new();
    project.home.ok("config -q code.filesize 1k");
    project.put("committed", vec![b'x'; 5000]);
    project.put("a", "1");
    project.commit_all();
    project.put("data", vec![b'y'; 5000]);
    let huge = fs::File::create(project.root().join("huge")).unwrap();
    huge.set_len(11 << 30).unwrap();
    for _ in 0..2 {
        let told = project.home.ok("code snap --json").json();
        let left = told[0]["leftOut"].to_string();
        assert!(left.contains(r#""path":"data","bytes":5000,"reason":"too-large""#) && left.contains("huge"), "{left}");
        let tree = project.kept(&["ls-tree", "-r", "--name-only", told[0]["commit"].as_str().unwrap()]);
        assert_eq!(tree, "a\ncommitted\n");
    }
    project.put("committed", vec![b'z'; 5000]);
    for _ in 0..2 {
        let told = project.home.ok("code snap --json").json();
        assert!(
            told[0]["leftOut"].to_string().contains("committed"),
            "another state of it is stored nowhere: {told:?}"
        );
    }
    project.is_sound();
}

#[test]
fn too_much_is_not_kept_in_part_and_given_up_at_last() {
    let project = Project::new();
    project.put("a", "1");
    project.after(1);
    project.home.ok("config -q code.newsize 10k");
    (0..10).for_each(|n| project.put(&format!("many/{n}"), vec![n; 3000]));
    for _ in 0..3 {
        assert_eq!(project.snapshots().len(), 1);
        project.before(2);
    }
    assert_eq!(project.snapshots().len(), 1, "there is never part of a tree");
    let log = fs::read_to_string(project.home.path().join("log/codex-git.log")).unwrap();
    assert_eq!(log.matches("are new").count(), 3, "{log}");
    project.before(3);
    let log = fs::read_to_string(project.home.path().join("log/codex-git.log")).unwrap();
    assert!(log.lines().last().is_some() && log.contains("no longer kept: three times in a row"), "{log}");
    let told = project.home.ok("code").stdout;
    assert!(told.contains("given up") && told.contains("code on --here"), "{told}");
    let told = project.home.ok(&format!("code log {}", project.session)).stderr;
    assert!(told.contains("no more code snapshots are taken here") && told.contains("code on --here"), "{told}");
    assert!(told.contains("without a code snapshot: turns 2, 3"), "{told}");
    let told = project.home.ok("code ignore /many/").stderr;
    assert!(told.contains(&format!("from now on, seen from {}", project.root().display())), "{told}");
    assert!(!project.home.ok("code ignore *.tmp").stderr.contains("seen from"), "a name alone counts everywhere");
    project.before(3);
    assert_eq!(project.snapshots().len(), 2);
    assert_eq!(project.kept(&["ls-tree", "-r", "--name-only", &project.tree(3, "before")]), "a\n");
    project.is_sound();
}

/// What the kernel says of a file system is what NFS says of itself.
#[test]
fn a_project_on_a_network_is_looked_at_when_somebody_says_so_by_name() {
    if !has("strace") {
        eprintln!("there is no strace: no file system can be made to look like another");
        return;
    }
    let project = Project::new();
    project.put("a", "1");
    let seen_as = |project: &Project, number: &str| {
        let rules = ["trace=statfs", &format!("inject=statfs:poke_exit=@arg2={number}")];
        answered(project.home.command().args(["code", "snap"]).current_dir(project.root()), &rules)
    };
    for (number, is_network) in [
        ("6969000000000000", true),
        ("424d53ff00000000", true),
        ("53ef000000000000", false),
        ("0000696900000000", false),
    ] {
        let told = seen_as(&project, number);
        assert_eq!(told.code == 1, is_network, "{number}: {}", told.stderr);
        assert_eq!(told.stderr.contains("it is on a network"), is_network, "{number}: {}", told.stderr);
        assert_eq!(told.stderr.contains("hint: codex-git code on --here"), is_network, "{}", told.stderr);
    }
    project.home.ok("code on --here -q");
    assert_eq!(seen_as(&project, "6969000000000000").code, 0);
}

#[test]
fn a_project_without_a_repository_has_narrower_limits() {
    let home = Home::with(&[CASE]);
    home.ok("init -q --no-hooks");
    for n in 0..201 {
        let folder = home.work().join(format!("{n}"));
        fs::create_dir(&folder).unwrap();
        (0..100).for_each(|n| fs::write(folder.join(format!("{n}")), "").unwrap());
    }
    let ran = home.run(["code", "snap"]);
    assert!(ran.code == 1 && ran.stderr.contains("there are more than 20000"), "{}", ran.stderr);
}

/// A file that grows all the time: it is left out, or whole.
#[test]
fn a_file_that_grows_is_whole_or_left_out() {
    let project = Project::new();
    let path = project.root().join("log");
    fs::write(&path, "").unwrap();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writer = std::thread::spawn({
        let stop = stop.clone();
        move || {
            use std::io::Write;
            let mut log = fs::OpenOptions::new().append(true).open(path).unwrap();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                log.write_all(&[b'x'; 4096]).unwrap();
            }
        }
    });
    for _ in 0..5 {
        let told = project.home.ok("code snap --json").json();
        let left = told[0]["leftOut"].to_string();
        assert!(left == "[]" || left.contains("changing") || left.contains("too-large"), "{left}");
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().unwrap();
    project.is_sound();
}

#[test]
fn nobody_else_looks_into_a_code_store() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    project.put("a", "1");
    project.after(1);
    for folder in [project.home.path().join("code"), project.store()] {
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700, "{}", folder.display());
    }
}

#[test]
fn nothing_is_pushed_into_the_project_and_nothing_cloned_out_of_a_code_store() {
    let project = Project::new();
    project.put("a", "1");
    project.commit_all();
    project.put("b", "2");
    project.after(1);
    let refs = project.git(&["for-each-ref"]);
    let store = project.store();
    let push = std::process::Command::new("git")
        .arg("--git-dir")
        .arg(&store)
        .args(["push", "--mirror", "project"])
        .output()
        .unwrap();
    assert!(!push.status.success());
    assert_eq!(project.git(&["for-each-ref"]), refs);
    let clone = project.root().with_extension("clone");
    super::git_in(&project.root(), &["clone", "-q", "--mirror", store.to_str().unwrap(), clone.to_str().unwrap()]);
    assert_eq!(super::git_in(&clone, &["for-each-ref"]), "");
    // Plain git reads what is borrowed from the project.
    let tree = project.tree(1, "after");
    assert!(project.kept(&["cat-file", "-p", &format!("{tree}:a")]).starts_with('1'));
    project.home.ok("code snap -q");
    project.is_sound();
}
