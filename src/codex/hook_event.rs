//! What Codex tells a hook: one JSON object on its standard input.
//!
//! The transcript's path is what counts: reviews and subagents carry the session id of their parent (seen on 0.169).

use std::path::{Path, PathBuf};

use crate::rollout::{ACTIVE, ARCHIVED, Object, RolloutName};

/// Something that Codex runs hooks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookKind {
    /// The first prompt of a session that was started, resumed or forked.
    SessionStart,
    /// A prompt, before anything happens with it. All earlier turns have ended.
    UserPromptSubmit,
    /// A turn is done; its end marker is written when all hooks have ended.
    Stop,
    /// A turn was interrupted; its end marker is written when all hooks have ended.
    Interrupt,
    /// The conversation was compacted.
    PostCompact,
    /// A subagent is done.
    SubagentStop,
    /// A session was closed.
    SessionEnd,
}

const KINDS: [(HookKind, &str); 7] = [
    (HookKind::SessionStart, "SessionStart"),
    (HookKind::UserPromptSubmit, "UserPromptSubmit"),
    (HookKind::Stop, "Stop"),
    (HookKind::Interrupt, "Interrupt"),
    (HookKind::PostCompact, "PostCompact"),
    (HookKind::SubagentStop, "SubagentStop"),
    (HookKind::SessionEnd, "SessionEnd"),
];

impl HookKind {
    /// All of them.
    pub fn all() -> [Self; 7] {
        KINDS.map(|(kind, _)| kind)
    }

    /// The kind that Codex calls so.
    pub fn parse(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// What Codex calls it.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// What Codex told a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookEvent {
    /// What happened.
    pub kind: HookKind,
    /// The rollout that it happened in; `None` for a session that Codex keeps no file of.
    pub rollout: Option<PathBuf>,
    /// The turn that it happened in, where Codex says so.
    pub turn: Option<String>,
    /// What was typed.
    pub prompt: Option<String>,
    /// The directory that it happened in.
    pub cwd: Option<PathBuf>,
    /// Whether Codex did it by itself (a compaction in the middle of a turn).
    pub automatic: bool,
}

impl HookEvent {
    /// Reads what Codex wrote. `None` if it is nothing that codex-git is run at.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let event = Object::parse(json)?;
        let kind = HookKind::parse(&event.str("hook_event_name")?)?;
        let text = |key| event.str(key).map(|text| text.into_owned());
        let rollout = if kind == HookKind::SubagentStop { text("agent_transcript_path") } else { None };
        Some(Self {
            kind,
            rollout: rollout.or_else(|| text("transcript_path")).map(PathBuf::from),
            turn: text("turn_id").filter(|_| kind != HookKind::SubagentStop),
            prompt: text("prompt"),
            cwd: text("cwd").map(PathBuf::from),
            automatic: event.str("trigger").as_deref() == Some("auto"),
        })
    }
}

/// The codex home that a rollout lies in: the folder above `sessions` or `archived_sessions`. `None` if the path is not one of a rollout.
pub fn home_of(rollout: &Path) -> Option<PathBuf> {
    RolloutName::parse(rollout.file_name()?.to_str()?)?;
    let holds = |folder: &&Path| folder.file_name().is_some_and(|name| name == ACTIVE || name == ARCHIVED);
    rollout.ancestors().skip(1).find(holds)?.parent().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLLOUT: &str =
        "/h/.codex/sessions/2026/11/22/rollout-2026-11-22T22-56-19-01a20579-8247-72d2-b159-c5492aec819f.jsonl";

    #[test]
    fn what_codex_tells_is_read() {
        let json = format!(
            r#"{{"session_id":"x","turn_id":"t","transcript_path":"{ROLLOUT}","hook_event_name":"UserPromptSubmit","prompt":"/save a"}}"#
        );
        let event = HookEvent::parse(json.as_bytes()).unwrap();
        assert_eq!((event.kind, event.rollout), (HookKind::UserPromptSubmit, Some(ROLLOUT.into())));
        assert_eq!(
            (event.turn.as_deref(), event.prompt.as_deref(), event.automatic),
            (Some("t"), Some("/save a"), false)
        );
        let child =
            r#"{"transcript_path":"p","agent_transcript_path":"c","turn_id":"t","hook_event_name":"SubagentStop"}"#;
        let event = HookEvent::parse(child.as_bytes()).unwrap();
        assert_eq!((event.rollout, event.turn), (Some("c".into()), None));
    }

    #[test]
    fn nothing_else_is_an_event() {
        for other in ["", "{", "[]", "{}", r#"{"hook_event_name":"PreToolUse"}"#, r#"{"hook_event_name":7}"#] {
            assert_eq!(HookEvent::parse(other.as_bytes()), None, "{other}");
        }
        let ephemeral = HookEvent::parse(br#"{"hook_event_name":"Stop","transcript_path":null}"#).unwrap();
        assert_eq!(ephemeral.rollout, None);
    }

    #[test]
    fn the_home_is_above_the_sessions() {
        assert_eq!(home_of(Path::new(ROLLOUT)), Some("/h/.codex".into()));
        assert_eq!(home_of(Path::new("/h/.codex/sessions/x.jsonl")), None);
        assert_eq!(home_of(Path::new(&ROLLOUT.replace("sessions", "elsewhere"))), None);
    }
}
