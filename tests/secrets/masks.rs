//! What is masked in lines, and what stays.

use base64::Engine as _;
use codex_git::secrets::{Mask, Rules};
use serde_json::json;

fn token() -> String {
    ["ghp", "_", "A1b2C3d4E5f6G7h8I9j0", "K1l2M3n4O5p6Q7r8"].concat()
}

/// Masks lines after all of them were learned.
fn masked(lines: &[String]) -> Vec<String> {
    let rules = Rules::new(Vec::new()).unwrap();
    let mut mask = Mask::new(&rules, |_| true);
    lines.iter().for_each(|line| mask.learn(line.as_bytes()));
    let ready = mask.ready().unwrap();
    let apply = |line: &String| {
        let mut bytes = line.clone().into_bytes();
        ready.apply(&mut bytes);
        assert_eq!(bytes.len(), line.len(), "{line}");
        String::from_utf8(bytes).unwrap()
    };
    lines.iter().map(apply).collect()
}

fn encoded(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_secret_is_overwritten_and_the_line_stays_as_long_as_it_was() {
    let line = format!(r#"{{"type":"a","text":"use {}, please"}}"#, token());
    let stars = "*".repeat(token().len() - 8);
    assert_eq!(masked(&[line]), [format!(r#"{{"type":"a","text":"use [masked{stars}], please"}}"#)]);
}

#[test]
fn an_echo_of_its_beginning_is_overwritten_too() {
    let echo = format!(r#"{{"text":"it begins with {}..., and ends"}}"#, &token()[..16]);
    let lines = masked(&[format!(r#"{{"text":"{}"}}"#, token()), echo]);
    assert_eq!(lines[1], r#"{"text":"it begins with [masked********]..., and ends"}"#);
    let short = format!(r#"{{"text":"tokens begin with {}"}}"#, &token()[..6]);
    assert_eq!(masked(&[format!(r#"{{"text":"{}"}}"#, token()), short.clone()])[1], short);
}

#[test]
fn what_is_known_is_overwritten_however_it_is_spelled() {
    let plain = format!(r#"{{"text":"{}"}}"#, token());
    let escaped: String = token().chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
    let percents = token().replace('_', "%5F");
    let colour = format!("{}\\u001b[1m{}", &token()[..20], &token()[20..]);
    for other in [
        format!("{{\\\"a\\\":\\\"{}\\\"}}", token().replace('_', "\\\\u005f")),
        escaped,
        percents,
        colour,
        format!("data {} end", encoded(&format!("xx{}", token()))),
        format!("half {} end", encoded(&format!("user:{}", &token()[..20]))),
    ] {
        let line = json!({ "text": "" }).to_string().replace("\"\"", &format!("\"{other}\""));
        let told = masked(&[plain.clone(), line]).remove(1);
        assert!(told.contains("[masked") && serde_json::from_str::<serde_json::Value>(&told).is_ok(), "{told}");
        assert!(!told.contains(&token()[20..32]), "{told}");
    }
}

#[test]
fn no_end_of_a_secret_is_left_that_is_spelled_otherwise() {
    let secret = format!("wJalrX{}q7Kd9Zp2", "UtnFEMIt7Nb3Vc");
    let line =
        json!({ "text": format!("Output:\n{{\"AWS_SECRET_ACCESS_KEY\": \"{}\\u002Bsye9b2Rann76/dE\"}}", secret) });
    let told = masked(&[line.to_string()]).remove(0);
    assert!(!told.contains("sye9b2R"), "{told}");
}

#[test]
fn what_a_password_is_made_of_is_overwritten_beside_it() {
    let header = format!("Authorization: Basic {}", encoded("bob:k9Qz7vLm2RtX4wBn"));
    let lines = masked(&[
        json!({ "text": header }).to_string(),
        json!({ "text": "curl -u bob:k9Qz7vLm2RtX4wBn x" }).to_string(),
    ]);
    assert!(!lines[1].contains("k9Qz7v"), "{lines:?}");
}

#[test]
fn a_line_of_a_key_is_overwritten_wherever_it_stands() {
    let body: Vec<String> =
        (0..5).map(|line| encoded(&format!("{line} some bytes of a key that is none, {line}"))).collect();
    let kind = ["-----BEGIN ", "PRIVATE KEY-----"].concat();
    let key = format!("{kind}\n{}\n{}", body.join("\n"), kind.replace("BEGIN", "END"));
    let lines = masked(&[
        json!({ "text": key }).to_string(),
        json!({ "text": format!("> {}\n> {}$", body[1], body[3]) }).to_string(),
    ]);
    assert!(body.iter().all(|line| !lines.iter().any(|told| told.contains(&line[8..40]))), "{lines:?}");
}

#[test]
fn a_name_of_a_field_is_overwritten_as_well() {
    let lines = masked(&[format!(r#"{{"changes":{{"/work/{}.txt":{{"type":"add"}}}}}}"#, token())]);
    assert!(
        lines[0].starts_with(r#"{"changes":{"/work/[masked*"#) && lines[0].ends_with(r#".txt":{"type":"add"}}}"#),
        "{lines:?}"
    );
}

#[test]
fn what_says_what_a_record_is_stays_and_that_is_told() {
    let rules = Rules::new(Vec::new()).unwrap();
    let mut mask = Mask::new(&rules, |_| true);
    let mut line = format!(r#"{{"type":"{}","text":"{0}"}}"#, token()).into_bytes();
    mask.learn(&line);
    assert!(!mask.ready().unwrap().apply(&mut line));
    let line = String::from_utf8(line).unwrap();
    assert!(line.starts_with(&format!(r#"{{"type":"{}","#, token())) && line.contains("[masked"), "{line}");
}

#[test]
fn of_what_is_wrapped_no_more_than_that_is_hidden() {
    let encoded = encoded(&format!("the token is {} today", token()));
    let lines = masked(&[format!(r#"{{"text":"before\nsee {encoded} there\nafter"}}"#)]);
    assert!(lines[0].starts_with(r#"{"text":"before\nsee [masked*"#), "{lines:?}");
    assert!(lines[0].ends_with(r#"*]= there\nafter"}"#), "{lines:?}");
}

#[test]
fn a_line_that_is_no_json_is_masked_as_well() {
    assert!(!masked(&[format!("{{\"text\":\"{}", token())])[0].contains("ghp_"));
}
