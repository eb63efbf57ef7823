//! Whether Codex runs our hooks: it runs none that the person has not trusted. Asked for and given through Codex's own app server, which
//! knows how a hook's hash is made in its version.

use serde_json::{Value, json};

use super::{AppServer, AppServerError, HookCommand, HooksFile, toml_text};

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

/// The hooks of a hooks file, in its order, as Codex sees them.
pub struct HookPlaces(Vec<HookPlace>);

impl HookPlaces {
    /// Those that codex-git did not write.
    fn others(&self) -> impl Iterator<Item = &HookPlace> {
        self.0.iter().filter(|place| !place.is_ours)
    }
}

struct HookPlace {
    is_ours: bool,
    /// Where Codex keeps whether it runs the hook: it names the file, the event and the place in it.
    key: String,
    hash: String,
    is_trusted: bool,
    is_enabled: bool,
}

impl AppServer {
    /// Our hooks in this codex home: those that codex-git wrote into its hooks file, and those of our own plugin. Nobody else's, whatever
    /// they run.
    ///
    /// # Errors
    /// When the server doesn't answer, or knows no hooks.
    pub fn our_hooks(&mut self, file: &HooksFile) -> Result<Vec<HookTrust>, AppServerError> {
        let written = file.commands();
        Ok(self.hooks()?.iter().filter_map(|hook| ours(hook, file, &written)).collect())
    }

    /// All hooks of the file, whoever wrote them.
    ///
    /// # Errors
    /// As [`AppServer::our_hooks`].
    pub fn hook_places(&mut self, file: &HooksFile) -> Result<HookPlaces, AppServerError> {
        let written = file.commands();
        let place = |hook: &Value| {
            let text = |key: &str| hook[key].as_str().map(str::to_owned);
            stands_in(hook, file).then_some(HookPlace {
                is_ours: ours(hook, file, &written).is_some(),
                key: text("key")?,
                hash: text("currentHash")?,
                is_trusted: hook["trustStatus"] == "trusted",
                is_enabled: hook["enabled"] == true,
            })
        };
        Ok(HookPlaces(self.hooks()?.iter().filter_map(place).collect()))
    }

    /// Has Codex trust these hooks, just as they are now.
    ///
    /// # Errors
    /// When the server doesn't answer, or can't write its settings.
    pub fn trust(&mut self, hooks: &[HookTrust]) -> Result<(), AppServerError> {
        self.write_states(hooks.iter().map(|hook| state(&hook.key, &hook.hash, true)), [])
    }

    /// Has Codex forget what it kept of our hooks, which are no longer in the file, and keep what it kept of those of others that have another place now.
    /// A hook that is not just what it was is not trusted by that. Whether Codex knew ours at all: where it reads no hooks, nothing is done.
    ///
    /// # Errors
    /// As [`AppServer::trust`].
    pub fn follow(&mut self, before: &HookPlaces, file: &HooksFile) -> Result<bool, AppServerError> {
        if before.0.iter().all(|place| !place.is_ours) {
            return Ok(false);
        }
        let after = self.hook_places(file)?;
        let moved = before.others().zip(after.others()).filter(|(old, new)| {
            old.is_trusted
                && old.key != new.key
                && old.hash == new.hash
                && before.others().count() == after.others().count()
        });
        let gone = before.0.iter().filter(|old| after.0.iter().all(|new| new.key != old.key));
        let gone: Vec<&str> = gone.map(|old| old.key.as_str()).collect();
        self.write_states(moved.map(|(old, new)| state(&new.key, &old.hash, old.is_enabled)), gone)?;
        Ok(true)
    }

    fn hooks(&mut self) -> Result<Vec<Value>, AppServerError> {
        let mut answer = self.call("hooks/list", json!({ "cwds": [self.home()] }))?;
        let entries = answer["data"].as_array_mut().map(std::mem::take).unwrap_or_default();
        Ok(entries
            .into_iter()
            .flat_map(|mut entry| entry["hooks"].as_array_mut().map(std::mem::take).unwrap_or_default())
            .collect())
    }

    /// Has Codex write what it keeps of hooks, and forget what it kept under the keys that are `gone`.
    fn write_states<'a>(
        &mut self,
        states: impl Iterator<Item = (String, Value)>,
        gone: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), AppServerError> {
        let states: Value = states.collect::<serde_json::Map<_, _>>().into();
        let written = json!({ "keyPath": "hooks.state", "mergeStrategy": "upsert", "value": states });
        let forgotten = |key: &str| json!({ "keyPath": format!("hooks.state.{}", toml_text(key)), "mergeStrategy": "replace", "value": Value::Null });
        let edits: Vec<Value> = std::iter::once(written)
            .filter(|edit| edit["value"] != json!({}))
            .chain(gone.into_iter().map(forgotten))
            .collect();
        if edits.is_empty() {
            return Ok(());
        }
        self.call("config/batchWrite", json!({ "edits": edits, "reloadUserConfig": true })).map(drop)
    }
}

/// What Codex keeps of a hook that it trusts.
fn state(key: &str, hash: &str, is_enabled: bool) -> (String, Value) {
    (key.to_owned(), json!({ "enabled": is_enabled, "trusted_hash": hash }))
}

/// Whether a hook is one of the file's.
fn stands_in(hook: &Value, file: &HooksFile) -> bool {
    let (source, key) = (hook["sourcePath"].as_str(), hook["key"].as_str());
    let (Some(source), Some(key)) = (source, key) else { return false };
    hook["pluginId"].is_null() && file.is_at(source.as_ref()) && key.starts_with(&format!("{source}:"))
}

fn ours(hook: &Value, file: &HooksFile, written: &[(String, HookCommand)]) -> Option<HookTrust> {
    let text = |key: &str| hook[key].as_str().map(str::to_owned);
    let (event, command, key) = (text("eventName")?, text("command")?, text("key")?);
    let is_written = match text("pluginId") {
        Some(plugin) => plugin == PLUGIN && command == HookCommand::of_plugin().render(),
        None => {
            stands_in(hook, file)
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
