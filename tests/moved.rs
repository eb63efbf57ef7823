//! A project's directory that was moved: its sessions count as being in the new place wherever a directory is asked for, and no byte that was recorded
//! changes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::blame::story::{CWD, life};
use crate::support::story::Written;
use crate::support::{Home, Ran, ran};

/// A home with three sessions of a project, one of which worked in a folder of it, and one of another; the project is in the working directory now.
fn home() -> Home {
    let home = Home::empty();
    put(&home, 1, "/gone/project");
    put(&home, 2, "/gone/project");
    put(&home, 3, "/gone/project/deep");
    put(&home, 4, "/gone/projects");
    home.ok("init -q --no-hooks");
    fs::create_dir_all(home.work().join("deep")).unwrap();
    home
}

/// A session that worked in a directory from its first line on. Gives its id.
fn put(home: &Home, number: u32, cwd: &str) -> String {
    let session = Written::new(number).cwd(cwd).turn("look for the needle");
    session.put(home);
    let name = format!("rollout-2026-11-24T21-46-09-{}.jsonl", session.id);
    let text = fs::read_to_string(home.place(&name)).unwrap();
    let (there, here) = (format!("\"cwd\":{}", json!(CWD)), format!("\"cwd\":{}", json!(cwd)));
    home.put(&name, text.replace(&there, &here).as_bytes());
    session.id
}

fn folder(home: &Home, name: &str) -> PathBuf {
    let folder = home.work().parent().unwrap().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a command in a directory.
fn within(home: &Home, directory: &Path, words: &str) -> Ran {
    let ran = ran(home.command().args(words.split(' ')).current_dir(directory).output().unwrap());
    assert_eq!(ran.code, 0, "codex-git {words}: {}", ran.stderr);
    ran
}

/// The directories of the sessions that a command lists.
fn listed(ran: &Ran) -> Vec<String> {
    let mut directories: Vec<String> =
        ran.json().iter().map(|session| session["cwd"].as_str().unwrap().to_owned()).collect();
    directories.sort();
    directories
}

fn settings(home: &Home) -> String {
    fs::read_to_string(home.store().join("config")).unwrap()
}

#[test]
fn sessions_are_where_their_project_is_now() {
    let home = home();
    let (work, deep) = (home.work(), home.work().join("deep"));
    let (rollouts, refs) = (rollouts(&home), home.refs());
    assert!(home.ok("list --json").stdout.is_empty());
    let told = home.ok("moved /gone/project .").stderr;
    assert!(told.contains(": 3 sessions moved\n3 sessions count as being in ~/work\n"), "{told}");
    let here = [work.display().to_string(), work.display().to_string()];
    let all = [&here[..], &[deep.display().to_string()]].concat();
    assert_eq!(listed(&home.ok("list --json")), here, "each directory is one by itself");
    fs::create_dir(work.join(".git")).unwrap();
    assert_eq!(listed(&home.ok("list --json")), all, "a repository is one place");
    for directory in [".", "/gone/project", "../work", "/gone/other/../project"] {
        assert_eq!(listed(&home.ok(&format!("list --json --cwd {directory}"))), all, "{directory}");
        assert_eq!(home.ok(&format!("log --all --json --cwd {directory}")).json().len(), 3, "{directory}");
        assert_eq!(home.ok(&format!("search -l --json needle --cwd {directory}")).json().len(), 3, "{directory}");
        let stats = home.ok(&format!("stats --json --cwd {directory}")).json();
        assert_eq!((&stats[0]["turns"], stats.len()), (&Value::from(3), 1), "{directory}");
    }
    assert_eq!(listed(&home.ok("list --json --cwd deep")), [deep.display().to_string()]);
    assert_eq!(listed(&home.ok("list --json --cwd /gone/projects")), ["/gone/projects"]);
    let projects = home.ok("stats --json --by project").json();
    let projects: Vec<&str> = projects.iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(projects, [work.to_str().unwrap(), "/gone/projects"]);
    let list = home.ok("list --all").stdout;
    assert!(list.contains("~/work/deep") && !list.contains("/gone/project/"), "{list}");
    assert_eq!((self::rollouts(&home), home.refs()), (rollouts, refs), "nothing that was recorded changed");
    home.ok("verify");
}

/// The bytes of all rollouts.
fn rollouts(home: &Home) -> Vec<Vec<u8>> {
    let folder = home.path().join("sessions/2026/11/24");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn the_current_session_of_a_directory_is_one_of_the_old_place_too() {
    let home = home();
    let session = |home: &Home, directory: &Path| {
        within(home, directory, "log --json").json()[0]["session"].as_str().unwrap().to_owned()
    };
    let (place, other) = (folder(&home, "moved/here"), folder(&home, "other"));
    let newest = put(&home, 6, other.to_str().unwrap());
    assert_eq!(session(&home, &place), newest, "none was here, so that the newest of all counts");
    within(&home, &place, "moved /gone/projects .");
    assert_eq!(session(&home, &place), Written::new(4).id, "one that is recorded");
    let new = put(&home, 7, "/gone/projects");
    put(&home, 8, other.to_str().unwrap());
    assert_eq!(session(&home, &place), new, "one that is not recorded yet");
    // Where Codex goes on in the old place, that is the new one.
    let old = folder(&home, "still");
    within(&home, &old, "moved . ../moved/here");
    assert_eq!(session(&home, &old), new);
}

#[test]
fn moves_follow_each_other_the_longest_name_counts_and_each_can_be_forgotten() {
    let home = home();
    let [one, two, deep] = ["one", "two", "elsewhere"].map(|name| folder(&home, name));
    home.ok("moved /gone/project ../one");
    home.ok("moved ../one ../two");
    home.ok("moved /gone/project/deep ../elsewhere");
    let told = home.ok("moved").stdout;
    assert_eq!(
        told,
        "/gone/project       ~/one        2 sessions  now ~/two\n~/one               ~/two        2 sessions\n/gone/project/deep  ~/elsewhere   1 session\n"
    );
    assert_eq!(within(&home, &two, "list --json").json().len(), 2);
    assert_eq!(within(&home, &deep, "list --json").json().len(), 1);
    assert_eq!(within(&home, &one, "list --json").json().len(), 2, "the place between is the same");
    let object = &home.ok("moved --json").json()[0];
    assert_eq!((&object["now"], &object["sessionsThere"]), (&two.to_str().unwrap().into(), &2.into()));
    let told = home.ok("moved --forget ../one").stderr;
    assert_eq!(told, "forgot that ~/one is ~/two: 2 sessions count as being there again\n");
    assert_eq!(within(&home, &one, "list --json").json().len(), 2);
    assert!(within(&home, &two, "list --json").stdout.is_empty());
    // The same directory again: the later word counts, and the earlier is told.
    let told = home.ok("moved /gone/project ../two").stderr;
    assert!(told.starts_with("/gone/project was said to be `~/one` before\n"), "{told}");
    assert_eq!(home.git("config --get-all codexgit.map").lines().count(), 2);
    home.ok("moved --forget /gone/project/");
    home.ok("moved --forget /gone/project/deep");
    assert!(home.ok("moved").stderr.contains("no directory was moved"));
    assert!(!settings(&home).contains("map"));
}

#[test]
fn a_place_that_moved_on_or_went_is_told() {
    let home = home();
    let [place, last] = ["place", "last"].map(|name| folder(&home, name));
    home.ok("moved ../place ../last");
    let told = home.ok("moved /gone/project ../place").stderr;
    assert!(
        told.contains("~/place was moved itself, and is ~/last now\n3 sessions count as being in ~/last\n"),
        "{told}"
    );
    fs::remove_dir(&last).unwrap();
    fs::remove_dir(&place).unwrap();
    let told = home.ok("moved").stdout;
    assert_eq!(told.matches("~/last is no directory").count(), 2, "{told}");
}

#[test]
fn a_move_that_can_not_be_is_refused_and_nothing_is_written() {
    let home = home();
    folder(&home, "one");
    home.ok("moved /gone/project ../one");
    fs::write(home.work().join("file"), "").unwrap();
    let before = settings(&home);
    for (words, error, hint) in [
        ("moved /gone/projects /nowhere", "`/nowhere` is not a directory", "ls -ld /nowhere"),
        ("moved /gone/projects file", "/work/file` is not a directory", "ls -ld "),
        ("moved . .", "and its new place are the same", "codex-git moved  # lists"),
        ("moved . deep", "/work`: what is recorded there would move again", "codex-git moved  # lists"),
        ("moved / .", "can't be written down as a moved directory", "codex-git moved  # lists"),
        ("moved --forget /gone/projekt", "`/gone/projekt` is not among", "codex-git moved --forget /gone/project\n"),
        ("moved --forget deep", "/work/deep` is not among", "codex-git moved  # lists"),
    ] {
        let ran = home.run(words.split(' '));
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{words}");
        assert!(ran.stderr.contains(error) && ran.stderr.contains(&format!("hint: {hint}")), "{words}: {}", ran.stderr);
        assert_eq!(settings(&home), before, "{words}");
    }
    assert_eq!(home.run(["moved", "/gone/project"]).code, 2);
    assert_eq!(home.run(["moved", "", "."]).code, 2);
}

#[test]
fn a_project_that_goes_back_is_forgotten_to_have_moved() {
    let home = home();
    let [old, new] = ["old", "new"].map(|name| folder(&home, name));
    put(&home, 6, old.to_str().unwrap());
    put(&home, 7, new.to_str().unwrap());
    home.ok("moved ../old ../new");
    let ran = home.run(["moved", "../new", "../old"]);
    assert!(ran.code == 1 && ran.stderr.contains("leads in a circle"), "{}", ran.stderr);
    let hint = format!("hint: codex-git moved --forget {}\n", old.display());
    assert!(ran.stderr.ends_with(&hint), "{}", ran.stderr);
    home.ok("moved --forget ../old");
    home.ok("moved ../new ../old");
    assert_eq!(within(&home, &old, "list --json").json().len(), 2);
}

#[test]
fn a_directory_without_sessions_whose_name_one_had_that_is_gone_gets_a_hint() {
    let home = home();
    let place = folder(&home, "elsewhere/project");
    let told = within(&home, &place, "list").stderr;
    assert!(told.ends_with("hint: codex-git moved /gone/project .  # if this directory was there before\n"), "{told}");
    within(&home, &place, "moved /gone/project .");
    assert_eq!(within(&home, &place, "list").stderr, "");
    assert!(!within(&home, &folder(&home, "deeper"), "list").stderr.contains("hint"));
}

#[test]
fn a_clone_of_the_repository_that_sessions_worked_in_elsewhere_gets_a_hint() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    let url = "https://example.org/acme/widget.git";
    for (number, cwd) in [(1, "/home/other/widget/src"), (2, "/home/other/widget"), (3, "/home/other/else")] {
        let begun = Written::new(number).begun_in(cwd);
        let begun = if number == 3 { begun } else { begun.begun_in_clone_of(url) };
        begun.turn("one").put(&home);
    }
    let place = folder(&home, "my-clone/deep");
    let root = place.parent().unwrap();
    for words in [&["init", "-q"][..], &["remote", "add", "origin", "git@example.org:acme/widget.git"]] {
        let ran = std::process::Command::new("git").arg("-C").arg(root).args(words).output().unwrap();
        assert!(ran.status.success());
    }
    let told = within(&home, &place, "list").stderr;
    let hint =
        format!("codex-git moved /home/other/widget {}  # sessions of a clone of this repository\n", root.display());
    assert!(told.ends_with(&hint), "{told}");
    within(&home, &place, &format!("moved /home/other/widget {}", root.display()));
    assert_eq!(within(&home, &place, "list --json").json().len(), 2);
}

#[test]
fn odd_names_are_written_down_and_read_again() {
    let home = home();
    for (number, name) in (10..).zip(["with space", "a=b", "quote\"d", "gröss#;e", "back\\slash", "[x]", "$(id)"]) {
        let (old, new) = (format!("/gone/{name}"), folder(&home, &format!("new/{name}")));
        put(&home, number, &old);
        let ran = home.run(["moved", &old, new.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(within(&home, &new, "list --json").json().len(), 1, "{name}");
        let ran = home.run(["moved", "--forget", &old]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        assert!(!settings(&home).contains("map"), "{}", settings(&home));
    }
}

#[test]
fn blame_follows_a_move_as_if_it_were_told() {
    let life = life();
    let home = &life.home;
    let blame = |words: &str| home.ok(&format!("blame --json {words}{}", life.path)).json();
    let told = blame(&format!("--was {CWD}={} ", home.work().display()));
    assert_ne!(blame(""), told);
    home.ok(&format!("moved {CWD} ."));
    assert_eq!(blame(""), told);
    // The command's own word is looked at first.
    assert_ne!(blame(&format!("--was {CWD}=/nowhere ")), told);
}

#[test]
fn filters_take_the_directory_of_a_save_where_it_is_now() {
    let home = home();
    home.ok(&format!("save -q alpha {}", Written::new(1).id));
    assert!(home.ok("saves --cwd .").stdout.is_empty());
    home.ok("moved /gone/project .");
    assert_eq!(home.ok("saves --json --cwd .").json().len(), 1);
    assert!(!home.ok("saves").stdout.contains("/gone/project"));
}

#[test]
#[cfg(target_os = "linux")]
fn whenever_it_is_stopped_the_next_run_completes() {
    use crate::support::shim::{ALL, changes, faulty};
    let home = home();
    home.ok("list");
    let command = |home: &Home| {
        let mut command = home.command();
        command.args(["moved", "/gone/project", "."]);
        command
    };
    let counted = home.copy();
    let (steps, ran) = changes(&counted, command(&counted));
    assert!(ran.code == 0 && steps > 2, "{steps} changes: {}", ran.stderr);
    for (at, how) in (1..=steps).flat_map(|at| [(at, ALL[0]), (at, ALL[1 + at % 3])]) {
        let home = home.copy();
        let stopped = faulty(&home, command(&home), at, how);
        home.git("config --list");
        home.ok("list --all");
        let again = home.ok("moved /gone/project .");
        assert!(again.stderr.contains("3 sessions count"), "{how:?} at {at}: {}\n{}", stopped.stderr, again.stderr);
        assert_eq!(home.git("config --get-all codexgit.map").lines().count(), 1, "{how:?} at {at}");
    }
}
