//! What a verb works with: the environment, read once, and the workspace, opened when it is needed.

#![allow(clippy::disallowed_methods, reason = "this is where the environment and the clock are read")]

use std::env;
use std::path::{Component, Path, PathBuf};

use anstream::ColorChoice;
use codex_git::model::path;
use codex_git::model::shell::quoted;
use codex_git::ops::{Below, HookCommand};
use codex_git::{Here, SessionId, Workspace};
use time::OffsetDateTime;

use super::failure::Failure;
use super::global::Global;
use crate::ui::{Log, Ui};

/// What the system calls the machine.
#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    env::var("COMPUTERNAME").unwrap_or_default()
}

/// A verb's surroundings.
#[derive(Clone)]
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
    /// Whether the terminal's letters are said to be others than UTF-8.
    pub is_ascii: bool,
    /// Whether a person can be asked on a full screen; if not, why.
    #[cfg(feature = "ui")]
    pub asks: Result<(), &'static str>,
    /// Whether the picker may open where nobody asked for it.
    #[cfg(feature = "ui")]
    pub opens_picker: bool,
    /// What the machine is called; empty where it has no name.
    pub host: String,
    /// The person's home folder; empty where the environment names none.
    pub person_home: String,
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
        let person_home = env::var("HOME").unwrap_or_default();
        #[cfg(feature = "ui")]
        let asks = asks(global, &ui);
        Ok(Self {
            ui,
            json: global.json,
            home,
            store,
            here,
            now,
            home_is_named,
            foreign_home,
            codex,
            has_codex,
            is_ascii: is_ascii(),
            #[cfg(feature = "ui")]
            asks,
            #[cfg(feature = "ui")]
            opens_picker: env::var_os("CODEX_GIT_UI").is_none_or(|value| value != "0"),
            host: host(),
            person_home,
        })
    }

    /// A directory that was typed, as a whole path.
    pub fn directory(&self, typed: &Path) -> Result<PathBuf, Failure> {
        let whole = self.whole(&typed.to_string_lossy());
        if whole.is_dir() {
            return Ok(whole);
        }
        Err(Failure::Usage(format!("there is no directory `{}`", typed.display()), "name one that is there".to_owned()))
    }

    /// The store, if it is not the home's own.
    pub fn other_store(&self) -> Option<&Path> {
        (self.store != self.home.join("sessions.git")).then_some(&*self.store)
    }

    /// This program, by a name that stays: that on the path, where a package manager moves the file behind it.
    pub fn program(&self) -> Result<PathBuf, Failure> {
        let own = env::current_exe().map_err(|error| Failure::Io("find this program", error))?;
        let paths = env::var_os("PATH").unwrap_or_default();
        let named = env::split_paths(&paths).map(|folder| folder.join("codex-git"));
        let named =
            named.filter(|path| path.is_absolute()).find(|path| path.canonicalize().ok().as_ref() == Some(&own));
        Ok(named.unwrap_or(own))
    }

    /// The command that Codex is to run at its events, as its shell takes it.
    pub fn hook_command(&self) -> Result<HookCommand, Failure> {
        let program = self.program()?;
        let odd = || {
            Failure::Usage(
                "Codex can't run this program: its path, or the store's, is not UTF-8".to_owned(),
                "codex-git watch".to_owned(),
            )
        };
        HookCommand::new(&program, self.other_store()).ok_or_else(odd)
    }

    /// A path that was typed, from the root of the file system on and without detours.
    pub fn whole(&self, typed: &str) -> PathBuf {
        path::plain(&self.here.directory.clone().unwrap_or_default().join(typed))
    }

    /// A path in turns as it was typed: one that begins where the person stands is a whole one, any other the end of one.
    pub fn path_in_turns(&self, typed: &str) -> Result<String, Failure> {
        match Path::new(typed).components().next() {
            None => Err(Failure::Usage(
                "a path can't be empty".to_owned(),
                "codex-git search PATTERN --file src/main.rs".to_owned(),
            )),
            Some(Component::CurDir | Component::ParentDir) => Ok(self.whole(typed).to_string_lossy().into_owned()),
            Some(_) => Ok(typed.to_owned()),
        }
    }

    /// A directory that was typed, and all below it, wherever it was moved to.
    pub fn below(&self, workspace: &Workspace, directory: &Path) -> Below {
        let place = self.here.directory.as_deref().unwrap_or(Path::new("/")).join(directory);
        // What `..` means is known where there is a directory; elsewhere it is taken as it is written.
        let written = directory.to_str().map(|directory| self.whole(directory)).filter(|_| !place.exists());
        workspace.below(&written.unwrap_or(place))
    }

    /// The folders that no project's files are kept of.
    #[cfg(unix)]
    pub fn bounds(&self) -> codex_git::ops::code::Bounds {
        let person_home = (!self.person_home.is_empty()).then(|| PathBuf::from(&self.person_home));
        codex_git::ops::code::Bounds { codex_home: self.home.clone(), person_home, ..Default::default() }
    }

    /// Opens the workspace.
    pub fn workspace(&self) -> Result<Workspace, Failure> {
        Ok(Workspace::open(&self.home, &self.store)?)
    }

    /// Now, in seconds since 1970.
    pub fn unix_now(&self) -> i64 {
        self.now.unix_timestamp()
    }
}

/// Now, by the same clock on the wall as an earlier time. While threads run, the local time zone can't be looked up.
#[cfg(feature = "mcp")]
pub fn now_like(earlier: OffsetDateTime) -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(earlier.offset())
}

/// Now, in seconds since 1970.
pub fn unix_now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// The terminal, for those who have no context.
pub fn plain_ui() -> Ui {
    ui(&Global::default())
}

/// Whether a person can be asked on a full screen; if not, why. An agent may have a terminal, too.
#[cfg(feature = "ui")]
fn asks(global: &Global, ui: &Ui) -> Result<(), &'static str> {
    match () {
        () if global.json => Err("with --json, a program reads the answer"),
        () if global.quiet => Err("-q asks for silence"),
        () if env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb") => {
            Err("the terminal can't draw a screen")
        }
        () if env::var_os("CODEX_THREAD_ID").is_some() => Err("Codex runs this command"),
        () if !ui.has_a_person() => Err("input or output is not a terminal"),
        () => Ok(()),
    }
}

/// Whether the locale names other letters than UTF-8. Where it names none, they are UTF-8, as in all other output.
fn is_ascii() -> bool {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| env::var(name).ok());
    let locale = named.into_iter().find(|locale| !locale.is_empty()).map(|locale| locale.to_lowercase());
    locale.is_some_and(|locale| !locale.contains("utf-8") && !locale.contains("utf8"))
}

/// Whether a program is on the path.
pub fn is_on_path(program: &str) -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths)
        .any(|folder| folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file())
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

/// The file that was typed, made a whole path, and the line that is named behind it; a file whose own name ends so is that file.
pub fn file_and_line(typed: &str, whole: impl Fn(&str) -> PathBuf) -> (PathBuf, Option<usize>) {
    let file = whole(typed);
    let line = typed.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?)));
    match line.filter(|_| !file.exists()) {
        Some((file, line)) => (whole(file), Some(line)),
        None => (file, None),
    }
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
