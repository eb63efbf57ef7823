//! The settings that a turn runs under, and which of them differ from those of the turn before.

use crate::model::item::{Setting, What};
use crate::rollout::json::Object;

/// The settings as they were last told.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    model: Option<String>,
    directory: Option<String>,
    approvals: Option<String>,
    sandbox: Option<String>,
}

impl Settings {
    /// The directory that Codex works in.
    pub fn directory(&self) -> Option<&str> {
        self.directory.as_deref()
    }

    /// Takes the directory from where it alone is told.
    pub fn enter(&mut self, directory: String) {
        self.directory = Some(directory);
    }

    /// Takes a turn's settings, and tells what differs.
    pub fn take(&mut self, context: &Object<'_>) -> Vec<What> {
        let text = |key| context.str(key).map(|text| text.into_owned());
        let sandbox = context
            .object("sandbox_policy")
            .and_then(|policy| policy.str("type").or_else(|| policy.str("mode")).map(|text| text.into_owned()));
        [
            switched(Setting::Model, &mut self.model, text("model")),
            switched(Setting::Directory, &mut self.directory, text("cwd")),
            switched(Setting::Approvals, &mut self.approvals, text("approval_policy")),
            switched(Setting::Sandbox, &mut self.sandbox, sandbox),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn switched(setting: Setting, known: &mut Option<String>, now: Option<String>) -> Option<What> {
    let to = now?;
    let from = known.replace(to.clone())?;
    (from != to).then_some(What::Switched { setting, from, to })
}
