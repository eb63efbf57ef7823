//! The frame of a page, and what it may do: draw what is in it. Its style and its script are named by their hashes, so that no other ever counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::markup::Markup;

/// Begins a page, up to what is in it.
pub(super) fn begin(out: &mut Markup, title: &str, style: &'static str, script: &'static str) {
    out.tags("<!doctype html>\n<html lang=en>\n<head>\n");
    policy(out, style, script);
    out.tags("<title>").line(title).tags("</title>\n<style>").tags(style).tags("</style>\n</head>\n<body>\n");
}

/// Ends a page.
pub(super) fn end(out: &mut Markup, script: &'static str) {
    out.tags("<script>").tags(script).tags("</script>\n</body>\n</html>\n");
}

/// Adds the policy, and what else a page says of itself before its title.
fn policy(out: &mut Markup, style: &str, script: &str) {
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        source(style),
        source(script)
    );
    out.tags("<meta charset=utf-8>\n<meta http-equiv=Content-Security-Policy").attribute("content", &policy);
    out.tags(">\n<meta name=viewport content=\"width=device-width, initial-scale=1\">\n");
    out.tags("<meta name=referrer content=no-referrer>\n<meta name=color-scheme content=\"light dark\">\n");
}

/// A text as policies name it.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
