//! Codex's settings, `config.toml` in the codex home, as far as they say where a session can go on. They are only read.

use std::collections::{BTreeSet, HashMap};
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Error, McpServer};

/// The provider where the settings name none, and those that Codex knows by itself.
const DEFAULT: &str = "openai";
const BUILT_IN: [&str; 5] = [DEFAULT, "amazon-bedrock", "lmstudio", "ollama", "ollama-chat"];

/// Where settings stand that hold for all who use the machine.
const SYSTEM: &str = "/etc/codex";

/// What Codex's settings say.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Settings {
    model_provider: Option<String>,
    #[serde(default)]
    model_providers: HashMap<String, toml::Value>,
    #[serde(default)]
    mcp_servers: HashMap<String, McpServer>,
}

/// What they switch on and off.
#[derive(Default, Deserialize)]
struct Features {
    #[serde(default)]
    features: HashMap<String, toml::Value>,
}

/// The names of the switch that hooks hang on; the first that is set counts. The last is that of Codex before 0.130.
const HOOKS: [&str; 2] = ["hooks", "codex_hooks"];

impl Settings {
    /// The switch by which the settings of the codex home at `home` keep Codex from running any hook, if they do.
    ///
    /// # Errors
    /// As [`Settings::read`]; Codex then does not even start.
    pub fn hooks_off(home: &Path) -> Result<Option<&'static str>, Error> {
        let features = read_about::<Features>(home, "")?.features;
        let set = HOOKS.into_iter().find_map(|name| Some((name, features.get(name)?.as_bool()?)));
        Ok(set.filter(|(_, on)| !on).map(|(name, _)| name))
    }

    /// Reads the settings of the codex home at `home`; where there are none, Codex's own hold. Providers can be set up elsewhere, too: in a profile, or
    /// for all who use the machine.
    ///
    /// # Errors
    /// When they can't be read, or are not such.
    pub fn read(home: &Path) -> Result<Self, Error> {
        let mut settings = read_about::<Self>(home, "")?;
        for folder in [home, Path::new(SYSTEM)] {
            let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
            let others = names.filter(|path| path.to_str().is_some_and(|path| path.ends_with("config.toml")));
            for text in others.filter_map(|path| std::fs::read_to_string(path).ok()) {
                let other: Self = toml::from_str(&text).unwrap_or_default();
                settings.model_providers.extend(other.model_providers);
            }
        }
        Ok(settings)
    }

    /// The MCP server that the settings of the codex home at `home` have under a name; `None` where they have none.
    ///
    /// # Errors
    /// As [`Settings::read`]; but settings that don't name it need not be understood.
    pub fn server(home: &Path, name: &str) -> Result<Option<McpServer>, Error> {
        Ok(read_about::<Self>(home, name)?.mcp_servers.remove(name))
    }

    /// The provider that new sessions have.
    pub fn provider(&self) -> &str {
        self.model_provider.as_deref().unwrap_or(DEFAULT)
    }

    /// Whether Codex knows a provider.
    pub fn knows_provider(&self, name: &str) -> bool {
        self.providers().contains(name)
    }

    /// The providers that Codex knows.
    pub fn providers(&self) -> BTreeSet<&str> {
        self.model_providers.keys().map(String::as_str).chain(BUILT_IN).collect()
    }
}

/// The settings, if this word is anywhere in them.
fn read_about<T: DeserializeOwned + Default>(home: &Path, word: &str) -> Result<T, Error> {
    let path = home.join("config.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    if !text.contains(word) {
        return Ok(T::default());
    }
    // The parser's own words quote the line, which can be a secret.
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        Error::Settings { path, line }
    })
}

/// A text as settings have it, which is also a key in them.
pub fn toml_text(text: &str) -> String {
    // What JSON writes between quotes means the same there.
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, Error> {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), text).unwrap();
        Settings::read(home.path())
    }

    #[test]
    fn providers_are_those_that_are_set_up_and_those_that_codex_brings() {
        let settings =
            read("model_provider = \"a\"\n[model_providers.a]\nname = \"A\"\n[model_providers.\"b.c\"]\n").unwrap();
        assert_eq!(settings.provider(), "a");
        assert!(["a", "b.c", "openai"].iter().all(|name| settings.knows_provider(name)));
        assert!(!settings.knows_provider("b"));
        assert_eq!(read("").unwrap().provider(), "openai");
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("work.config.toml"), "[model_providers.c]\n").unwrap();
        assert!(Settings::read(home.path()).unwrap().knows_provider("c"));
        assert_eq!(Settings::read(Path::new("/nowhere")).unwrap().provider(), "openai");
    }

    #[test]
    fn a_switch_that_keeps_hooks_from_running_is_named() {
        let home = tempfile::tempdir().unwrap();
        for (text, off) in [
            ("", None),
            ("[features]\nhooks = true\ncodex_hooks = false\n", None),
            ("[features]\nhooks = false\n", Some("hooks")),
            ("features.codex_hooks = false\nmodel_provider = 1\n", Some("codex_hooks")),
        ] {
            std::fs::write(home.path().join("config.toml"), text).unwrap();
            assert_eq!(Settings::hooks_off(home.path()).unwrap(), off, "{text}");
        }
        std::fs::write(home.path().join("config.toml"), "[features\n").unwrap();
        assert!(matches!(Settings::hooks_off(home.path()), Err(Error::Settings { line: 1, .. })));
    }

    #[test]
    fn settings_that_are_none_are_told_by_their_line_alone() {
        let error = read("a = 1\n[mcp_servers.codex-git\nsecret = \"s3\"\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && !error.contains("s3"), "{error}");
    }
}
