//! A code store that somebody else wrote into: no name of a tree leads out of the folder that is made, or into its `.git`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Project;

/// Writes an object of any bytes into a code store.
pub fn object(store: &Path, kind: &str, bytes: &[u8]) -> String {
    let mut git = Command::new("git");
    git.arg("--git-dir").arg(store).args(["hash-object", "-t", kind, "-w", "--literally", "--stdin"]);
    let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn raw(id: &str) -> Vec<u8> {
    (0..20).map(|at| u8::from_str_radix(&id[at * 2..at * 2 + 2], 16).unwrap()).collect()
}

/// Writes a tree with any names into a code store.
pub fn tree(store: &Path, entries: &[(&str, &str, &str)]) -> String {
    let entry =
        |(mode, name, id): &(&str, &str, &str)| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &raw(id)].concat();
    object(store, "tree", &entries.iter().flat_map(entry).collect::<Vec<u8>>())
}

#[test]
fn no_tree_writes_outside_of_its_folder() {
    let project = Project::new();
    project.put("a", "1");
    project.commit_all();
    project.after(1);
    let outside = project.root().parent().unwrap().join("outside");
    fs::create_dir(&outside).unwrap();
    let name = format!("refs/code/{}/{}/after", project.session, project.turns[0]);
    let text = project.kept(&["cat-file", "commit", &name]);
    let evil = object(&project.store(), "blob", b"#!/bin/sh\ntouch ran\n");
    let link = object(&project.store(), "blob", outside.to_str().unwrap().as_bytes());
    let inner = tree(&project.store(), &[("100755", "post-checkout", &evil)]);
    let hooks = tree(&project.store(), &[("40000", "hooks", &inner)]);
    let escape = tree(&project.store(), &[("100644", "escaped", &evil)]);
    for entries in [
        vec![("40000", "..", escape.as_str())],
        vec![("40000", ".", &escape)],
        vec![("100644", "../escaped", &evil)],
        vec![("100644", "/tmp/escaped", &evil)],
        vec![("40000", ".git", &hooks)],
        vec![("40000", ".GIT", &hooks)],
        vec![("40000", "git~1", &hooks)],
        vec![("40000", ".g\u{200c}it", &hooks)],
        vec![("100644", ".git", &evil)],
        vec![("100644", "", &evil)],
        // A link, and then something below its name.
        vec![("120000", "door", &link), ("40000", "door", &escape)],
        vec![("40000", "deep", &hooks), ("120000", "door", &link), ("100644", "door", &evil)],
    ] {
        let tree = tree(&project.store(), &entries);
        let old = text.lines().next().unwrap();
        let commit = object(&project.store(), "commit", text.replace(old, &format!("tree {tree}")).as_bytes());
        project.kept(&["update-ref", &name, &commit]);
        let (ran, place) = project.fork(1, &[]);
        assert_eq!(ran.code, 1, "{entries:?}: {}", ran.stderr);
        assert!(!place.exists(), "{entries:?}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{entries:?}");
        let around = fs::read_dir(place.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut around: Vec<_> = around.map(|name| name.into_string().unwrap()).collect();
        around.retain(|name| !name.starts_with('.'));
        around.sort();
        assert_eq!(around, ["home", "outside", "work"], "{entries:?}");
    }
}
