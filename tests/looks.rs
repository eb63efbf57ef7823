//! Looking at the codex home: once a command, however much the command does; and what a look leaves for the next is never believed against the
//! folders themselves.

use std::fs;

use crate::support::Home;
use crate::support::synthetic::Synthetic;

/// A session whose id begins as no other does.
const OTHER: usize = 0x1000;

fn beginning() -> String {
    Synthetic::new(OTHER).id[..33].to_owned()
}

/// A home of forty sessions over several days, all recorded.
fn home() -> Home {
    let home = Home::empty();
    for number in (0..39).chain([OTHER]) {
        put(&home, number, 2);
    }
    home.ok("init -q --no-hooks");
    home
}

fn put(home: &Home, number: usize, turns: usize) {
    let session = Synthetic::new(number);
    let rollout = session.rollout(turns, 50).replace("\"/work\"", &format!("{:?}", home.work()));
    home.put(&session.name, rollout.as_bytes());
}

/// How often a command looked at the home.
fn looks(home: &Home, words: &str) -> usize {
    let ran = home.run(format!("-v {words}").split(' '));
    assert_eq!(ran.code, 0, "{words}: {}", ran.stderr);
    ran.stderr.matches("looked at the codex home").count()
}

#[test]
fn a_command_looks_at_the_home_once() {
    let home = home();
    let (a, b) = (Synthetic::new(3).id, Synthetic::new(4).id);
    for words in [
        format!("log {a}"),
        format!("log {}", beginning()),
        "log @".to_owned(),
        format!("show -n 1 {a}"),
        format!("save point {a}"),
        format!("fork {b}~1"),
        "fork point".to_owned(),
        "list".to_owned(),
        "list --all".to_owned(),
        "record".to_owned(),
        format!("record {a}"),
        "record --dry-run".to_owned(),
    ] {
        assert_eq!(looks(&home, &words), 1, "{words}");
    }
    // What writes into the home looks right before that, too; and evict, which records all, then finds the session that is meant.
    for (words, count) in
        [(format!("evict --dry-run {a}"), 3), (format!("restore {a}"), 2), ("restore --deleted".to_owned(), 2)]
    {
        assert_eq!(looks(&home, &words), count, "{words}");
    }
    // Without hooks the status is no success; it looks once all the same.
    assert_eq!(home.run(["-v", "status"]).stderr.matches("looked at the codex home").count(), 1);
    for words in ["saves", "verify -q"] {
        assert_eq!(looks(&home, words), 0, "{words}");
    }
}

#[test]
fn whatever_the_catalogue_holds_a_command_finds_what_is_there() {
    let home = home();
    home.ok("record -q");
    let catalogue = home.store().join("codex-git.home");
    let written = fs::read(&catalogue).unwrap();
    let said = || (home.ok("list --all --json").stdout, home.ok(&format!("log {}", beginning())).stdout);
    let expected = said();
    let mut flipped = written.clone();
    for byte in flipped.iter_mut().skip(100).step_by(97) {
        *byte ^= 1;
    }
    for other in [&b""[..], b"codex-git home 1", &written[..written.len() / 2], &flipped] {
        fs::write(&catalogue, other).unwrap();
        assert_eq!(said(), expected);
    }
    fs::remove_file(&catalogue).unwrap();
    assert_eq!(said(), expected);
}

#[test]
fn a_folder_that_changed_is_read_again() {
    let home = home();
    // Folders that changed just now are read in any case.
    let settle = || {
        for folder in folders(&home.path().join("sessions")) {
            let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(1000);
            fs::File::open(folder).unwrap().set_modified(long_ago).unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(2100));
        home.ok("record -q");
    };
    settle();
    put(&home, 40, 1);
    home.ok(&format!("log {}", Synthetic::new(40).id));
    let gone = Synthetic::new(1);
    fs::remove_file(home.place(&gone.name)).unwrap();
    let listed = home.ok("list --all --json").stdout;
    assert!(listed.lines().any(|line| line.contains(&gone.id) && line.contains("\"store\"")), "{listed}");
    settle();
    put(&home, 1, 2);
    let archived = home.path().join("archived_sessions");
    fs::create_dir_all(&archived).unwrap();
    let moved = Synthetic::new(2);
    fs::rename(home.place(&moved.name), archived.join(&moved.name)).unwrap();
    let listed = home.ok("list --all --json").stdout;
    for (id, place) in [(&gone.id, "\"active\""), (&moved.id, "\"archived\"")] {
        assert!(listed.lines().any(|line| line.contains(id) && line.contains(place)), "{place}: {listed}");
    }
}

#[test]
fn a_directory_is_listed_with_what_is_new_in_it_and_without_a_look_at_the_rest() {
    let home = home();
    put(&home, 40, 1);
    put(&home, 5, 3);
    let listed = home.ok("list --json").json();
    let turns = |number: usize| {
        let id = Synthetic::new(number).id;
        listed.iter().find(|session| session["session"] == id.as_str()).map(|session| session["turns"].clone())
    };
    assert_eq!(turns(40), Some(1.into()));
    assert_eq!(turns(5), Some(3.into()));
    assert_eq!(turns(6), Some(2.into()));
}

fn folders(below: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![below.to_owned()];
    for entry in fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        found.extend(folders(&entry));
    }
    found
}
