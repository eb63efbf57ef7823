//! Conversations that are carried by links.

use super::fresh;
use super::server::Server;
use crate::support::story::{Written, id};
use crate::support::{Home, Ran};

fn with_a_secret() -> Home {
    let home = fresh();
    Written::new(1).turn("one").turn("the password is swordfish").put(&home);
    home.ok("-q record");
    home
}

fn post(home: &Home, to: &str) -> Ran {
    home.run(["share", &id(1), "--post", to])
}

fn import(home: &Home, link: &str) -> Ran {
    home.run(["import", link])
}

#[test]
fn a_conversation_travels_by_a_link_and_the_server_reads_nothing_of_it() {
    let (home, server) = (with_a_secret(), Server::start());
    for path in ["post", "location"] {
        let told = post(&home, &server.at(path));
        assert_eq!(told.code, 0, "{told:?}");
        let link = told.stdout.trim();
        assert!(link.starts_with(&server.at("")) && told.stderr.contains("sent 2 turns"), "{told:?}");
        let other = fresh();
        let dry = other.run(["import", "--dry-run", link]);
        assert!(dry.code == 0 && dry.stderr.contains("would import"), "{dry:?}");
        let taken = import(&other, link);
        assert_eq!((taken.code, taken.stdout.trim()), (0, id(1).as_str()), "{taken:?}");
        assert_eq!(other.git("for-each-ref refs/heads"), home.git("for-each-ref refs/heads"));
        let led = link.replacen(&server.at(""), &server.at("led/"), 1);
        assert_eq!(import(&other, &led).code, 0, "an answer may lead on");
        let (_, key) = link.rsplit_once('.').unwrap();
        let saw = server.saw();
        for secret in [key.as_bytes(), b"swordfish", b"git bundle", id(1).as_bytes()] {
            assert!(!saw.windows(secret.len()).any(|part| part == secret));
        }
    }
}

#[test]
fn where_to_send_it_is_a_setting() {
    let (home, server) = (with_a_secret(), Server::start());
    let unset = home.run(["share", &id(1), "--post"]);
    assert!(unset.code == 2 && unset.stderr.contains("codex-git config post URL"), "{unset:?}");
    home.ok(&format!("config post {}", server.at("post")));
    let told = home.run(["--json", "share", &id(1), "--post"]);
    assert_eq!(import(&fresh(), told.json()[0]["link"].as_str().unwrap()).code, 0, "{told:?}");
    let wrong = home.run(["config", "post", "ftp://example.org"]);
    assert!(wrong.stderr.contains("https://"), "{wrong:?}");
}

#[test]
fn a_server_that_does_not_do_what_it_should_is_told_and_followed_nowhere() {
    let (home, server) = (with_a_secret(), Server::start());
    for (path, words) in [
        ("silent", "did not say where it put"),
        ("quoted", "did not say where it put"),
        ("elsewhere", "did not say where it put"),
        ("broken", "answered 500"),
        ("file", "answered 302"),
        ("open", "leads on to where nothing is asked"),
        ("circle", "leads on and on"),
    ] {
        let told = post(&home, &server.at(path));
        assert_eq!(told.code, 1, "{path}: {told:?}");
        assert!(told.stderr.contains(words) && !told.stderr.contains('\u{1b}'), "{path}: {told:?}");
    }
    for to in ["http://example.org/post", "file:///tmp/x", "nonsense"] {
        assert_eq!(post(&home, to).code, 1, "{to}");
    }
    let gone = post(&home, "http://127.0.0.1:9/");
    assert!(gone.code == 1 && gone.stderr.contains("refused"), "{gone:?}");
}

#[test]
fn a_link_that_is_not_whole_or_leads_to_something_else_is_refused_and_its_key_not_told() {
    let (home, server) = (with_a_secret(), Server::start());
    let links: Vec<String> = (0..4).map(|_| post(&home, &server.at("post")).stdout.trim().to_owned()).collect();
    server.spoil(1, |bytes| bytes.truncate(bytes.len() - 10));
    server.spoil(2, |bytes| bytes[600] ^= 1);
    server.spoil(3, |bytes| *bytes = b"hello".to_vec());
    let (place, rest) = links[0].split_once('#').unwrap();
    let (commit, key) = rest.split_once('.').unwrap();
    let (_, other_key) = links[1].rsplit_once('.').unwrap();
    let other_commit = home.git(&format!("rev-parse {}~1", id(1)));
    for (what, link) in [
        ("cut off", links[1].clone()),
        ("another bit", links[2].clone()),
        ("not sealed", links[3].clone()),
        ("another key", format!("{place}#{commit}.{other_key}")),
        ("another commit", format!("{place}#{}.{key}", other_commit.trim())),
        ("no key", place.to_owned()),
        ("half a key", links[0][..links[0].len() - 1].to_owned()),
        ("a mark that a program wrote otherwise", format!("{place}%23{commit}.{key}")),
        ("nothing there", format!("{}#{rest}", server.at("99"))),
    ] {
        let empty = fresh();
        let told = import(&empty, &link);
        assert_eq!(told.code, 1, "{what}: {told:?}");
        assert!(told.stderr.starts_with("error: ") && !told.stderr.contains(&key[..20]), "{what}: {told:?}");
        assert!(empty.refs().is_empty() || !empty.refs().contains("refs/heads"), "{what}");
    }
}
