//! The first line of a masked fork: a session that stands alone, with all turns of another, in which secrets were overwritten.

use super::fields::{Fields, quoted};
use super::flat_meta::flat_meta;
use super::json::Object;
use super::meta::FORK_KEY;
use crate::model::SessionId;

/// The first line with another id, which says that it is masked and of what. It says the same whenever it is made: a masked fork goes on as what it
/// is of does. `None` if `source` is not a first line.
pub fn masked_meta(source: &[u8], new: SessionId, of: SessionId) -> Option<Vec<u8>> {
    let source = flat_meta(source)?;
    let line = Object::parse(&source)?;
    let payload = line.object("payload");
    let mut fields = Fields::of(payload.as_ref().unwrap_or(&line));
    let id = quoted(&new.to_string());
    fields.set("id", &id);
    fields.change("session_id", &id);
    fields.set("forked_from_id", &quoted(&of.to_string()));
    fields.set(FORK_KEY, "{\"masked\":true}");
    let Some(_) = payload else { return Some(format!("{}\n", fields.render()).into_bytes()) };
    let mut envelope = Fields::of(&line);
    envelope.set("payload", &fields.render());
    Some(format!("{}\n", envelope.render()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::SessionMeta;

    #[test]
    fn a_masked_fork_goes_on_from_no_commit() {
        let old = SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap();
        let new = SessionId::parse("01a20579-8247-82d2-b159-c5492aec819f").unwrap();
        for source in [
            format!(
                r#"{{"type":"session_meta","payload":{{"id":"{old}","session_id":"{old}","history_base":{{"thread_id":"{old}","end_byte_offset":9}},"x_codex_git":{{"forked_at":"00ff1234567890abcdef00000000000000000009"}}}}}}"#
            ),
            format!(r#"{{"id":"{old}","timestamp":"2025-01-01T00:00:00Z"}}"#),
        ] {
            let meta = SessionMeta::read(&masked_meta(source.as_bytes(), new, old).unwrap()).unwrap();
            assert_eq!((meta.id, meta.origin.forked_from, meta.forked_at), (new, Some(old), None));
            assert!(meta.base.is_none());
        }
        assert_eq!(masked_meta(b"no json", new, old), None);
    }
}
