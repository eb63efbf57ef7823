//! Hooks: having Codex run codex-git when a turn ends, and telling whether it does.
//!
//! None of it needs a store: whether hooks run well is asked most when there is something wrong with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::{Error, Remote};
use crate::codex::{
    AppServer, HookCommand, HookKind, HookLog, HookRun, HookTrust, HooksFile, McpServer, Removed, Settings, is_watched,
};
use crate::model::path;
use crate::model::piece::MCP_SERVER;

/// How long Codex's app server may take for an answer, its start included.
const PATIENCE: Duration = Duration::from_secs(10);

/// The hooks of a codex home.
pub struct Hooks {
    home: PathBuf,
}

/// When a hook ran last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// The event's name.
    pub event: String,
    /// The last run, if it ever ran.
    pub run: Option<HookRun>,
}

impl Hooks {
    /// The hooks of the codex home at `home`; nothing is read yet.
    pub fn of(home: &Path) -> Self {
        Self { home: home.to_owned() }
    }

    /// Where they stand.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn path(&self) -> Result<PathBuf, Error> {
        Ok(HooksFile::read(&self.home)?.path().to_owned())
    }

    /// Puts our entries beside whatever stands there; whether that changed anything.
    ///
    /// # Errors
    /// When the file is not one that Codex reads, or can't be written.
    pub fn install(&self, command: &HookCommand) -> Result<bool, Error> {
        Ok(HooksFile::read(&self.home)?.install(command)?)
    }

    /// Takes our entries out, and has Codex (`codex`, a program, where it can be asked) forget that it trusted them. Hooks of others go on being run
    /// as they were; `moved` names the events at which that could not be seen to.
    ///
    /// # Errors
    /// As [`Hooks::install`].
    pub fn remove(&self, codex: Option<&Path>) -> Result<Removed, Error> {
        let mut file = HooksFile::read(&self.home)?;
        let codex = codex.filter(|_| !file.commands().is_empty());
        let known = codex.map(|codex| {
            let mut server = self.server(codex)?;
            let before = server.hook_places(&file)?;
            Ok::<_, Error>((server, before))
        });
        let removed = file.remove()?;
        match known.map(|known| known.and_then(|(mut server, before)| Ok(server.follow(&before, &file)?))) {
            None | Some(Ok(false)) => Ok(removed),
            Some(Ok(true)) => Ok(Removed { moved: Vec::new(), ..removed }),
            Some(Err(error)) => {
                tracing::info!(%error, "Codex keeps that it trusted the hooks");
                Ok(removed)
            }
        }
    }

    /// The events at which Codex would run codex-git, and those at which it should.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn events(&self) -> Result<(Vec<String>, Vec<String>), Error> {
        Ok(HooksFile::read(&self.home)?.events())
    }

    /// The program that Codex runs at its events, if it is not there or can't be run: then nothing is recorded by itself.
    pub fn broken_program(&self) -> Option<PathBuf> {
        let commands = HooksFile::read(&self.home).ok()?.commands();
        commands.iter().find_map(|(_, command)| command.broken_program())
    }

    /// The store that Codex's hooks record into, if they are installed and that is another one than `asked`. Whoever reads it under two paths has one store.
    pub fn other_store(&self, asked: &Path) -> Option<PathBuf> {
        let mut stores: Vec<PathBuf> =
            self.plugin().then(|| HookCommand::of_plugin().store_of(&self.home)).into_iter().collect();
        let commands = HooksFile::read(&self.home).map(|file| file.commands()).unwrap_or_default();
        stores.extend(commands.iter().map(|(_, command)| command.store_of(&self.home)));
        let asked = place(asked);
        if self.plugin() && stores.iter().any(|store| place(store) == asked) {
            return None;
        }
        stores.into_iter().find(|store| place(store) != asked)
    }

    /// The switch by which Codex's settings keep it from running any hook, if they do.
    ///
    /// # Errors
    /// When the settings can't be read; Codex then does not even start.
    pub fn switched_off(&self) -> Result<Option<&'static str>, Error> {
        Ok(Settings::hooks_off(&self.home)?)
    }

    /// Whether Codex has hooks of ours to run, those of a plugin included.
    pub fn are_installed(&self) -> bool {
        self.plugin() || HooksFile::read(&self.home).is_ok_and(|file| !file.commands().is_empty())
    }

    /// Whether Codex ran in this home: only then is it worth to ask it something, and only then does asking leave nothing new behind.
    pub fn was_used(&self) -> bool {
        let is_state = |name: &str| name == "config.toml" || (name.starts_with("state_") && name.ends_with(".sqlite"));
        let names = fs::read_dir(&self.home).into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.into_iter().any(|name| name.to_str().is_some_and(is_state))
    }

    /// When Codex ran a hook of ours last, in seconds since 1970.
    pub fn last_run(&self) -> Option<i64> {
        HookLog::of(&self.home).runs().last().map(|run| run.at)
    }

    /// Whether a watch records turns as they end, without any hook.
    pub fn is_watched(&self) -> bool {
        is_watched(&self.home)
    }

    /// Whether Codex ran a hook of ours after the hooks file, and the settings that say which are trusted, were written last, and these name that file:
    /// so it trusts them, as they are.
    pub fn ran_since_installed(&self) -> bool {
        let Ok(file) = HooksFile::read(&self.home) else { return false };
        let ran = self.last_run().and_then(|at| UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(at).ok()?)));
        let Some(ran) = ran else { return false };
        let is_older = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).is_ok_and(|at| at < ran);
        let settings = self.home.join("config.toml");
        // Where the home was moved they name another file. A path that TOML writes otherwise is taken to be there.
        let names = |text: &str, path: &str| path.contains(['"', '\\']) || text.contains(path);
        let text = fs::read_to_string(&settings).unwrap_or_default();
        let is_named = [file.path(), &self.home.join("hooks.json")]
            .iter()
            .any(|path| path.to_str().is_some_and(|path| names(&text, path)));
        is_older(file.path()) && (!settings.exists() || (is_older(&settings) && is_named))
    }

    /// Whether the plugin that brings the same hooks is installed in Codex.
    pub fn plugin(&self) -> bool {
        let markets = fs::read_dir(self.home.join("plugins").join("cache")).into_iter().flatten().flatten();
        markets.into_iter().any(|market| market.path().join("codex-git").is_dir())
    }

    /// The MCP server that Codex knows under codex-git's name; it can be another's.
    ///
    /// # Errors
    /// When Codex's settings can't be read.
    pub fn memory(&self) -> Result<Option<McpServer>, Error> {
        Ok(Settings::server(&self.home, MCP_SERVER)?)
    }

    /// What Codex (`codex`, a program) thinks of our hooks, those of a plugin included.
    ///
    /// # Errors
    /// When Codex can't be asked.
    pub fn trust(&self, codex: &Path) -> Result<Vec<HookTrust>, Error> {
        let file = HooksFile::read(&self.home)?;
        Ok(self.server(codex)?.our_hooks(&file)?)
    }

    /// Has Codex trust our hooks, and nobody else's. Gives what it thinks of them then.
    ///
    /// # Errors
    /// When Codex can't be asked.
    pub fn have_trusted(&self, codex: &Path) -> Result<Vec<HookTrust>, Error> {
        let file = HooksFile::read(&self.home)?;
        let mut server = self.server(codex)?;
        let hooks = server.our_hooks(&file)?;
        let untrusted: Vec<HookTrust> = hooks.into_iter().filter(|hook| !hook.trusted).collect();
        if !untrusted.is_empty() {
            server.trust(&untrusted)?;
        }
        Ok(server.our_hooks(&file)?)
    }

    /// Notes what became of a hook.
    pub fn note(&self, run: &HookRun) {
        HookLog::of(&self.home).add(run);
    }

    /// Where that is noted.
    pub fn log(&self) -> PathBuf {
        HookLog::of(&self.home).path().to_owned()
    }

    /// When each hook ran last, and the last run of any that failed.
    pub fn runs(&self) -> (Vec<LastRun>, Option<HookRun>) {
        let runs = HookLog::of(&self.home).runs();
        let last = |kind: HookKind| {
            let run = runs.iter().rev().find(|run| run.event == kind.name()).cloned();
            LastRun { event: kind.name().to_owned(), run }
        };
        let failed = runs.iter().rev().find(|run| run.outcome.is_err()).cloned();
        (HookKind::all().map(last).to_vec(), failed)
    }

    /// Notes what became of what happened by itself with a remote.
    pub fn note_exchange(&self, remote: &Remote, at: i64, outcome: Result<String, String>) {
        let event = format!("{}:{}", remote.auto.word(), remote.name);
        self.note(&HookRun { at, event, outcome });
    }

    /// The last time that something happened by itself with a remote.
    pub fn last_exchange(&self, remote: &Remote) -> Option<HookRun> {
        let is_its = |run: &HookRun| run.event.split_once(':').is_some_and(|(_, name)| name == remote.name.as_str());
        HookLog::of(&self.home).runs().into_iter().rfind(is_its)
    }

    fn server(&self, codex: &Path) -> Result<AppServer, Error> {
        Ok(AppServer::start(codex, &self.home, PATIENCE)?)
    }
}

/// A path by which it can be compared: without links, as far as it is there.
fn place(path: &Path) -> PathBuf {
    let beside = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(beside).unwrap_or_else(|| path::plain(path))
}
