//! Whether Codex runs our hooks: it runs none that the person has not trusted. Asked for and given through Codex's own app server, which
//! knows how a hook's hash is made in its version.

use serde_json::{Value, json};

use super::{AppServer, AppServerError, HookCommand, HooksFile};

/// Our plugin, as Codex names it.
const PLUGIN: &str = "codex-git@codex-git";

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
    /// Our hooks in this codex home: those that codex-git wrote into its hooks file, and those of our own plugin. Nobody else's, whatever
    /// they run.
    ///
    /// # Errors
    /// When the server doesn't answer, or knows no hooks.
    pub fn our_hooks(&mut self, file: &HooksFile) -> Result<Vec<HookTrust>, AppServerError> {
        let answer = self.call("hooks/list", json!({ "cwds": [self.home()] }))?;
        let entries = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let hooks = entries.iter().flat_map(|entry| entry["hooks"].as_array().map(Vec::as_slice).unwrap_or_default());
        let written = file.commands();
        Ok(hooks.filter_map(|hook| ours(hook, file, &written)).collect())
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

fn ours(hook: &Value, file: &HooksFile, written: &[(String, HookCommand)]) -> Option<HookTrust> {
    let text = |key: &str| hook[key].as_str().map(str::to_owned);
    let (event, command, key) = (text("eventName")?, text("command")?, text("key")?);
    let is_written = match text("pluginId") {
        Some(plugin) => plugin == PLUGIN && command == HookCommand::of_plugin().render(),
        None => {
            let source = text("sourcePath")?;
            file.is_at(source.as_ref())
                && key.starts_with(&format!("{source}:"))
                && written.iter().any(|(at, ours)| at.eq_ignore_ascii_case(&event) && ours.render() == command)
        }
    };
    let trusted = matches!(hook["trustStatus"].as_str(), Some("trusted" | "managed")) && hook["enabled"] == true;
    is_written.then(|| HookTrust {
        event,
        plugin: text("pluginId"),
        trusted,
        key,
        hash: text("currentHash").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(source: &str, command: &str, plugin: Value) -> Value {
        json!({
            "key": format!("{source}:stop:0:0"), "eventName": "stop", "command": command, "sourcePath": source,
            "pluginId": plugin, "enabled": true, "trustStatus": "untrusted", "currentHash": "sha256:x",
        })
    }

    #[test]
    fn only_what_codex_git_wrote_is_ours() {
        let home = tempfile::tempdir().unwrap();
        let mut file = HooksFile::read(home.path()).unwrap();
        file.install(&HookCommand { program: "/opt/codex-git".into(), store: None }).unwrap();
        let file = HooksFile::read(home.path()).unwrap();
        let (written, here) = (file.commands(), home.path().join("hooks.json"));
        let here = here.to_str().unwrap();
        let is_ours = |source: &str, command: &str, plugin: Value| {
            ours(&hook(source, command, plugin), &file, &written).is_some()
        };
        assert!(is_ours(here, "/opt/codex-git hook || true", Value::Null));
        assert!(is_ours("/p/hooks.json", "codex-git hook || true", "codex-git@codex-git".into()));
        for (source, command, plugin) in [
            (here, "id > /tmp/x; true codex-git hook", Value::Null),
            (here, "/evil/codex-git hook || true", Value::Null),
            ("/project/.codex/hooks.json", "/opt/codex-git hook || true", Value::Null),
            ("/p/hooks.json", "codex-git hook || true", "codex-git@evil".into()),
            ("/p/hooks.json", "id; codex-git hook || true", "codex-git@codex-git".into()),
        ] {
            assert!(!is_ours(source, command, plugin), "{source} {command}");
        }
    }
}
