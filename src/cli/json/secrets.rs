//! What a scan for secrets found, and what it looks for. No secret is ever among it.

use codex_git::ops::FoundSecret;
use codex_git::secrets::{Allowed, Tier};
use serde_json::{Value, json};

/// A secret that was found, masked.
pub fn found_secret(found: &FoundSecret) -> Value {
    json!({
        "session": found.session.to_string(),
        "turn": found.turn,
        "places": found.places,
        "rule": found.rule,
        "tier": found.tier.name(),
        "masked": found.masked,
        "fingerprint": found.fingerprint.to_string(),
        "times": found.times,
        "allowed": found.allowed.is_some(),
        "note": found.allowed,
    })
}

/// A rule; one of the person's own has no source.
pub fn secret_rule(id: &str, tier: Tier, source: Option<&str>) -> Value {
    json!({ "rule": id, "tier": tier.name(), "source": source })
}

/// A secret that was allowed, or is not any more.
pub fn allowed_secret(allowed: &Allowed, is_allowed: bool) -> Value {
    json!({ "fingerprint": allowed.fingerprint.to_string(), "allowed": is_allowed, "note": allowed.note })
}
