//! Secrets: each kind is found however it is written down, what real Codex wrote holds none, and no command ever prints one.

mod disguises;
mod masks;
mod printed;
mod samples;
mod values;

use std::fs;

use codex_git::secrets::{Mask, OwnRule, Rules, Tier};
use serde_json::{Value, json};

use crate::support::story::{Written, id};
use crate::support::{Home, Ran};
use disguises::DISGUISES;
use samples::{Random, samples};

fn rules() -> Rules {
    Rules::new(Vec::new()).unwrap()
}

/// The rules that find something in a line.
fn in_line(rules: &Rules, line: &str) -> Vec<String> {
    let mut found = Vec::new();
    rules.scan_line(line.as_bytes(), &mut |finding| found.push(finding.rule().to_owned()));
    found
}

/// A token of one of the kinds that have a shape of their own.
fn token() -> String {
    let mut random = Random::new(3);
    let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let own: String = (0..36).map(|_| char::from(letters[random.below(letters.len())])).collect();
    ["gh", "p_", &own].concat()
}

#[test]
fn every_kind_is_found_however_it_is_written_down() {
    let rules = rules();
    let samples = samples(&rules, 2);
    assert!(samples.len() >= 400, "{}", samples.len());
    for disguise in DISGUISES {
        let is_missed = |sample: &&samples::Sample| {
            !in_line(&rules, &(disguise.line)(&sample.text)).iter().any(|found| found == sample.rule.id)
        };
        let missed: Vec<&str> = samples.iter().filter(is_missed).map(|sample| sample.rule.id).collect();
        let most = if disguise.name == "base64" { samples.len() / 20 } else { 0 };
        assert!(missed.len() <= most, "{}: {} of {}: {missed:?}", disguise.name, missed.len(), samples.len());
    }
}

#[test]
fn every_kind_is_masked_however_it_is_written_down_and_all_else_stays() {
    let rules = rules();
    for disguise in DISGUISES {
        for sample in samples(&rules, 2) {
            let line = (disguise.line)(&sample.text);
            if in_line(&rules, &line).is_empty() {
                continue;
            }
            let mut mask = Mask::new(&rules, |_| true);
            mask.learn(line.as_bytes());
            let mut masked = line.clone().into_bytes();
            mask.ready().unwrap().apply(&mut masked);
            let masked = String::from_utf8(masked).unwrap();
            let told = format!("{} as {}: {masked}", sample.rule.id, disguise.name);
            assert_eq!(masked.len(), line.len(), "{told}");
            assert!(in_line(&rules, &masked).is_empty(), "{told}");
            let (before, after): (Value, Value) =
                (serde_json::from_str(&line).unwrap(), serde_json::from_str(&masked).unwrap());
            assert_eq!(
                (&before["type"], &before["payload"]["type"]),
                (&after["type"], &after["payload"]["type"]),
                "{told}"
            );
        }
    }
}

#[test]
fn what_real_codex_wrote_in_the_fixtures_holds_no_secret() {
    let rules = rules();
    let mut files = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")];
    let mut lines = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        for line in fs::read(&path).unwrap().split(|byte| *byte == b'\n') {
            lines += 1;
            rules.scan_line(line, &mut |finding| {
                assert_ne!(finding.tier(), Tier::Sure, "{}: {finding}", path.display());
            });
        }
    }
    assert!(lines > 1000);
}

#[test]
fn pictures_and_encrypted_texts_are_not_looked_at() {
    let (rules, token) = (rules(), token());
    let line = |key: &str, value: &str| json!({ "type": "response_item", "payload": { key: value } }).to_string();
    assert_eq!(in_line(&rules, &line("text", &token)), ["github-pat"]);
    assert_eq!(in_line(&rules, &line("encrypted_content", &token)), [""; 0]);
    assert_eq!(in_line(&rules, &line("image_url", &format!("data:image/png;base64,{token}"))), [""; 0]);
    assert_eq!(in_line(&rules, &line("text", &format!("{}{}", "QUJD".repeat(2000), "AKIA2345"))), [""; 0]);
}

#[test]
fn of_several_rules_that_find_the_same_one_tells_it() {
    let (rules, token) = (rules(), token());
    for text in [
        format!("GITHUB_TOKEN={token}"),
        format!("https://x-access-token:{token}@github.com/a/b"),
        format!("Authorization: Bearer {token}"),
        format!("curl -H \"Authorization: token {token}\" x"),
    ] {
        assert_eq!(samples::found(&rules, &text), ["github-pat"], "{text}");
    }
    assert_eq!(samples::found(&rules, &format!("{token} and {token}")), ["github-pat", "github-pat"]);
}

#[test]
fn what_stands_alone_as_well_is_told_beside_what_holds_it() {
    let (rules, token) = (rules(), token());
    let half = &token[4..28];
    let bearer = format!("Authorization: Bearer {half}{half}");
    let url = format!("https://u:{half}@host.corp.net/");
    assert_eq!(samples::found(&rules, &bearer), ["authorization-bearer"]);
    let found = samples::found(&rules, &format!("{bearer} and {url}"));
    assert_eq!(found, ["authorization-bearer", "url-credentials"], "one may be allowed, and not the other");
    let basic = |user: &str| format!("https://{user}:{half}{half}@host.corp.net/");
    let found = samples::found(&rules, &format!("{bearer} and {}", basic("u")));
    assert_eq!(found, ["authorization-bearer"], "it is the same");
}

#[test]
fn a_change_of_rules_has_another_hash() {
    let own = || vec![OwnRule::parse("acme ACME-[0-9]{4}").unwrap()];
    let other = Rules::new(own()).unwrap().hash_of_rules();
    assert_ne!(rules().hash_of_rules(), other);
    assert_eq!(Rules::new(own()).unwrap().hash_of_rules(), other);
}

/// A home with a session whose first turn holds a secret, and whose second does not.
fn home(secret: &str) -> Home {
    let home = Home::empty();
    let mut session = Written::new(1).turn("a turn without any");
    session = session.ran(&format!("my token is {secret}, log in"), &format!("gh auth login --with-token {secret}"), 0);
    session.put(&home);
    Written::new(2).turn("another session").put(&home);
    home.ok("init -q --no-hooks");
    home
}

/// All that a command says, none of which may be the secret.
fn said(home: &Home, words: &str, code: i32, secret: &str) -> Ran {
    let ran = home.run(words.split(' '));
    assert_eq!(ran.code, code, "{words}\n{}{}", ran.stdout, ran.stderr);
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!all.contains(secret) && !all.contains(&secret[..12]), "{words} tells the secret\n{all}");
    ran
}

#[test]
fn a_secret_is_told_masked_allowed_and_told_no_more() {
    let secret = token();
    let home = home(&secret);
    home.ok(&format!("save -q point {} -m {secret}", id(1)));
    let words = format!("secrets {} --json", id(1));
    let lines = said(&home, &words, 1, &secret).json();
    let turn = lines.iter().find(|line| line["turn"] == 2).unwrap_or_else(|| panic!("{lines:?}"));
    assert_eq!(turn["rule"], "github-pat");
    assert_eq!(turn["masked"].as_str().unwrap(), format!("ghp_…{}", &secret[38..]));
    let places: Vec<&str> = turn["places"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(["prompt", "answer", "output", "save"].iter().all(|place| places.contains(place)), "{places:?}");
    let fingerprint = turn["fingerprint"].as_str().unwrap().to_owned();

    let shown = said(&home, "secrets --all", 1, &secret);
    assert!(shown.stdout.contains("github-pat") && shown.stdout.contains(&fingerprint), "{}", shown.stdout);
    assert!(shown.stderr.contains(&format!("hint: codex-git secrets allow {fingerprint}")), "{}", shown.stderr);
    said(&home, "-v -v secrets --all", 1, &secret);
    said(&home, "secrets -q --all", 1, &secret);
    said(&home, &format!("secrets {}", id(2)), 0, &secret);

    said(&home, &format!("secrets allow {fingerprint} --note test"), 0, &secret);
    let allowed = said(&home, "secrets --all", 0, &secret);
    assert!(allowed.stdout.contains("allowed: test"), "{}", allowed.stdout);
    let line = &said(&home, &words, 0, &secret).json()[0];
    assert_eq!((line["allowed"].as_bool(), line["note"].as_str()), (Some(true), Some("test")));
    let part = said(&home, &format!("secrets disallow {}", &fingerprint[..5]), 1, &secret);
    assert!(part.stderr.contains("is no fingerprint: that is twelve digits"), "{}", part.stderr);
    said(&home, &format!("secrets disallow {}", &fingerprint[..6]), 0, &secret);
    said(&home, "secrets --all", 1, &secret);
    let again = said(&home, &format!("secrets disallow {fingerprint}"), 1, &secret);
    assert!(again.stderr.contains("hint: codex-git config allow"), "{}", again.stderr);
    let part = said(&home, &format!("secrets allow {}", &fingerprint[..6]), 1, &secret);
    assert!(part.stderr.contains("all of them"), "{}", part.stderr);
    // Two that begin alike are told apart by more digits.
    said(&home, "secrets allow 3f2a91c07be4", 0, &secret);
    said(&home, "secrets allow 3f2a91d07be4", 0, &secret);
    let several = said(&home, "secrets disallow 3f2a91", 1, &secret);
    assert!(several.stderr.contains("2 allowed secrets") && several.stderr.contains("3f2a91d07be4"), "{several:?}");
    said(&home, "secrets disallow 3f2a91d", 0, &secret);
    let odd = said(&home, "secrets allow github-pat", 1, &secret);
    assert!(
        odd.stderr.contains("is no fingerprint") && odd.stderr.contains("hint: codex-git secrets"),
        "{}",
        odd.stderr
    );
}

#[test]
fn what_is_clean_is_not_read_again_until_the_rules_change() {
    let secret = token();
    let home = home(&secret);
    said(&home, "secrets --all", 1, &secret);
    let note = || fs::read_to_string(home.store().join("codex-git.scanned")).unwrap();
    let first = note();
    assert!(first.lines().count() > 3 && !first.contains(&secret), "{first}");
    let blob = home.git(&format!("rev-parse {}:0000/01.jsonl", id(2)));
    assert!(first.contains(blob.trim()), "a clean chunk is noted");
    let dirty = home.git(&format!("rev-parse {}:0000/02.jsonl", id(1)));
    assert!(!first.contains(dirty.trim()), "one with a secret is not");
    assert!(first.contains(home.git(&format!("rev-parse {}", id(2))).trim()), "a clean session is noted as a whole");

    assert_eq!(home.run(["config", "--add", "rule", "second-session a[n]other.session"]).code, 0);
    let found = said(&home, "secrets --all", 1, &secret);
    assert!(found.stdout.contains("second-session"), "{}", found.stdout);
    assert_ne!(note().lines().next(), first.lines().next());
    home.ok("config --unset rule");
    said(&home, &format!("secrets {}", id(2)), 0, &secret);

    // A torn note is none.
    fs::write(home.store().join("codex-git.scanned"), &first[..first.len() / 2]).unwrap();
    said(&home, "secrets --all", 1, &secret);
    assert_eq!(note(), first);
}

#[test]
fn a_rule_that_cannot_be_used_is_an_error() {
    let home = home(&token());
    let ran = home.run(["config", "--add", "rule", "acme [0-9"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("unclosed character class"), "{}", ran.stderr);
    home.git("config --add codexgit.rule acme");
    let ran = home.run(["secrets", "--all"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("the rule `acme` in the settings can't be used"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: codex-git config --unset rule acme"), "{}", ran.stderr);
    let doctor = home.run(["doctor"]);
    assert!(format!("{}{}", doctor.stdout, doctor.stderr).contains("acme"), "{}", doctor.stderr);
}

#[test]
fn what_is_looked_for_can_be_seen() {
    let home = home(&token());
    assert_eq!(home.run(["config", "--add", "rule", "acme-key ACME-[0-9]{4}"]).code, 0);
    let rules = home.ok("secrets rules --json").json();
    assert!(rules.len() > 200, "{}", rules.len());
    assert!(rules.iter().all(|rule| rule["tier"].is_string() && rule["rule"].is_string()));
    assert!(home.ok("secrets rules").stdout.contains("github-pat"));
}
