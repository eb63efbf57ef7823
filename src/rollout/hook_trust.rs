//! Whether Codex runs our hooks: it runs none that the person has not trusted. Asked for and given through Codex's own app server, which
//! knows how a hook's hash is made in its version.

use serde_json::{Value, json};

use super::hooks_file::is_ours;
use super::{AppServer, AppServerError};

/// A hook of ours, as Codex sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookTrust {
    /// The event it runs at, in Codex's API spelling (`userPromptSubmit`).
    pub event: String,
    /// The plugin that brought it, if one did.
    pub plugin: Option<String>,
    /// Whether Codex runs it.
    pub trusted: bool,
    key: String,
    hash: String,
}

impl AppServer {
    /// Our hooks in this codex home, a plugin's included.
    ///
    /// # Errors
    /// When the server doesn't answer, or knows no hooks.
    pub fn our_hooks(&mut self) -> Result<Vec<HookTrust>, AppServerError> {
        let answer = self.call("hooks/list", json!({ "cwds": [self.home()] }))?;
        let entries = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let hooks = entries.iter().flat_map(|entry| entry["hooks"].as_array().map(Vec::as_slice).unwrap_or_default());
        Ok(hooks.filter_map(ours).collect())
    }

    /// Has Codex trust these hooks, just as they are now.
    ///
    /// # Errors
    /// When the server doesn't answer, or can't write its settings.
    pub fn trust(&mut self, hooks: &[HookTrust]) -> Result<(), AppServerError> {
        let state = |hook: &HookTrust| (hook.key.clone(), json!({ "enabled": true, "trusted_hash": hook.hash }));
        let value: Value = hooks.iter().map(state).collect::<serde_json::Map<_, _>>().into();
        let edit = json!({ "keyPath": "hooks.state", "mergeStrategy": "upsert", "value": value });
        self.call("config/batchWrite", json!({ "edits": [edit], "reloadUserConfig": true })).map(drop)
    }
}

fn ours(hook: &Value) -> Option<HookTrust> {
    let text = |key: &str| hook[key].as_str().map(str::to_owned);
    is_ours(hook["command"].as_str()?).then_some(())?;
    let trusted = matches!(hook["trustStatus"].as_str(), Some("trusted" | "managed")) && hook["enabled"] == true;
    Some(HookTrust {
        event: text("eventName")?,
        plugin: text("pluginId"),
        trusted,
        key: text("key")?,
        hash: text("currentHash")?,
    })
}
