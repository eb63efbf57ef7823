//! Private keys as such, and what opens wallets, vaults and accounts.

use super::super::rule::{Check, Finds, Rule};

const PEM: &str = "https://www.rfc-editor.org/rfc/rfc7468";

/// A key between its marks, whatever stands before its lines, as programs number and name those that they print. If its end is not there: what can
/// stand in a patch or in a string, or else its first line.
macro_rules! block {
    ($name:literal) => {
        concat!(
            "-----BEGIN ",
            $name,
            r#"-----([\s -~\x80-\xff]+?[A-Za-z0-9+/]{40}[\s -~\x80-\xff]*?-----END"#,
            r#"|[\sA-Za-z0-9+/=\\"',.:;<>()@#|$*_-]{60,}|[\s -~\x80-\xff]{1,200}?[A-Za-z0-9+/]{40,})"#
        )
    };
}

pub(super) const RULES: &[Rule] = &[
    Rule::group(
        "private-key-openssh",
        &["-----begin openssh private key"],
        block!("OPENSSH PRIVATE KEY"),
        "https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key",
    )
    .found(Finds::Block),
    Rule::group(
        "private-key-pgp",
        &["-----begin pgp private key"],
        block!("PGP PRIVATE KEY BLOCK"),
        "https://www.rfc-editor.org/rfc/rfc9580#name-forming-ascii-armor",
    )
    .found(Finds::Block),
    Rule::group(
        "openvpn-static-key",
        &["-----begin openvpn static key"],
        r"-----BEGIN OpenVPN Static key V1-----\s{1,2}((?:[0-9a-f]{32}\s{1,2}){15}[0-9a-f]{32})",
        "https://openvpn.net/community-docs/community-articles/openvpn-2-6-manual.html",
    ),
    Rule::group("private-key", &["-----begin"], block!("(?:RSA |EC |DSA |ED25519 |ENCRYPTED (?:SIGSTORE |COSIGN )?|ANY |TSS2 |NEBULA (?:X25519|ED25519|P256) )?PRIVATE KEY"), PEM)
        .found(Finds::Block),
    Rule::group(
        "private-key-putty",
        &["private-lines:"],
        r#"Private-Lines: [0-9]{1,3}([\sA-Za-z0-9+/=\\"'-]{60,8000})"#,
        "https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html",
    )
    .found(Finds::Block),
    Rule::token(
        "age-secret-key",
        &["age-secret-key-1"],
        "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
        "https://github.com/C2SP/C2SP/blob/main/age.md",
    ),
    Rule::value(
        "wireguard-private-key",
        &["privatekey", "private_key", "presharedkey"],
        "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=",
        "https://www.wireguard.com/#cryptokey-routing",
    ),
    Rule::token(
        "extended-private-key",
        &["xprv"],
        "xprv[1-9A-HJ-NP-Za-km-z]{107}",
        "https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki",
    ),
    Rule::token(
        "nostr-secret-key",
        &["nsec1"],
        "nsec1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}",
        "https://github.com/nostr-protocol/nips/blob/master/19.md",
    ),
    Rule::value(
        "ethereum-private-key",
        &["private_key", "privatekey", "private-key"],
        "(?:0x)?[0-9a-fA-F]{64}",
        "https://ethereum.org/en/developers/docs/accounts/",
    ),
    Rule::value(
        "stellar-secret-key",
        &["stellar", "secret_seed", "secretseed"],
        "S[A-Z2-7]{55}",
        "https://developers.stellar.org/docs/learn/fundamentals/stellar-data-structures/accounts",
    ),
    Rule::group(
        "totp-secret",
        &["otpauth://"],
        "otpauth://[ht]otp/[^ \"'<>]{1,200}?[?&]secret=([A-Za-z2-7]{16,128})",
        "https://github.com/google/google-authenticator/wiki/Key-Uri-Format",
    ),
    Rule::token(
        "django-secret-key",
        &["django-insecure-"],
        "django-insecure-[a-z0-9!@#$%^&*(_=+)-]{50}",
        "https://docs.djangoproject.com/en/stable/ref/settings/#secret-key",
    ),
    Rule::group(
        "laravel-app-key",
        &["app_key"],
        "(?:APP_KEY|app_key)=[\"']?(?:base64:)([A-Za-z0-9+/]{43}=)",
        "https://laravel.com/docs/encryption#configuration",
    ),
    Rule::value(
        "rails-master-key",
        &["rails_master_key", "master_key"],
        "[0-9a-f]{32}",
        "https://guides.rubyonrails.org/security.html#custom-credentials",
    ),
    Rule::value(
        "rails-secret-key-base",
        &["secret_key_base"],
        "[0-9a-f]{128}",
        "https://guides.rubyonrails.org/security.html#environmental-security",
    ),
    Rule::group(
        "jwk-private-key",
        &["\"kty\"", "\"kty\\"],
        r#""kty\\*"\s{0,3}:[^{}]{1,2000}?"d\\*"\s{0,3}:\s{0,3}\\*"([A-Za-z0-9_-]{43,700})""#,
        "https://www.rfc-editor.org/rfc/rfc7517",
    ),
    Rule::token(
        "crypt-hash",
        &["$6$", "$y$", "$2b$", "$2y$"],
        concat!(
            r"\$(?:6\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}|2[by]\$[0-9]{2}\$[./A-Za-z0-9]{53}",
            r"|y\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43})",
        ),
        "https://manpages.debian.org/crypt.5",
    )
    .checked(Check::Password)
    .maybe(),
];
