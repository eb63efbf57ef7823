//! What holds a secret does not leave, and keeps nothing else from leaving.

use super::{Shared, go_on, turns};
use crate::support::Home;
use crate::support::story::{Written, id};

/// A token that is none, made where no scanner of sources finds it.
fn token() -> String {
    ["ghp", "_", "A1b2C3d4E5f6G7h8I9j0", "K1l2M3n4O5p6Q7r8"].concat()
}

fn leaky(number: u32, title: &str) -> Written {
    let mut session = Written::new(number).turn(title);
    session.open_turn("print it");
    session.command("cat .env", &format!("TOKEN={}", token()), 0);
    session.close()
}

fn machine(shared: &Shared) -> Home {
    let home = shared.machine("desk");
    go_on(&home, 1, &["harmless"]);
    let leaky = leaky(2, "zebra crossing");
    leaky.put(&home);
    Written::fork(3, &leaky, 2).turn("giraffe").put(&home);
    Written::fork(4, &leaky, 1).turn("earlier").put(&home);
    home.ok("-q record");
    home
}

#[test]
fn sessions_with_a_secret_are_held_back_and_the_others_go() {
    let shared = Shared::new();
    let home = machine(&shared);
    let told = home.run(["push"]);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.stderr.contains("pushed 2 sessions to origin"), "{told:?}");
    assert!(told.stderr.contains("2 sessions are held back") && told.stderr.contains("turn 2  github"), "{told:?}");
    assert!(!told.stderr.contains(&token()), "{told:?}");
    for text in [&token(), "giraffe", id(2).as_str(), id(3).as_str()] {
        assert!(!shared.holds(text) || text == id(2), "{text}");
    }
    assert!(shared.holds("harmless") && shared.holds("earlier"));
    let held = home.run(["--json", "push"]);
    assert_eq!(held.json().iter().filter(|line| line["held"] == true).count(), 2, "{held:?}");
    assert_eq!(home.ok("push --without-held").code, 0);

    let fingerprint = told.stderr.split("fingerprint ").nth(1).unwrap()[..12].to_owned();
    home.ok(&format!("secrets allow {fingerprint} --note test"));
    assert!(home.ok("push").stderr.contains("pushed 2 sessions to origin"));
    let there = shared.machine("laptop");
    there.ok("pull");
    assert_eq!(turns(&there, &id(3)), ["zebra crossing", "print it", "giraffe"]);
}

#[test]
fn a_session_that_was_shared_stays_as_it_is_there_while_it_is_held_back() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["one"]);
    home.ok("push");
    let mut session = Written::new(1).turn("one");
    session.open_turn("show it");
    session.command("env", &token(), 0);
    session.close().put(&home);
    home.ok("-q record");
    home.ok(&format!("save late {}", id(1)));
    assert_eq!(home.run(["push"]).code, 1);
    assert!(!shared.holds(&token()) && !shared.holds("late (turn"), "neither it nor a save on it");
    let there = shared.machine("laptop");
    there.ok("pull");
    assert_eq!(turns(&there, &id(1)), ["one"]);
}

#[test]
fn a_secret_in_a_name_or_a_save_holds_back_too() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["one"]);
    go_on(&home, 2, &["two"]);
    home.name(&id(1), &token());
    home.run(["save", "here", &id(2), "-m", &token()]);
    let told = home.run(["push"]);
    assert!(told.code == 1 && told.stderr.contains("2 sessions are held back"), "{told:?}");
    assert!(!shared.holds(&token()));
}

#[test]
fn what_may_be_a_secret_holds_back_where_that_is_asked_for() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    let mut session = Written::new(1).turn("one");
    session.open_turn("print it");
    session.command("cat .env", "DATABASE_PASSWORD=q8Zr2Lw9Xk4Tn7Vb\n", 0);
    session.close().put(&home);
    home.ok("-q record");
    home.ok("config gate strict");
    let told = home.run(["push"]);
    assert!(told.code == 1 && told.stderr.contains("1 session is held back"), "{told:?}");
    home.ok("config gate sure");
    assert!(home.ok("push").stderr.contains("pushed 1 session"));
}

#[test]
fn what_is_added_to_a_session_that_is_there_is_looked_at_as_well() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["one"]);
    home.ok("push");
    // A save with a token in its note, on a session that is as it was.
    home.run(["save", "late", &id(1), "-m", &token()]);
    let told = home.run(["push"]);
    assert!(told.code == 1 && told.stderr.contains("1 session is held back"), "{told:?}");
    assert!(!shared.holds(&token()));
    home.ok("save --delete late");
    // A save on what another machine made of the session.
    let there = shared.machine("laptop");
    there.ok("config gate sure");
    there.ok("pull");
    there.ok(&format!("-q restore {}", id(1)));
    let mut other = Written::new(1).turn("one");
    other.open_turn("elsewhere");
    other.command("env", &token(), 0);
    other.close().put(&there);
    there.ok("-q record");
    let bundle = there.work().join("it.bundle");
    there.ok(&format!("share {} --with-secrets --out it.bundle", id(1)));
    go_on(&home, 1, &["one", "here"]);
    home.run(["import".as_ref(), bundle.as_os_str()]);
    let strand = home.ok("strands --json").json()[0]["commit"].as_str().unwrap().to_owned();
    home.ok(&format!("save other {strand}"));
    let told = home.run(["push"]);
    assert!(told.code == 1 && told.stderr.contains("1 session is held back"), "{told:?}");
    assert!(!shared.holds(&token()));
}

#[test]
fn what_a_push_by_itself_holds_back_is_told_where_one_looks() {
    let shared = Shared::new();
    let home = machine(&shared);
    home.ok("remote set origin --auto push");
    let log = || std::fs::read_to_string(home.path().join("log/codex-git.log")).unwrap();
    let places = |home: &Home| {
        let text = |words: &[&str]| home.run(words.iter().copied()).stdout;
        [text(&["remote"]), text(&["status"]), text(&["doctor"])]
    };
    assert!(places(&home).iter().all(|told| !told.contains("held back")), "{:?}", places(&home));
    home.ok("push --auto --without-held origin");
    assert!(log().trim_end().ends_with("push:origin ok done; 2 sessions are held back"), "{}", log());
    for told in places(&home) {
        assert!(told.contains("2 sessions are held back"), "{told}");
    }
    let shown = home.ok("remote show origin");
    assert!(shown.stdout.contains("2 sessions, at the last push"), "{shown:?}");
    for told in [shown, home.run(["status"]), home.run(["doctor"])] {
        assert!(told.stderr.contains("hint: codex-git push --dry-run origin  # tells which"), "{told:?}");
    }
    assert_eq!(home.ok("remote --json").json()[0]["heldBack"], 2);
    // Once it may go, nothing is told of it any more.
    let fingerprint = home.run(["push", "-n"]).stderr.split("fingerprint ").nth(1).unwrap()[..12].to_owned();
    home.ok(&format!("secrets allow {fingerprint} --note test"));
    std::fs::remove_file(home.store().join("remotes/origin.pace")).unwrap();
    home.ok("push --auto --without-held origin");
    assert!(log().trim_end().ends_with("push:origin ok done"), "{}", log());
    assert!(places(&home).iter().all(|told| !told.contains("held back")), "{:?}", places(&home));
}

#[test]
fn a_secret_that_a_title_was_cut_in_is_the_one_of_its_prompt() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    let token = ["T8vN3pL6yQ0sD5", "Xq7Lm2Zt9Kw4Rb", "9fK2mQ7xW4zR1t", "Hj3Vb8Nc5Mx"].concat();
    let prompt = format!("curl -H 'Authorization: Bearer {token}' https://api.acme.io/v1/things");
    Written::new(2).turn(&prompt).turn("go on").put(&home);
    home.ok("-q record");
    let found = home.run(["--json", "secrets", &id(2)]).json();
    let prints: std::collections::BTreeSet<&str> =
        found.iter().filter_map(|found| found["fingerprint"].as_str()).collect();
    assert_eq!(found[0]["places"], serde_json::json!(["prompt", "answer", "title"]));
    assert_eq!(prints.len(), 1, "{found:?}");
    let masked = home.ok("push --mask");
    assert!(masked.stderr.contains("masked"), "{masked:?}");
    assert!(!shared.holds(&token[..16]));
    home.ok(&format!("secrets allow {} --note test", prints.first().unwrap()));
    home.ok("push");
    assert!(shared.holds(&token));
}
