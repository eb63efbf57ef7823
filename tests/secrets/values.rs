//! Passwords, which no shape of their own ends: all of one goes, whatever marks stand in it and wherever else it is spelled.

use base64::Engine as _;
use codex_git::secrets::Mask;
use serde_json::json;

use super::samples::found;
use super::{in_line, rules};

/// The lines of a conversation, masked; what may be a secret as well.
fn masked(printed: &[&str]) -> String {
    let rules = rules();
    let line = |text: &&str| json!({ "type": "response_item", "payload": { "output": text } }).to_string();
    let lines: Vec<String> = printed.iter().map(line).collect();
    let mut mask = Mask::new(&rules, |_| true);
    lines.iter().for_each(|line| mask.learn(line.as_bytes()));
    let ready = mask.ready().unwrap();
    let mask = |line: &String| {
        let mut bytes = line.clone().into_bytes();
        assert!(ready.apply(&mut bytes) && bytes.len() == line.len(), "{line}");
        String::from_utf8(bytes).unwrap()
    };
    lines.iter().map(mask).collect::<Vec<_>>().join("\n")
}

#[test]
fn all_of_a_password_is_masked_and_not_only_what_stands_before_a_mark() {
    for (printed, tail) in [
        ("Server=tcp:db;User ID=sa;Password=Vq7xN2$rK3tY7uJ2mX;Encrypt=true", "rK3tY7uJ2mX"),
        ("DATABASE_URL=postgresql://svc:Vq7xN2@rK3tY7uJ2mX@db.acme.io/app", "rK3tY7uJ2mX"),
        ("docker login r.acme.io -u ci -p 'Vq7xN2b&rK3tY7uJ2mX'", "rK3tY7uJ2mX"),
        ("sshpass -p 'Vq7xN2b;rK3tY7uJ2mX' ssh root@h", "rK3tY7uJ2mX"),
        ("authorization: Bearer aB3dE5fG7hJ9kL1mN3pQ|vC6zL9pD1fG5hA0s", "vC6zL9pD1fG5hA0s"),
    ] {
        let masked = masked(&[printed]);
        assert!(!masked.contains(tail), "{masked}");
        assert_eq!(masked.contains("ssh root@h"), printed.contains("ssh root@h"), "{masked}");
    }
}

#[test]
fn what_stands_around_a_password_stays() {
    let password = "kV3rT9qZ2mX";
    let masked = masked(&[
        &format!("postgres://app:{password}@db.internal:5432/shop?sslmode=require"),
        &format!("/srv/{password}/src/lib/main.rs:12"),
        &format!("{{a:{password},b:keepme}}"),
    ]);
    assert!(!masked.contains(password), "{masked}");
    for kept in ["@db.internal:5432/shop?sslmode=require", "/src/lib/main.rs:12", ",b:keepme}"] {
        assert!(masked.contains(kept), "{kept}: {masked}");
    }
}

#[test]
fn a_short_password_is_masked_in_base64_as_well() {
    let password = "nB5wQ8rK3t";
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    for other in [encoded(password), encoded(&format!("a:{password}")), encoded(&format!("ab{password}\n"))] {
        let masked = masked(&[&format!("postgres://svc:{password}@db.acme.io/app"), &format!("pw: {other}")]);
        assert!(!masked.contains(&other) && masked.contains("pw: "), "{masked}");
    }
}

#[test]
fn tokens_are_found_where_their_issuers_put_them() {
    let rules = rules();
    let key = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
    for (rule, text) in [
        ("telegram-bot-token", format!("curl https://api.telegram.org/bot7123456789:{key}b/sendMessage")),
        ("google-access-token", format!("ya29.c.b0AXv0zTN{key}{key}...................")),
        ("postgres-url", "postgres://app:Zq8vT2mN4kWp@${DB_HOST}:5432/app".to_owned()),
        ("postgres-url", "postgres://app:Zq8vT2mN4kWp@{host}/app".to_owned()),
        ("mongodb-url", "mongodb+srv://svc:%23Zq8vT2mN4kWp@db.acme.io/app".to_owned()),
        ("postgres-url", "postgres://app:Passw0rdZq8vT2mN4kWp@db.acme.io/app".to_owned()),
        ("authorization-bearer", format!("Authorization: Bearer 12|{key}")),
        ("token-header", "X-Auth-Key: c2547eb745079dac9320b638f5e225cf483cc".to_owned()),
        ("github-pat", format!("x=3D{}", super::token())),
        ("slack-browser-token", format!("Cookie: d=xoxd-{key}{key}%2B%3D; x")),
        ("redis-cli-password", "$ redis-cli -h cache.acme.io -p 6379 -a Zq8vT2mN4kWp ping".to_owned()),
        ("redis-cli-password", "redis-cli --pass 'Zq8vT2mN4kWp' ping".to_owned()),
        ("ldap-password-option", "ldapsearch -x -D cn=admin,dc=acme -w Zq8vT2mN4kWp -b dc=acme".to_owned()),
        ("sql-password", "CREATE ROLE app LOGIN PASSWORD 'Zq8vT2mN4kWp';".to_owned()),
        ("sql-password", "create user 'app'@'%' identified by 'Zq8vT2mN4kWp'".to_owned()),
        ("github-pat", format!("^[[01;31m^[[K{}", super::token())),
    ] {
        assert!(found(&rules, &text).iter().any(|found| found == rule), "{rule}: {text}");
    }
}

#[test]
fn a_short_password_needs_neither_quotes_nor_large_letters_before_it() {
    let rules = rules();
    let (password, other) = ("Xq7Lm2Zt9Kw4Rb", "9fK2mQ7xW4zR1t");
    for text in ["password=", "password: ", "and password=", "token: ", "client_secret=", "db.password = "] {
        let text = format!("{text}{password} there");
        assert!(found(&rules, &text).iter().any(|rule| rule.starts_with("named-")), "{text}");
    }
    let masked = masked(&[&format!("password={password} client_secret={other} x")]);
    assert!(!masked.contains(password) && !masked.contains(other), "{masked}");
    for code in ["password = hashOf2(x)", "token = nextToken2", "token: parseUtf8OrAscii7", "password=sha256OfInput"] {
        assert!(found(&rules, code).is_empty(), "{code}: {:?}", found(&rules, code));
    }
}

#[test]
fn commands_without_a_password_have_none() {
    let rules = rules();
    for text in [
        "redis-cli -h cache.acme.io --askpass ping",
        "redis-cli -a $REDIS_PASSWORD ping",
        "ldapsearch -x -D cn=admin,dc=acme -W -b dc=acme1",
        "ldapsearch -y password-file1 -b dc=acme",
        "ALTER ROLE app PASSWORD '$PASSWORD1';",
        "the password 'is not what was expected'",
    ] {
        assert!(found(&rules, text).is_empty(), "{text}: {:?}", found(&rules, text));
    }
}

#[test]
fn an_openvpn_key_is_found_and_all_of_it_is_masked() {
    let lines: String = (0..16u64)
        .map(|line| {
            format!(
                "{:016x}{:016x}\n",
                line.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 0xffff_ffff_ffff,
                line.wrapping_mul(0xd131_0ba6_98df_b5ac) % 0xffff_ffff_ffff
            )
        })
        .collect();
    let text = format!(
        "#\n# 2048 bit OpenVPN static key\n#\n-----BEGIN OpenVPN Static key V1-----\n{lines}-----END OpenVPN Static key V1-----\n"
    );
    assert!(found(&rules(), &text).iter().any(|rule| rule == "openvpn-static-key"));
    let masked = masked(&[&text]);
    assert!(lines.lines().skip(1).all(|line| !masked.contains(line)), "{masked}");
}

#[test]
fn a_key_behind_many_marks_is_found() {
    let marks = "src/a.rs:1:-----BEGIN RSA PRIVATE KEY-----\n".repeat(2000);
    let lines = "MIIEpAIBAAKCAQEA7bq8cP1lQ2xY3vK9sT4uW5nR6mD8fG0hJ1kL2zX3cV4bN5\n".repeat(3);
    let line =
        json!({ "output": format!("{marks}-----BEGIN RSA PRIVATE KEY-----\n{lines}-----END RSA PRIVATE KEY-----\n") });
    assert_eq!(in_line(&rules(), &line.to_string()).iter().filter(|rule| rule.contains("key")).count(), 1);
    let none = json!({ "output": marks });
    assert!(in_line(&rules(), &none.to_string()).is_empty());
}

#[test]
fn what_an_environment_names_in_one_place_and_gives_in_another_is_found() {
    let rules = rules();
    let secret = "wJ4lrXUtnFEMI7K7MDENGbPxRfiCYzKq8vT2mN4k";
    for text in [
        format!("env:\n- name: AWS_SECRET_ACCESS_KEY\n  value: {secret}\n- name: X\n"),
        format!(r#"{{"name":"AWS_SECRET_ACCESS_KEY","value":"{secret}"}}"#),
        format!("{{\n  \"name\": \"AWS_SECRET_ACCESS_KEY\",\n  \"value\": \"{secret}\"\n}}"),
    ] {
        assert!(found(&rules, &text).iter().any(|rule| rule.starts_with("aws")), "{text}");
        assert!(!masked(&[&text]).contains(secret), "{text}");
    }
    assert!(found(&rules, "- name: PASSWORD_MIN_LENGTH\n  value: 12\n").is_empty());
}

#[test]
fn a_long_key_is_found_in_base64() {
    let lines = "MIIJKQIBAAKCAgEA7bq8cP1lQ2xY3vK9sT4uW5nR6mD8fG0hJ1kL2zX3cV4bN5m6\n".repeat(55);
    let key = format!("-----BEGIN RSA PRIVATE KEY-----\n{lines}-----END RSA PRIVATE KEY-----\n");
    let encoded = base64::engine::general_purpose::STANDARD.encode(key);
    assert!(encoded.len() > 4096);
    for text in [encoded.clone(), format!("    client-key-data: {encoded}\n")] {
        assert!(found(&rules(), &text).iter().any(|rule| rule == "private-key"), "{text:.80}");
        assert!(!masked(&[&text]).contains(&encoded[2000..2040]));
    }
}
