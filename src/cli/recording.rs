//! Whether turns record themselves, and what to say when they don't: Codex tells nobody of a hook that can't run.

use codex_git::Workspace;
use codex_git::model::rfc3339;
use codex_git::ops::Hooks;

use super::codex;
use super::context::Context;
use super::words::{count, shown};

/// What keeps Codex from running codex-git.
pub enum Off {
    /// The program that the hooks run is not there.
    Gone(String),
    /// Codex does not trust some of the hooks.
    Untrusted,
}

impl Off {
    /// What is known without asking Codex.
    pub fn at_a_glance(hooks: &Hooks) -> Option<Self> {
        hooks.missing_program().map(|path| Self::Gone(shown(&path)))
    }

    /// What is known when Codex is asked, too.
    pub fn asked(context: &Context, hooks: &Hooks) -> Option<Self> {
        Self::at_a_glance(hooks).or_else(|| {
            let installed = hooks.plugin() || hooks.events().is_ok_and(|(ours, _)| !ours.is_empty());
            let known = if installed && codex::can_be_asked(context, hooks) {
                hooks.trust(&context.codex).ok()?
            } else {
                return None;
            };
            known.iter().any(|hook| !hook.trusted).then_some(Self::Untrusted)
        })
    }

    /// In words, with what was missed, where that is known.
    pub fn words(&self, hooks: &Hooks, missed: Option<usize>) -> String {
        let since = hooks.last_run().map_or_else(String::new, |at| format!(" since {}", day(at)));
        let why = match self {
            Self::Gone(program) => format!("Codex's hooks run `{program}`, which is not there"),
            Self::Untrusted => "Codex does not trust codex-git's hooks".to_owned(),
        };
        let missed = match missed {
            None | Some(0) => String::new(),
            Some(1) => "; 1 session holds turns that are not recorded".to_owned(),
            Some(many) => format!("; {} hold turns that are not recorded", count(many, "session")),
        };
        format!("recording is off{since}: {why}{missed}")
    }

    /// What mends it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Gone(_) => "codex-git hooks install",
            Self::Untrusted => "codex-git hooks install --trust",
        }
    }
}

/// How many sessions hold turns that are not recorded, if that can be told.
pub fn missed(workspace: Option<&Workspace>) -> Option<usize> {
    workspace?.unrecorded().ok()
}

/// Warns if turns do not record themselves, as far as that is seen at once.
pub fn warn_if_off(context: &Context) {
    let hooks = Hooks::of(&context.home);
    if let Some(off) = Off::at_a_glance(&hooks) {
        context.ui.warn(off.words(&hooks, None));
        context.ui.hint(off.hint());
    }
}

/// The day of a time in seconds since 1970.
fn day(at: i64) -> String {
    rfc3339(at).chars().take(10).collect()
}
