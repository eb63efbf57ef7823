//! Settings of a session: the lines in which Codex (0.145 and later) writes down the provider, the directory and whatever else a session goes on
//! with. In a paginated rollout the last of them counts, and not the first line.

use memchr::memmem;
use time::OffsetDateTime;

use super::fields::{Fields, quoted};
use super::fork_meta::{Elsewhere, utc};
use super::json::Object;
use super::record::RecordType;
use crate::model::SessionId;

/// The last line of settings in some lines of a rollout, with its line feed.
pub fn last_settings(lines: &[u8]) -> Option<&[u8]> {
    let mut end = lines.len();
    while let Some(at) = memmem::rfind(&lines[..end], RecordType::SettingsApplied.name().as_bytes()) {
        let start = memchr::memrchr(b'\n', &lines[..at]).map_or(0, |feed| feed + 1);
        let len = memchr::memchr(b'\n', &lines[start..]).map_or(lines.len() - start, |feed| feed + 1);
        let line = &lines[start..start + len];
        if payload(line).is_some() {
            return Some(line);
        }
        end = start;
    }
    None
}

/// The provider of a line of settings.
pub fn provider(line: &[u8]) -> Option<String> {
    let line = Object::parse(line)?;
    let provider = line.object("payload")?.object("thread_settings")?.str("model_provider_id")?.into_owned();
    Some(provider)
}

/// A line of settings with which a fork of a session goes on elsewhere, to stand after `last`, the fork's last line so far. `None` if `settings`
/// are none, or say the same already and stand in the fork as well.
pub fn settle(
    (settings, stand_there): (&[u8], bool),
    last: &[u8],
    new: SessionId,
    elsewhere: &Elsewhere,
    now: OffsetDateTime,
) -> Option<Vec<u8>> {
    let line = Object::parse(settings)?;
    let payload = line.object("payload")?;
    let own = payload.object("thread_settings")?;
    let mut raw = payload.raw("thread_settings")?.to_owned();
    if let (Some(directory), Some(was)) = (&elsewhere.directory, own.str("cwd")) {
        raw = moved(&raw, &was, directory);
    }
    let changed = Object::parse(raw.as_bytes())?;
    let mut inner = Fields::of(&changed);
    if let Some(provider) = &elsewhere.provider {
        inner.set("model_provider_id", &quoted(provider));
    }
    if let Some(directory) = &elsewhere.directory {
        inner.set("cwd", &quoted(directory));
        inner.change("runtime_workspace_roots", &format!("[{}]", quoted(directory)));
    }
    let inner = inner.render();
    if stand_there && Fields::of(&own).render() == inner {
        return None;
    }
    let mut outer = Fields::of(&payload);
    outer.change("thread_id", &quoted(&new.to_string()));
    outer.set("thread_settings", &inner);
    let mut envelope = Fields::of(&line);
    envelope.set("timestamp", &quoted(&utc(now)?));
    if let Some(ordinal) = Object::parse(last).and_then(|last| last.u64("ordinal")) {
        envelope.set("ordinal", &(ordinal + 1).to_string());
    }
    envelope.set("payload", &outer.render());
    Some(format!("{}\n", envelope.render()).into_bytes())
}

/// JSON in which all paths that are a directory, or below it, are those of another.
fn moved(raw: &str, was: &str, now: &str) -> String {
    let (was, now) = (quoted(was.trim_end_matches('/')), quoted(now.trim_end_matches('/')));
    let open = |text: &str| text.strip_suffix('"').unwrap_or_default().to_owned();
    raw.replace(&was, &now).replace(&format!("{}/", open(&was)), &format!("{}/", open(&now)))
}

fn payload(line: &[u8]) -> Option<()> {
    let line = Object::parse(line)?;
    let payload = line.object("payload")?;
    (RecordType::of(&payload.str("type")?) == RecordType::SettingsApplied && payload.has("thread_settings"))
        .then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"timestamp":"2026-11-22T22:56:19.143Z","ordinal":6,"type":"event_msg","payload":{"type":"thread_settings_applied","thread_id":"01a20579-8247-72d2-b159-c5492aec819f","thread_settings":{"model":"m","model_provider_id":"one","huge":1e400,"roots":[{"path":"/w"},{"path":"/w/.git"},{"path":"/work"}],"cwd":"/w","runtime_workspace_roots":["/w"]}}}"#;

    #[test]
    fn the_last_settings_are_found_whatever_stands_in_a_prompt() {
        let prompt =
            r#"{"type":"event_msg","payload":{"type":"user_message","message":"\"thread_settings_applied\""}}"#;
        let other = LINE.replace("\"one\"", "\"two\"");
        let lines = format!("{LINE}\n{other}\n{prompt}\n");
        let last = last_settings(lines.as_bytes()).unwrap();
        assert_eq!((last, provider(last).as_deref()), (format!("{other}\n").as_bytes(), Some("two")));
        assert_eq!(last_settings(prompt.as_bytes()), None);
    }

    #[test]
    fn a_fork_goes_on_with_another_provider_in_another_directory() {
        let elsewhere = Elsewhere { provider: Some("two".into()), directory: Some("/new \"w\"".into()) };
        let new = SessionId::new_at(0, 0);
        let settled =
            settle((LINE.as_bytes(), true), b"{\"ordinal\":41}", new, &elsewhere, OffsetDateTime::UNIX_EPOCH).unwrap();
        let text = String::from_utf8(settled.clone()).unwrap();
        assert!(text.starts_with(r#"{"timestamp":"1970-01-01T00:00:00.000Z","ordinal":42,"#), "{text}");
        assert!(text.contains(r#""model_provider_id":"two","huge":1e400"#), "{text}");
        assert!(text.contains(r#"[{"path":"/new \"w\""},{"path":"/new \"w\"/.git"},{"path":"/work"}]"#), "{text}");
        assert!(text.contains(&format!(r#""thread_id":"{new}""#)) && text.contains(r#""cwd":"/new \"w\"""#), "{text}");
        let as_before = |stand_there| {
            settle((LINE.as_bytes(), stand_there), b"", new, &Elsewhere::default(), OffsetDateTime::UNIX_EPOCH)
        };
        assert!(as_before(true).is_none() && as_before(false).is_some());
    }
}
