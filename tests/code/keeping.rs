//! What a person says of snapshots: that one is kept whole, and what is left out of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::Project;
use super::stage::Stage;

#[test]
fn a_save_with_its_code_is_whole_when_the_project_lost_its_commits() {
    let project = Project::new();
    project.put("lent", "the project has it");
    project.put("src/twice", "the project has it");
    project.commit_all();
    project.put("own", "only the code store has it");
    project.after(3);
    let name = format!("refs/code/{}/{}/after:", project.session, project.turns[2]);
    let is_here = |path: &str| {
        let packs = project.store().join("objects/pack");
        let id = project.kept(&["rev-parse", &format!("{name}{path}")]);
        let idx = fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path());
        let mut idx = idx.filter(|path| path.extension().is_some_and(|end| end == "idx"));
        idx.any(|idx| project.kept(&["verify-pack", "-v", idx.to_str().unwrap()]).contains(id.trim()))
    };
    assert!(is_here("own") && !is_here("lent"));
    let turn = format!("{}~{}", project.session, project.turns.len() - 3);
    let ran = project.home.ok(&format!("save kept {turn} --with-code"));
    assert!(ran.stderr.contains("with its code: 1 file copied from the project's commits"), "{}", ran.stderr);
    assert!(is_here("lent") && is_here("src/twice"));
    project.is_sound();
    fs::remove_dir_all(project.root().join(".git")).unwrap();
    assert_eq!(project.home.ok(&format!("code show {turn} src/twice")).stdout, "the project has it");
    project.home.ok("code prune");
    assert!(is_here("lent"), "it stays when the packs are written anew");
    let ran = project.home.ok(&format!("save kept {turn} --with-code"));
    assert!(ran.stderr.contains("with its code: 0 files copied"), "{}", ran.stderr);
}

#[test]
fn a_turn_without_a_snapshot_is_not_saved_with_its_code() {
    let project = Project::new();
    project.put("a", "1");
    project.after(1);
    let ran = project.home.run(["save", "kept", &format!("{}~1", project.session), "--with-code"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(project.home.ok("saves").stdout.is_empty(), "nothing is saved without it");
}

#[test]
fn what_is_left_out_is_listed_and_taken_back() {
    let project = Project::new();
    project.put("data/big", "1");
    project.put("a.txt", "1");
    project.home.ok("code ignore -q /data/");
    project.home.ok("code ignore -q *.txt");
    let files = || {
        project.after(1);
        project.kept(&["ls-tree", "-r", "--name-only", &project.tree(1, "after")])
    };
    assert_eq!(project.home.ok("code ignore").stdout, "/data/\n*.txt\n");
    assert_eq!(files(), "");
    project.home.ok("code ignore -q --remove /data/");
    assert_eq!(project.home.ok("code ignore").stdout, "*.txt\n");
    for pattern in ["/", "# data", "!keep"] {
        let ran = project.home.run(["code", "ignore", pattern]);
        assert!(ran.code != 0 && ran.stderr.contains("leaves nothing out"), "{pattern}: {}", ran.stderr);
    }
    let ran = project.home.run(["code", "ignore", "--remove", "/data/"]);
    assert!(ran.code == 1 && ran.stderr.contains("`/data/` is no pattern"), "{ran:?}");
    project.home.ok("code ignore -q --remove *.txt");
    project.home.ok("code snap -q");
    let newest = project.snapshots().into_iter().find(|name| name.starts_with("refs/asked/")).unwrap();
    assert_eq!(project.kept(&["ls-tree", "-r", "--name-only", &newest]), "a.txt\ndata/big\n");
}

#[test]
fn what_changed_is_told_in_lines_bytes_or_modes() {
    let project = Project::new();
    project.put("lines", "1\n2\n");
    project.put("bytes", [0, 1, 2]);
    project.put("run", "#!/bin/sh\n");
    project.before(1);
    project.put("lines", "1\n3\n4\n");
    project.put("bytes", [0, 1, 2, 3]);
    fs::set_permissions(project.root().join("run"), PermissionsExt::from_mode(0o755)).unwrap();
    project.after(1);
    let told = project.home.ok(&format!("code log {}", project.session)).stdout;
    for line in ["M lines +2 -1", "M bytes not text: 3 bytes → 4 bytes", "M run mode 100644 → 100755"] {
        assert!(told.contains(line), "{line}: {told}");
    }
}

#[test]
fn what_another_session_may_have_changed_is_marked() {
    let mut stage = Stage::new();
    stage.put("a", "1\n");
    stage.turn(&|root| fs::write(root.join("alone"), "agent\n").unwrap());
    let other = stage.talk();
    stage.begin(0);
    stage.begin(other);
    stage.put("a", "agent\n");
    stage.patch(0, &["a"]);
    stage.put("theirs", "other\n");
    stage.finish(other);
    stage.finish(0);
    let session = stage.talks[0].id.to_string();
    let told = stage.home.ok(&format!("code log {session}")).stdout;
    assert!(told.contains("A theirs +1 -0, perhaps another session's"), "{told}");
    assert!(told.contains("M a +1 -1\n") && told.contains("A alone +1 -0\n"), "{told}");
    assert_eq!(told.matches("another session worked in this folder at the same time").count(), 1, "{told}");
}
