//! Secrets as programs print them: steering a terminal, in columns, behind numbers of lines and names of files.

use codex_git::secrets::{Mask, Rules};
use serde_json::json;

use super::samples::{Random, found};
use super::{in_line, rules, token};

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn letters(random: &mut Random, among: &[u8], len: usize) -> String {
    (0..len).map(|_| char::from(among[random.below(among.len())])).collect()
}

/// Checks that a rule finds a secret in what a program printed, and that nothing of it is left once that is masked.
fn assert_found(rules: &Rules, rule: &str, secret: &str, printed: &str) {
    assert_gone(rules, rule, &[secret], printed);
}

/// The same of several parts of a secret.
fn assert_gone(rules: &Rules, rule: &str, secrets: &[&str], printed: &str) {
    assert!(found(rules, printed).iter().any(|found| found == rule), "{rule} is not in {printed:?}");
    let line = json!({ "type": "response_item", "payload": { "type": "function_call_output", "output": printed } });
    let line = line.to_string();
    assert!(in_line(rules, &line).iter().any(|found| found == rule), "{rule} is not in {line}");
    let mut mask = Mask::new(rules, |_| true);
    mask.learn(line.as_bytes());
    let mut masked = line.clone().into_bytes();
    assert!(mask.ready().unwrap().apply(&mut masked), "{line}");
    let masked = String::from_utf8(masked).unwrap();
    assert!(masked.len() == line.len() && !secrets.iter().any(|secret| masked.contains(secret)), "{masked}");
}

#[test]
fn what_a_terminal_is_told_is_read_as_well() {
    let (rules, token) = (rules(), token());
    for printed in [
        format!("\u{1b}]8;;https://u:{token}@github.com/a\u{1b}\\repo\u{1b}]8;;\u{1b}\\"),
        format!("\u{1b}]0;user@host {token}\u{7}prompt"),
        format!("\u{1b}]0;never closed {token} and more\nnext"),
        format!("\u{1b}Ptmux;{token}\u{1b}\\"),
        format!("\u{1b}[{token}"),
        format!("\u{1b}[32m{token}\u{1b}[0m"),
    ] {
        assert_found(&rules, "github-pat", &token, &printed);
    }
    let (head, tail) = token.split_at(10);
    let broken = format!("{head}\u{1b}[01;31m{tail}");
    assert_found(&rules, "github-pat", tail, &broken);
}

#[test]
fn a_token_is_known_in_whatever_way_its_letters_are_spelled() {
    let (rules, token) = (rules(), token());
    let spelled = |spell: fn(u8) -> String| token.bytes().map(spell).collect::<String>();
    for printed in [
        spelled(|byte| format!("\\x{byte:02x}")),
        spelled(|byte| format!("\\{byte:03o}")),
        spelled(|byte| format!("%{byte:02X}")),
    ] {
        assert_found(&rules, "github-pat", &printed[20..], &format!("printf '{printed}'"));
    }
}

#[test]
fn the_secret_of_an_access_key_needs_no_name_beside_its_id() {
    let (rules, mut random) = (rules(), Random::new(11));
    let id = format!("AKIA{}", letters(&mut random, &LETTERS[..26], 16));
    let secret = letters(&mut random, LETTERS, 40);
    for printed in [
        format!("Access key ID,Secret access key\n{id},{secret}\n"),
        format!("CREDENTIALS\t{}\t2026-11-30T20:00:00Z\t{secret}\tnext", id.replace("AKIA", "ASIA")),
        format!("|  AccessKeyId     |  {id}  |\n|  SecretAccessKey |  {secret}  |\n"),
        format!(
            "AWS Access Key ID [None]: {id}\nAWS Secret Access Key [None]: {secret}\nDefault region name: eu-west-1"
        ),
        format!("AWS Secret Access Key [None]: {secret}\n"),
    ] {
        let is_found = |rule: &&str| found(&rules, &printed).iter().any(|found| found == rule);
        let rule =
            ["aws-secret-key-beside-its-id", "aws-secret-key-in-a-table", "aws-secret-key"].into_iter().find(is_found);
        assert_found(&rules, rule.unwrap_or("none"), &secret, &printed);
    }
    // A hash of a commit is none.
    let commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";
    assert_eq!(found(&rules, &format!("{id}\ncommit {commit}\n")), ["aws-access-key-id"]);
}

#[test]
fn a_private_key_is_known_behind_whatever_stands_before_its_lines() {
    let (rules, mut random) = (rules(), Random::new(5));
    let lines: Vec<String> = (0..9).map(|_| letters(&mut random, LETTERS, 64)).collect();
    let (begin, end) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");
    for before in [
        "",
        "12:",
        "keys/id_rsa:",
        "keys/id_rsa:7:",
        "web_1  | ",
        "Nov 30 18:00:01 host app[12]: ",
        "   3   │ ",
        "| +",
        "++",
        "> ",
        "//! ",
    ] {
        let all = [begin].into_iter().chain(lines.iter().map(String::as_str)).chain([end]);
        let printed: String = all.map(|line| format!("{before}{line}\n")).collect();
        let all: Vec<&str> = lines.iter().map(|line| &line[..40]).collect();
        assert_gone(&rules, "private-key", &all, &printed);
        let cut: String = printed.lines().take(6).map(|line| format!("{line}\n")).collect();
        assert_gone(&rules, "private-key", &all[..5], &cut);
    }
    for few in [1, 2, 3] {
        let last = &lines[8][..20];
        let key = format!("{begin}\n{}\n{last}\n{end}\n", lines[..few].join("\n"));
        let all: Vec<&str> = lines[..few].iter().map(String::as_str).chain([last]).collect();
        assert_gone(&rules, "private-key", &all, &key);
        // What a model says of it later.
        let echo = format!("{key} … its first line is {} as above", lines[0]);
        assert_gone(&rules, "private-key", &all, &echo);
    }
    for code in [
        format!("{begin}\nuse crate::codec::PrivateKeyInfoConverterFactoryOfEverything; // to the {end}"),
        format!(
            "src/keys/private/reader/of/pem/files/mod.rs:12: const BEGIN: &str = \"{begin}\";\nsrc/keys/private/reader/of/pem/files/mod.rs:13: const END: &str = \"{end}\";\n"
        ),
        format!("if text.starts_with(\"{begin}\") && text.trim_end().ends_with(\"{end}\") {{ return Some(text); }}"),
        format!(
            "the file begins with {begin}\nand what comes then is a key in base64, sixty-four letters a line, to the {end}"
        ),
    ] {
        assert!(!found(&rules, &code).iter().any(|found| found == "private-key"), "{code}");
    }
}

#[test]
fn the_password_that_a_command_is_given_is_found() {
    let (rules, mut random) = (rules(), Random::new(23));
    let password = letters(&mut random, &LETTERS[..62], 18);
    for (rule, printed) in [
        ("mysql-password-option", format!("mysql -u root -p{password} shop")),
        ("mysql-password-option", format!("$ mysqldump -p{password} shop > dump.sql")),
        ("sshpass-option", format!("sshpass -p '{password}' ssh root@host")),
        ("sshpass-option", format!("sshpass -v -p {password} ssh root@host")),
        ("docker-login", format!("docker login -u me -p {password} registry.acme.io")),
        ("docker-login", format!("docker login -u \"me\" -p {password} registry.acme.io")),
        ("docker-login", format!("podman login --password={password} registry.acme.io")),
        ("pgpass-line", format!("db.acme.io:5432:shop:admin:{password}\n")),
        ("named-password", "DB_PASSWORD=fkYQQLtQqlcjEg1dyqPf".to_owned()),
    ] {
        let secret = if rule == "named-password" { "fkYQQLtQqlcjEg1dyqPf" } else { &password };
        assert_found(&rules, rule, secret, &printed);
    }
    for harmless in [
        "mysql -u root -p shop",
        "mysql -uroot -p\"$MYSQL_PASSWORD\" shop",
        "docker login --password-stdin registry.acme.io",
        "docker run -p 8080:80 nginx",
        "docker run -d --name mysql -p3306:3306 mysql",
        "journalctl -u mysql -pwarning",
        "mysql -u root -p[root_password]",
        "docker login using --password because it is asked for",
        "avoid sshpass -p with care",
        "*:5432:app:app:appuser",
        "sshpass -p \"$PASSWORD\" ssh root@host",
        "connects to localhost:5432:5432 as it stands in compose",
        "let password = getPassword1();",
    ] {
        assert_eq!(found(&rules, harmless), [""; 0], "{harmless}");
    }
}
