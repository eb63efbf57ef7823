//! Whether the characters of a match are those of a secret: not of a stand-in, not of a word, not of code.

use super::rule::Check;

/// What examples have in the place of a secret, in small letters.
const STAND_INS: [&str; 22] = [
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "dummy",
    "redacted",
    "replace",
    "insert",
    "your_",
    "your-",
    "yourapi",
    "xxxx",
    "****",
    "....",
    "1234567890",
    "0123456789",
    "abcdefghij",
    "masked",
    "fake",
    "mocked",
    "not-real",
];

/// The passwords that examples and tests have.
const EASY: [&str; 26] = [
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "test",
    "testing",
    "postgres",
    "mysql",
    "root",
    "admin",
    "user",
    "guest",
    "mypassword",
    "mypass",
    "mysecret",
    "p4ssw0rd",
    "password1",
    "password123",
    "pass123",
    "secret123",
    "hunter2",
    "foobar",
    "foobar123",
    "token",
    "s3cret",
];

/// So long a password is nobody's example, also if it begins like one.
const LONG: usize = 14;

/// A longer value is no secret that a person would name.
const LONGEST: usize = 1000;

/// Whether a match is what its rule looks for.
pub(super) fn passes(check: Check, secret: &[u8], prefix: usize) -> bool {
    let own = &secret[prefix.min(secret.len())..];
    match check {
        Check::Real => is_real(secret) && is_varied(own),
        Check::Mixed => is_real(secret) && is_varied(own) && is_mixed(own),
        Check::Capitals => {
            let has = |is: fn(&u8) -> bool| own.iter().any(is);
            is_real(secret) && is_varied(own) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
        }
        Check::Password => is_real(secret) && own.len() >= 4 && !is_easy(own),
        Check::Likely => {
            own.len() <= LONGEST && is_real(secret) && is_mixed(own) && entropy(own) >= 3.0 && !is_address(own)
        }
    }
}

/// Whether a value that stands without quotes can be one, and is no code.
pub(super) fn is_no_code(value: &[u8]) -> bool {
    let is_name = value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte));
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let has_part = value.windows(2).any(|two| two[0] == b'.' && two[1].is_ascii_alphabetic());
    !(is_name && (digits < 3 || value.len() < 16) && !is_scattered(value))
        && !has_part
        && !value.windows(2).any(|two| two == b"::" || two == b"->")
}

/// Whether digits stand among the letters as in no name.
fn is_scattered(value: &[u8]) -> bool {
    let is_begin = |two: &&[u8]| two[0].is_ascii_alphabetic() && two[1].is_ascii_digit();
    value.iter().all(u8::is_ascii_alphanumeric) && value.windows(2).filter(is_begin).count() >= 3
}

/// Whether it is no stand-in. What is long is not looked at letter by letter: chance would make words.
fn is_real(secret: &[u8]) -> bool {
    if secret.len() > 256 {
        return true;
    }
    let lower = secret.to_ascii_lowercase();
    let has = |word: &str| memchr::memmem::find(&lower, word.as_bytes()).is_some();
    let is_filled_in = lower.iter().any(|byte| b"<>{}".contains(byte)) || has("$(") || lower.ends_with(b"...");
    !is_filled_in && !STAND_INS.iter().any(|word| has(word))
}

/// Whether it is more than a few characters over and over.
fn is_varied(secret: &[u8]) -> bool {
    distinct(secret) >= secret.len().div_ceil(3).min(7)
}

/// Whether letters and digits stand in it, and in no order.
fn is_mixed(secret: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| secret.iter().any(is);
    has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && distinct(secret) >= 6 && !is_ordered(secret)
}

/// Whether most of it counts up.
fn is_ordered(secret: &[u8]) -> bool {
    let up = secret.windows(2).filter(|two| two[1] == two[0].wrapping_add(1) || two[1] == two[0]).count();
    up * 2 > secret.len()
}

fn is_easy(password: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(password).to_ascii_lowercase();
    let digits = password.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_percent = password.get(1..3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    EASY.contains(&lower.as_str())
        || (lower.starts_with("pass") && (password.len() < LONG || digits < 3))
        || lower.starts_with("$")
        || (lower.starts_with('%') && !is_percent)
        || distinct(password) < 4
}

/// Whether it is a path or an address.
fn is_address(value: &[u8]) -> bool {
    value.starts_with(b"/")
        || value.starts_with(b"./")
        || value.starts_with(b"~/")
        || memchr::memmem::find(value, b"://").is_some()
}

fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    seen.iter().filter(|seen| **seen).count()
}

/// Shannon's entropy of its characters, in bits each.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let share = |count: &u32| f64::from(*count) / bytes.len() as f64;
    counts.iter().filter(|count| **count > 0).map(share).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_and_words_are_no_secrets() {
        for text in [
            "your-api-key-123",
            "xxxxxxxxxxxxxxxx1",
            "<token>",
            "${TOKEN_1}",
            "changeme123",
            "AKIAIOSFODNN7EXAMPLE",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijklmnop1",
            "0123456789abcdef",
            "/home/u5er/x/y/z1",
            "https://h0st/path",
        ] {
            assert!(!passes(Check::Likely, text.as_bytes(), 0), "{text}");
        }
        for text in ["k9Qz7vLm2RtX4wBn", "d41f8cd98b00c204e980"] {
            assert!(passes(Check::Likely, text.as_bytes(), 0), "{text}");
        }
    }

    #[test]
    fn a_password_is_one_unless_everybody_has_it() {
        for text in ["password", "Passw0rd!", "secret", "aaaa", "$PASSWORD", "%s", "abc"] {
            assert!(!passes(Check::Password, text.as_bytes(), 0), "{text}");
        }
        assert!(passes(Check::Password, b"Tr0ub4dor", 0));
    }

    #[test]
    fn code_is_told_from_a_value() {
        for text in [
            "config.token2",
            "token1",
            "core::pars3",
            "get_secret_key_42",
            "a->b1",
            "self.secret99.value",
            "md5OfToken2",
        ] {
            assert!(!is_no_code(text.as_bytes()), "{text}");
        }
        for text in ["k9Qz7vLm2RtX4wBn", "a1b2-c3d4+e5", "9f86d081884c7d65", "Xq7Lm2Zt9Kw4Rb"] {
            assert!(is_no_code(text.as_bytes()), "{text}");
        }
    }
}
