//! The first line of a rollout that stands alone, made from one that goes on from another file.

use super::fields::Fields;
use super::json::Object;

/// The line without what would have Codex look for turns in another file, which then stand in this one; a side chat is a session like any other
/// then. A line that stands alone already, and one without an envelope, keep their bytes. `None` if `source` is not a first line.
pub fn flat_meta(source: &[u8]) -> Option<Vec<u8>> {
    let line = Object::parse(source)?;
    let Some(payload) = line.object("payload") else { return Some(source.to_vec()) };
    let mut fields = Fields::of(&payload);
    let is_alone = payload.entries().all(|(key, _)| !GOES_ON.contains(&key));
    if is_alone {
        return Some(source.to_vec());
    }
    GOES_ON.into_iter().for_each(|key| fields.remove(key));
    fields.remove(ATTACHED);
    if payload.str("thread_source").is_some_and(|source| source == SIDE_CHAT) {
        fields.set("thread_source", "\"user\"");
    }
    let mut envelope = Fields::of(&line);
    envelope.change("ordinal", "0");
    envelope.set("payload", &fields.render());
    Some(format!("{}\n", envelope.render()).into_bytes())
}

/// The key that has Codex show a session only beside another one: a side chat (0.171).
pub(super) const ATTACHED: &str = "attached_thread";

/// What the first line of such a session calls its origin.
pub(super) const SIDE_CHAT: &str = "tui_side_chat";

/// The keys that name another file.
const GOES_ON: [&str; 2] = ["history_base", "forked_from_ordinal_exclusive"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_another_file_goes() {
        let fork =
            br#"{"ordinal":39,"type":"session_meta","payload":{"id":"a","history_base":{"thread_id":"b"},"huge":1e400}}
"#;
        let side_chat =
            br#"{"payload":{"id":"a","attached_thread":true,"thread_source":"tui_side_chat","history_base":{}}}"#;
        let user = "{\"payload\":{\"id\":\"a\",\"thread_source\":\"user\"}}\n";
        assert_eq!(flat_meta(side_chat).as_deref(), Some(user.as_bytes()));
        let alone = b"{\"ordinal\":0,\"type\":\"session_meta\",\"payload\":{\"id\":\"a\",\"huge\":1e400}}\n";
        assert_eq!(flat_meta(fork).as_deref(), Some(&alone[..]));
        assert_eq!(flat_meta(alone).as_deref(), Some(&alone[..]));
        assert_eq!(flat_meta(b"{\"id\":\"x\"}\n").as_deref(), Some(&b"{\"id\":\"x\"}\n"[..]));
        assert_eq!(flat_meta(b"no json\n"), None);
    }
}
