//! Files of every kind: what a fork's folder holds is what stood there, to the byte.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::{Project, files, git_in};

/// Attributes by which git would write other bytes than stand there.
const ATTRIBUTES: &str =
    "*.crlf text eol=crlf\n*.id ident\n*.lfs filter=lfs\n*.u16 working-tree-encoding=UTF-16\n*.crypt filter=crypt\n";

fn with_every_kind(project: &Project) {
    let root = project.root();
    for (path, bytes) in [
        (".gitattributes", ATTRIBUTES.as_bytes()),
        (".gitignore", b"out/\n*.log\n!keep.log\n/only-here\n"),
        ("windows.crlf", b"a\r\nb\r\n"),
        ("mixed.crlf", b"a\r\nb\n"),
        ("ident.id", b"$Id$\n"),
        ("large.lfs", b"not a pointer"),
        ("secret.crypt", b"plain"),
        ("text.u16", b"\xff\xfea\0"),
        ("empty", b""),
        ("nul", b"\0\0"),
        ("no-line-end", b"x"),
        ("-dash", b"d"),
        ("with space", b"s"),
        ("line\nfeed", b"n"),
        ("tab\t\"quote\"\\", b"q"),
        ("größe", b"u"),
        ("deep/er/and/deeper/still/file", b"deep"),
        ("a-b", b"1"),
        ("a/b", b"2"),
        ("a.b", b"3"),
        ("Case", b"C"),
        ("case", b"c"),
        ("sub/keep.log", b"kept"),
        (".github/workflows/ci.yml", b"on: push"),
    ] {
        project.put(path, bytes);
    }
    project.put(&"n".repeat(255), "longest name");
    let long: String = (0..15).map(|_| "l".repeat(200) + "/").collect();
    fs::create_dir_all(root.join(&long)).unwrap();
    project.put(&format!("{long}end"), "a long way");
    fs::write(root.join(OsStr::from_bytes(b"\xff\xfe-not-utf8")), "bytes").unwrap();
    project.put("script", "#!/bin/sh\n");
    fs::set_permissions(root.join("script"), fs::Permissions::from_mode(0o755)).unwrap();
    project.put("private", "mine");
    fs::set_permissions(root.join("private"), fs::Permissions::from_mode(0o600)).unwrap();
    for (target, name) in
        [("nowhere", "dangling"), ("/etc/passwd", "absolute"), ("deep", "to-a-folder"), ("empty", "to-a-file")]
    {
        symlink(target, root.join(name)).unwrap();
    }
    let sparse = fs::File::create(root.join("sparse")).unwrap();
    sparse.set_len(1 << 20).unwrap();
}

/// Turn 1 as it is now, in a folder of its own, beside the project.
fn forked(project: &Project) -> (std::path::PathBuf, String) {
    project.after(1);
    let (ran, place) = project.fork(1, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (place, ran.stderr)
}

#[test]
fn every_kind_of_file_comes_back_as_it_stood_there() {
    let project = Project::new();
    let root = project.root();
    // A filter that fails, and one that would say so if it ran.
    for (key, value) in [
        ("filter.crypt.clean", "false"),
        ("filter.crypt.required", "true"),
        ("filter.lfs.clean", "touch ran; cat"),
        ("core.autocrlf", "true"),
    ] {
        project.git(&["config", key, value]);
    }
    with_every_kind(&project);
    project.git(&["add", "-f", "deep", "Case", "script"]);
    project.git(&["commit", "-q", "-m", "some of it"]);
    let held = files(&root);
    // What is kept out, and what has no bytes.
    project.put("out/made", "ignored");
    project.put("a.log", "ignored");
    project.put("only-here", "ignored");
    project.put("sub/only-here", "not at the top");
    assert!(Command::new("mkfifo").arg(root.join("fifo")).status().unwrap().success());
    let socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let (place, told) = forked(&project);
    drop(socket);
    let mut wanted = held;
    wanted.push((b"sub/only-here".to_vec(), 'f', b"not at the top".to_vec()));
    wanted.sort();
    assert_eq!(files(&place), wanted);
    assert_eq!(fs::metadata(place.join("private")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(told.contains("not in it, as no snapshot has them: a.log, only-here, out/"), "{told}");
    assert!(!root.join("ran").exists());
    project.is_sound();
}

#[test]
fn what_the_index_has_is_kept_although_it_is_ignored() {
    let project = Project::new();
    project.put(".gitignore", "cache/\n*.o\n");
    project.put("cache/keep/.gitkeep", "");
    project.put("lib.o", "tracked");
    project.git(&["add", "-f", "cache/keep/.gitkeep", "lib.o"]);
    project.put("cache/keep/other", "ignored");
    project.put("cache/more", "ignored");
    project.put("new.o", "ignored");
    for _ in 0..3 {
        let (place, _) = forked(&project);
        let names: Vec<Vec<u8>> = files(&place).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, [&b".gitignore"[..], b"cache/keep/.gitkeep", b"lib.o"]);
        fs::remove_dir_all(&place).unwrap();
        project.put("cache/keep/another", "ignored, at a later look as well");
    }
    project.git(&["rm", "-q", "--cached", "lib.o"]);
    let (place, _) = forked(&project);
    assert!(!place.join("lib.o").exists());
}

#[test]
fn rules_that_change_count_at_once() {
    let project = Project::new();
    project.put("a/x", "1");
    project.put("b/x", "1");
    project.after(1);
    let names = |turn| project.kept(&["ls-tree", "-r", "--name-only", &project.tree(turn, "after")]);
    assert_eq!(names(1), "a/x\nb/x\n");
    project.put("a/.gitignore", "x\n");
    project.after(2);
    assert_eq!(names(2), "a/.gitignore\nb/x\n");
    project.put(".git/info/exclude", "/b\n");
    fs::remove_file(project.root().join("a/.gitignore")).unwrap();
    project.after(3);
    assert_eq!(names(3), "a/x\n");
}

#[test]
fn repositories_within_the_project_are_files_without_their_git() {
    let project = Project::new();
    project.put(".gitignore", "*.tmp\n");
    project.put("nested/x.tmp", "of another repository, by its own rules");
    git_in(&project.root().join("nested"), &["init", "-q"]);
    project.put("nested/.gitignore", "build\n");
    project.put("nested/build", "ignored there");
    let (place, _) = forked(&project);
    let names: Vec<Vec<u8>> = files(&place).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, [&b".gitignore"[..], b"nested/.gitignore", b"nested/x.tmp"]);
    assert!(!place.join("nested/.git").exists());
    project.put("nested/.git/info/exclude", "*.tmp\n!keep.tmp\n");
    project.put("nested/keep.tmp", "kept by the rules of its own git");
    let kept = || {
        project.kept(&[
            "ls-tree",
            "-r",
            "--name-only",
            project.home.ok("code snap --json").json()[0]["commit"].as_str().unwrap(),
        ])
    };
    assert_eq!(kept(), ".gitignore\nnested/.gitignore\nnested/keep.tmp\n");
    project.put("nested/.git/info/exclude", "# nothing\n");
    assert_eq!(
        kept(),
        ".gitignore\nnested/.gitignore\nnested/keep.tmp\nnested/x.tmp\n",
        "rules that change count at once"
    );
    project.put("nested/.git/info/exclude", "*.tmp\n");
    assert_eq!(kept(), ".gitignore\nnested/.gitignore\n", "also where no file changed");
}

/// A repository of each kind as its root is: files come back, and history where git can give it.
#[test]
fn repositories_of_every_kind_are_kept() {
    let held = |project: &Project, root: &Path| {
        let mut event = project.home.command();
        event.args(["hook", "--after", "Stop", "--turn", &project.turns[0], "--cwd"]).arg(root).arg("--");
        event.arg(project.home.place(&crate::support::Fixture::named(super::CASE).name));
        assert!(event.status().unwrap().success());
        let (ran, place) = project.fork(1, &[]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(files(&place), files(root));
        place
    };
    let commit = |project: &Project| {
        project.put("a", "1");
        project.commit_all();
        project.git(&["rev-parse", "HEAD"])
    };
    // No repository at all.
    let project = Project::new();
    fs::remove_dir_all(project.root().join(".git")).unwrap();
    project.put("a", "1");
    assert!(!held(&project, &project.root()).join(".git").exists());
    // A detached HEAD.
    let project = Project::new();
    let head = commit(&project);
    project.git(&["checkout", "-q", "--detach"]);
    let place = held(&project, &project.root());
    assert_eq!(git_in(&place, &["rev-parse", "HEAD"]), head);
    // A linked work tree shares the code store.
    let project = Project::new();
    let head = commit(&project);
    let linked = project.root().parent().unwrap().join("linked");
    project.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    fs::write(linked.join("b"), "2").unwrap();
    let place = held(&project, &linked);
    assert_eq!(git_in(&place, &["rev-parse", "HEAD"]), head);
    assert_eq!(git_in(&place, &["status", "--short"]), "?? b\n");
    project.home.ok("code snap -q");
    project.store();
    // Objects of another length, refs in a table: libgit2 reads neither, and all bytes are stored.
    for words in [["init", "-q", "--object-format=sha256"], ["init", "-q", "--ref-format=reftable"]] {
        let project = Project::new();
        fs::remove_dir_all(project.root().join(".git")).unwrap();
        if !Command::new("git").arg("-C").arg(project.root()).args(words).output().unwrap().status.success() {
            continue;
        }
        project.put("a", "1");
        held(&project, &project.root());
    }
    // A shallow one.
    let project = Project::new();
    commit(&project);
    project.put("a", "2");
    project.commit_all();
    let shallow = project.root().parent().unwrap().join("shallow");
    let url = format!("file://{}", project.root().display());
    project.git(&["clone", "-q", "--depth=1", &url, shallow.to_str().unwrap()]);
    held(&project, &shallow);
}
