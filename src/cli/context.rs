//! What a verb works with: the environment, read once, and the workspace, opened when it is needed.

#![allow(clippy::disallowed_methods, reason = "this is where the environment and the clock are read")]

use std::env;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use codex_git::model::shell::quoted;
use codex_git::model::text;
use codex_git::ops::{HookCommand, Hooks, News, Report, Resolved};
use codex_git::{Effect, Here, SessionId, Workspace};
use time::OffsetDateTime;

use super::args::Global;
use super::{Failure, Outcome};
use crate::ui::{Log, Progress, Ui};

/// A verb's surroundings.
pub struct Context {
    pub ui: Ui,
    pub json: bool,
    pub home: PathBuf,
    pub store: PathBuf,
    pub here: Here,
    /// Now, in local time.
    pub now: OffsetDateTime,
    /// Whether the person said where the codex home is.
    pub home_is_named: bool,
    /// Whether the codex home is another than Codex would find by itself.
    pub foreign_home: bool,
    /// The program that Codex is, and whether it is there.
    pub codex: PathBuf,
    pub has_codex: bool,
}

impl Context {
    /// Reads the environment.
    ///
    /// # Errors
    /// When there is no codex home: the terminal to say so on, the words and the hint.
    pub fn new(global: &Global) -> Result<Self, Box<(Ui, &'static str, String)>> {
        // Before any thread runs: on Unix the local time zone can't be read safely after.
        let now = OffsetDateTime::now_local().unwrap_or_else(|_| OffsetDateTime::now_utc());
        let ui = ui(global);
        trace(global.verbose);
        let natural = natural_home();
        let home_is_named =
            global.codex_home.is_some() || env::var_os("CODEX_HOME").is_some_and(|home| !home.is_empty());
        let Some(home) = global.codex_home.clone().or(natural.clone()) else {
            return Err(Box::new((
                ui,
                "there is no codex home: neither CODEX_HOME nor HOME is set",
                "codex-git --codex-home DIR …".to_owned(),
            )));
        };
        let home = std::path::absolute(&home).unwrap_or(home);
        let store = global.store.clone().unwrap_or_else(|| home.join("sessions.git"));
        // Both are written into files that are read elsewhere.
        let store = std::path::absolute(&store).unwrap_or(store);
        tracing::info!(home = %home.display(), store = %store.display(), "works with");
        let foreign_home = natural.as_deref() != Some(&home);
        let session = env::var("CODEX_THREAD_ID").ok().and_then(|id| SessionId::parse(&id));
        let here = Here { session, directory: env::current_dir().ok() };
        let codex = PathBuf::from("codex");
        let has_codex = !global.no_codex && is_on_path("codex");
        Ok(Self { ui, json: global.json, home, store, here, now, home_is_named, foreign_home, codex, has_codex })
    }

    /// The store, if it is not the home's own.
    fn other_store(&self) -> Option<&Path> {
        (self.store != self.home.join("sessions.git")).then_some(&*self.store)
    }

    /// The command that Codex is to run at its events, as its shell takes it.
    pub fn hook_command(&self) -> Result<HookCommand, Failure> {
        let own = env::current_exe().map_err(|error| Failure::Io("find this program", error))?;
        // The name on the path stays when a package manager moves the file behind it.
        let paths = env::var_os("PATH").unwrap_or_default();
        let named = env::split_paths(&paths).map(|folder| folder.join("codex-git"));
        let program =
            named.filter(|path| path.is_absolute()).find(|path| path.canonicalize().ok().as_ref() == Some(&own));
        let odd = || {
            Failure::Usage(
                "Codex can't be told to run this: the path of the program or of the store is not UTF-8".to_owned(),
                "codex-git watch".to_owned(),
            )
        };
        HookCommand::new(&program.unwrap_or(own), self.other_store()).ok_or_else(odd)
    }

    /// Opens the workspace.
    pub fn workspace(&self) -> Result<Workspace, Failure> {
        Ok(Workspace::open(&self.home, &self.store)?)
    }

    /// Finds a revision (none: the current session), and warns if it may be older than the session's rollout.
    pub fn resolve(&self, workspace: &Workspace, revision: Option<&str>) -> Result<Resolved, Failure> {
        let resolved = workspace.resolve(&self.here, self.revision(revision)?)?;
        if let Some(error) = &resolved.stale {
            self.ui.warn(format_args!("{error}; what was kept before is used"));
        }
        super::news::tell(self, resolved.session, resolved.news);
        Ok(resolved)
    }

    /// Has Codex name a session, `only` if it has no name yet; whether that was left to a process of its own. A name is a help, so nobody
    /// waits for it, and where Codex is missing there is none.
    pub fn name_in_codex(&self, session: SessionId, name: &str, only: bool) -> bool {
        if !self.has_codex {
            return false;
        }
        let left = super::detached::rename(&self.home, self.other_store(), session, name, only);
        if let Err(error) = &left {
            tracing::info!(%error, "the session was not named in Codex");
        }
        left.is_ok()
    }

    /// Has a session lose the name in Codex that a save gave it, if that save is gone.
    pub fn take_name_back(&self, workspace: &Workspace, session: SessionId) {
        if let Some(title) = workspace.outlived_name(session) {
            self.name_in_codex(session, &title, false);
        }
    }

    /// Whether it is worth to ask Codex something about its home.
    pub fn can_ask_codex(&self, hooks: &Hooks) -> bool {
        self.has_codex && hooks.was_used()
    }

    /// What a person typed for a revision; none means the current session, and an empty one means a mistake.
    pub fn revision<'t>(&self, typed: Option<&'t str>) -> Result<&'t str, Failure> {
        match typed {
            Some(empty) if empty.trim().is_empty() => Err(Failure::Usage(
                "a revision can't be empty".to_owned(),
                "leave it out, or type @, for the current session".to_owned(),
            )),
            typed => Ok(typed.unwrap_or("@")),
        }
    }

    /// Records every session, with a progress bar.
    pub fn record_all(&self, workspace: &Workspace, effect: Effect) -> Report {
        let mut bar = Progress::new("sessions", self.ui.quiet);
        let report = workspace.record_all(effect, &mut |progress| bar.at(progress.done, progress.total));
        drop(bar);
        report.put_back.iter().for_each(|path| super::evict::tell_put_back(self, path));
        report
    }

    /// Records every session before a listing; what can't be recorded is only counted.
    pub fn catch_up(&self, workspace: &Workspace) {
        let report = self.record_all(workspace, Effect::Write);
        let told = |news: &News| !matches!(news, News::Behind(_));
        report
            .recorded
            .iter()
            .for_each(|recorded| super::news::tell(self, recorded.session, recorded.news.filter(told)));
        if !report.failed.is_empty() {
            let words = format!(
                "{} could not be recorded (`codex-git record` tells why)",
                count(report.failed.len(), "rollout")
            );
            self.ui.say(format_args!("{}{words}{}", crate::ui::DIM, crate::ui::RESET));
        }
    }

    /// Tells an error, and what to do.
    pub fn fail(&self, error: &codex_git::Error) {
        self.ui.fail(error, super::hints::hint(error));
    }

    /// Tells what went wrong of several things, and gives those that were done; and whether all were.
    pub fn tell_failed<T, E: Into<Failure>>(&self, outcomes: Vec<Result<T, E>>) -> (Vec<T>, Outcome) {
        let (mut done, mut all) = (Vec::new(), Ok(()));
        for outcome in outcomes {
            match outcome {
                Ok(one) => done.push(one),
                Err(error) => {
                    let (words, hint) = error.into().words();
                    self.ui.fail(words, hint);
                    all = Err(Failure::Said);
                }
            }
        }
        (done, all)
    }

    /// Tells what could not be recorded; fails if there is anything.
    pub fn tell_failures(&self, report: &Report) -> Outcome {
        for error in &report.failed {
            self.ui.fail(error, super::hints::hint(error));
        }
        if report.failed.is_empty() { Ok(()) } else { Err(Failure::Said) }
    }

    /// Tells which sessions the store can't give.
    pub fn warn_of_broken(&self, broken: &[(SessionId, codex_git::Error)]) {
        for (session, error) in broken {
            self.ui.warn(format_args!("session {} can't be read: {error}", short(*session)));
        }
        if !broken.is_empty() {
            self.ui.hint("codex-git verify --repair");
        }
    }

    /// Now, in seconds since 1970.
    pub fn unix_now(&self) -> i64 {
        self.now.unix_timestamp()
    }
}

/// Now, in seconds since 1970.
pub fn unix_now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// The terminal, for those who have no context.
pub fn plain_ui() -> Ui {
    ui(&Global::default())
}

/// Whether a program is on the path.
fn is_on_path(program: &str) -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths)
        .any(|folder| folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file())
}

/// A number of things, in words.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A number of bytes, in words.
pub fn bytes(number: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(size, _)| number >= *size) {
        Some((size, unit)) => format!("{:.1} {unit}", number as f64 / size as f64),
        None => count(number as usize, "byte"),
    }
}

/// A session's id as people read it: its first 13 characters, which hold the time it was made to the millisecond.
pub fn short(id: SessionId) -> String {
    id.to_string()[..13].to_owned()
}

/// A path as a terminal may see it.
pub fn shown(path: &Path) -> String {
    text::plain(&path.to_string_lossy())
}

/// A path as people read it: with `~` for the home folder.
pub fn tilde(path: &str) -> String {
    let home = env::var("HOME").unwrap_or_default();
    match Path::new(path).strip_prefix(&home) {
        Ok(rest) if !home.is_empty() && rest.as_os_str().is_empty() => "~".to_owned(),
        Ok(rest) if !home.is_empty() => format!("~/{}", rest.display()),
        _ => path.to_owned(),
    }
}

/// Where Codex keeps its state when it isn't told.
pub fn natural_home() -> Option<PathBuf> {
    let given = env::var_os("CODEX_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    given.or_else(|| env::var_os("HOME").filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(".codex")))
}

fn ui(global: &Global) -> Ui {
    let color = match global.color {
        clap::ColorChoice::Always => ColorChoice::Always,
        clap::ColorChoice::Never => ColorChoice::Never,
        clap::ColorChoice::Auto => ColorChoice::Auto,
    };
    let pager = ["GIT_PAGER", "PAGER"].iter().find_map(|name| env::var(name).ok()).unwrap_or_else(|| "less".to_owned());
    let pager = (!global.no_pager && !pager.is_empty() && pager != "cat").then_some(pager);
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    // As git does: short output is printed at once, colours pass.
    let pager_environment = if env::var_os("LESS").is_none() { vec![("LESS", "FRX")] } else { Vec::new() };
    Ui { color, quiet: global.quiet, pager, pager_environment, columns, options: options(global) }
}

/// The options that name another codex home or store, for the commands that are advised.
fn options(global: &Global) -> String {
    let option = |name: &str, value: &Option<PathBuf>| {
        let value = value.as_deref().and_then(Path::to_str).map(quoted);
        value.map_or_else(String::new, |value| format!("{name} {value} "))
    };
    option("--codex-home", &global.codex_home) + &option("--store", &global.store)
}

fn trace(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).with_max_level(level).with_writer(|| Log).without_time().finish();
    // Only the first subscriber of a process counts, and there is only this one.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
