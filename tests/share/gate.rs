//! What leaves is looked at first.

use std::fs;

use super::fresh;
use crate::support::story::{Written, id};
use crate::support::{Home, Ran};

/// A token that is none, made where no scanner of sources finds it.
fn token() -> String {
    ["ghp", "_", "A1b2C3d4E5f6G7h8I9j0", "K1l2M3n4O5p6Q7r8"].concat()
}

/// A session of three turns: in the second, a command prints a token.
fn home() -> Home {
    let home = fresh();
    let mut session = Written::new(1).turn("one");
    session.open_turn("print it");
    session.command("cat .env", &format!("TOKEN={}", token()), 0);
    session.close().turn("three").put(&home);
    home.ok("-q record");
    home
}

fn is_held(home: &Home, words: &str) -> Ran {
    let before = fs::read_dir(home.work()).unwrap().count();
    let told = home.run(words.split(' '));
    assert_eq!(told.code, 1, "{words}: {told:?}");
    assert!(told.stderr.contains("1 secret would leave with it") && told.stdout.is_empty(), "{words}: {told:?}");
    assert!(told.stderr.contains("turn 2  github"), "{words}: {told:?}");
    assert!(!told.stderr.contains(&token()), "{words}: it is masked");
    assert_eq!(fs::read_dir(home.work()).unwrap().count(), before, "{words}: nothing was written");
    told
}

#[test]
fn a_secret_holds_a_conversation_back_until_it_is_allowed() {
    let home = home();
    let all = [
        format!("share {} --out it.bundle", id(1)),
        format!("share {}~1 --out earlier.bundle", id(1)),
        format!("export {} --out it.html", id(1)),
        format!("export {} --format md --out it.md", id(1)),
        format!("export {} --format jsonl --out it.jsonl", id(1)),
        format!("share {} --post http://127.0.0.1:9/", id(1)),
    ];
    let told: Vec<Ran> = all.iter().map(|words| is_held(&home, words)).collect();
    let fingerprint = told[0].stderr.split("fingerprint ").nth(1).unwrap()[..12].to_owned();
    let anyway = home.ok(&format!("share {} --with-secrets --out anyway.bundle", id(1)));
    assert!(anyway.stderr.contains("secrets in that go with it"), "{anyway:?}");
    home.ok(&format!("secrets allow {fingerprint} --note test"));
    for words in &all[..5] {
        home.ok(words);
    }
}

#[test]
fn what_does_not_leave_holds_nothing_back() {
    let home = home();
    for words in [
        "share SESSION~2 --out it.bundle",
        "export SESSION --no-outputs --out it.html",
        "export SESSION --detail prompts --out it.html",
        "export SESSION --turns 3.. --out it.html",
        "export SESSION~2 --format jsonl --out it.jsonl",
    ] {
        let words = words.replace("SESSION", &id(1));
        home.ok(&words);
        for file in ["it.bundle", "it.html", "it.jsonl"] {
            let path = home.work().join(file);
            if path.exists() {
                let bytes = fs::read(&path).unwrap();
                assert!(!bytes.windows(token().len()).any(|part| part == token().as_bytes()), "{words}");
                fs::remove_file(path).unwrap();
            }
        }
    }
}
