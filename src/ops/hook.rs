//! Hook: what is recorded when Codex tells that something happened.
//!
//! Codex writes a turn's end marker only when its hooks have ended, so whoever records the turn must be another process than the hook,
//! and wait. Whatever a hook missed is recorded at the next one: no event is needed for anything.

use std::path::Path;
use std::time::{Duration, Instant};

use super::{Effect, Error, Recorded, Report, Workspace};
use crate::codex::{HookEvent, HookKind, wait_for_end};
use crate::rollout::RolloutName;

/// How long a turn's end marker is waited for: other hooks of the person's may run for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a session that ends is waited for until Codex has closed it: its background server keeps one for a minute. How often that is looked at.
const CLOSING: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(500);

impl Workspace {
    /// Records what an event tells of, once it is in the rollout; and, when a session begins, all that was missed before.
    pub fn record_after(&self, event: &HookEvent) -> Report {
        if event.kind == HookKind::SessionStart {
            self.advance_waiting();
            return self.record_all(Effect::Write, &mut |_| {});
        }
        let mut report = Report::default();
        if let Some(rollout) = &event.rollout {
            match self.record_turn(event, rollout) {
                Ok(recorded) => report.recorded.extend(recorded),
                Err(error) => report.failed.push(error),
            }
        }
        report
    }

    /// Advances the session that ends, if that waits for it. Codex holds a session for a moment longer.
    fn advance_when_closed(&self, event: &HookEvent) {
        let name = event.rollout.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
        let Some((name, _)) = name.and_then(RolloutName::parse) else { return };
        let began = Instant::now();
        while self.waiting().contains(&name.id) && began.elapsed() < CLOSING {
            self.advance_waiting();
            std::thread::sleep(PAUSE);
        }
    }

    fn record_turn(&self, event: &HookEvent, rollout: &Path) -> Result<Option<Recorded>, Error> {
        match event.kind {
            // In the middle of a turn: its end will be told.
            HookKind::PostCompact if event.automatic => return Ok(None),
            // A turn begins; what it has so far comes with its end.
            HookKind::SessionStart | HookKind::UserPromptSubmit => return self.record_ended(rollout).map(Some),
            HookKind::SessionEnd => self.advance_when_closed(event),
            HookKind::Stop | HookKind::Interrupt | HookKind::PostCompact | HookKind::SubagentStop => {
                if let Err(error) = wait_for_end(rollout, event.turn.as_deref(), PATIENCE) {
                    tracing::info!(%error, "the rollout is not where it was");
                }
            }
        }
        if rollout.exists() {
            return self.record_path(rollout, Effect::Write).map(Some);
        }
        // Codex archives and packs files at any time.
        let name = rollout.file_name().and_then(|name| name.to_str()).and_then(RolloutName::parse);
        name.map_or(Ok(None), |(name, _)| self.record_session(name.id, Effect::Write))
    }
}
