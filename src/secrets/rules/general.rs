//! Values whose names say that they are secrets, whoever issued them. Many of them are none, so these rules only say that they may be.

use super::super::rule::{Check, Rule};

const NAMES: &str = "https://cwe.mitre.org/data/definitions/798.html";

pub(super) const RULES: &[Rule] = &[
    Rule::value(
        "named-api-key",
        &[
            "api_key",
            "apikey",
            "api-key",
            "access_key",
            "accesskey",
            "access-key",
            "auth_key",
            "authkey",
            "service_key",
            "license_key",
        ],
        "[A-Za-z0-9+/=_.~-]{16,}",
        NAMES,
    )
    .checked(Check::Likely)
    .maybe(),
    Rule::value(
        "named-secret",
        &["secret", "signing_key", "signingkey", "encryption_key", "encryptionkey", "private_key", "privatekey"],
        "[A-Za-z0-9+/=_.~!@#%^&*-]{12,}",
        NAMES,
    )
    .checked(Check::Likely)
    .maybe(),
    Rule::value("named-token", &["token", "webhook_key"], "[A-Za-z0-9+/=_.~-]{12,}", NAMES)
        .checked(Check::Likely)
        .maybe(),
    Rule::value(
        "named-password",
        &["password", "passwd", "passphrase", "_pwd", "_pass", "credential"],
        "[A-Za-z0-9+/=_.~!@#%^&*?:-]{8,}",
        NAMES,
    )
    .checked(Check::Likely)
    .maybe(),
];
