//! Whether turns record themselves, and what to say when they don't: Codex tells nobody of a hook that can't run.

use std::path::PathBuf;

use codex_git::Workspace;
use codex_git::model::rfc3339;
use codex_git::ops::Hooks;
#[cfg(unix)]
use codex_git::ops::code::Switch;

use super::codex;
use super::context::Context;
use super::words::{count, shown};

/// Whether turns record themselves.
pub enum Recording {
    /// Codex runs codex-git as each turn ends.
    On,
    /// A `watch` runs. Where files of projects are kept: what keeps Codex from having that done.
    Watched(Option<Off>),
    /// It doesn't.
    Off(Off),
    /// That can't be told, and why.
    Unknown(String),
}

impl Recording {
    /// Whether a watch runs, or Codex runs the hooks.
    pub fn of(context: &Context, hooks: &Hooks) -> Self {
        if !hooks.is_watched() {
            return Self::of_hooks(context, hooks);
        }
        // Only hooks have files of projects kept.
        match keeps_code(context).then(|| Self::of_hooks(context, hooks)) {
            Some(Self::Off(off)) => Self::Watched(Some(off)),
            _ => Self::Watched(None),
        }
    }

    /// Whether Codex runs the hooks: they are installed, their program is there, and they ran since they were installed, or Codex says that it
    /// trusts them.
    fn of_hooks(context: &Context, hooks: &Hooks) -> Self {
        if let Some(off) = Off::at_a_glance(hooks) {
            return Self::Off(off);
        }
        match hooks.events() {
            Err(error) => return Self::Unknown(error.to_string()),
            Ok((ours, all)) if ours.len() < all.len() && !hooks.plugin() => return Self::Off(Off::NotInstalled),
            Ok(_) => {}
        }
        if let Some(off) = Off::by_store(context, hooks) {
            return Self::Off(off);
        }
        if hooks.ran_since_installed() {
            return Self::On;
        }
        if !codex::can_be_asked(context, hooks) {
            return Self::Unknown("Codex can't be asked whether it trusts codex-git's hooks".to_owned());
        }
        match hooks.trust(&context.codex) {
            Err(error) => Self::Unknown(error.to_string()),
            Ok(known) if known.is_empty() => Self::Unknown("Codex names no hook of codex-git".to_owned()),
            Ok(known) if known.iter().all(|hook| hook.trusted) => Self::On,
            Ok(_) => Self::Off(Off::Untrusted),
        }
    }

    /// Whether turns record themselves for sure.
    pub const fn is_on(&self) -> bool {
        matches!(self, Self::On | Self::Watched(_))
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::On => "on: Codex has each turn recorded as it ends".to_owned(),
            Self::Watched(_) => "on: a `codex-git watch` records each turn as it ends".to_owned(),
            Self::Off(off) => format!("off: {}", off.why()),
            Self::Unknown(why) => format!("not known: {why}"),
        }
    }

    /// The word for it in output that programs read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::On | Self::Watched(_) => "on",
            Self::Off(_) => "off",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// What keeps Codex from running codex-git.
pub enum Off {
    /// The hooks are not among Codex's, or not all of them.
    NotInstalled,
    /// The program that the hooks run is not there.
    Gone(String),
    /// The program that the hooks run is a file that can't be run.
    NotExecutable(String),
    /// Codex's settings switch hooks off, by this key.
    Switched(&'static str),
    /// Codex's settings can't be read, so that it doesn't start; why.
    Settings(String),
    /// The hooks record into another store than the one asked about; whether a plugin brings them, which can't name a store.
    Elsewhere { store: String, plugin: bool },
    /// There is no store to record into.
    NoStore(String),
    /// Codex does not trust some of the hooks.
    Untrusted,
}

impl Off {
    /// What is known without asking Codex.
    pub fn at_a_glance(hooks: &Hooks) -> Option<Self> {
        let broken = |path: PathBuf| match path.exists() {
            true => Self::NotExecutable(shown(&path)),
            false => Self::Gone(shown(&path)),
        };
        let program = hooks.broken_program().map(broken);
        program.or_else(|| hooks.are_installed().then(|| Self::by_settings(hooks)).flatten())
    }

    /// What Codex's settings say.
    pub fn by_settings(hooks: &Hooks) -> Option<Self> {
        match hooks.switched_off() {
            Ok(key) => key.map(Self::Switched),
            Err(error) => Some(Self::Settings(error.to_string())),
        }
    }

    /// What the hooks name: another store, or one that is not there.
    pub fn by_store(context: &Context, hooks: &Hooks) -> Option<Self> {
        if let Some(other) = hooks.other_store(&context.store) {
            return Some(Self::Elsewhere { store: shown(&other), plugin: hooks.plugin() });
        }
        (!context.store.exists()).then(|| Self::NoStore(shown(&context.store)))
    }

    /// What is known when Codex is asked, too.
    pub fn asked(context: &Context, hooks: &Hooks) -> Option<Self> {
        if hooks.is_watched() && !keeps_code(context) {
            return None;
        }
        Self::at_a_glance(hooks).or_else(|| Self::by_store(context, hooks).filter(Self::is_elsewhere)).or_else(|| {
            let known = if hooks.are_installed() && codex::can_be_asked(context, hooks) {
                hooks.trust(&context.codex).ok()?
            } else {
                return None;
            };
            known.iter().any(|hook| !hook.trusted).then_some(Self::Untrusted)
        })
    }

    /// Whether hooks record, and into another store.
    pub const fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Elsewhere { .. })
    }

    /// In words, with what was missed, where that is known.
    pub fn words(&self, hooks: &Hooks, missed: Option<usize>) -> String {
        // Where hooks record elsewhere, they run.
        let last_run = hooks.last_run().filter(|_| !self.is_elsewhere());
        let since = last_run.map_or_else(String::new, |at| format!(" since {}", day(at)));
        let why = self.why();
        let missed = match missed {
            None | Some(0) => String::new(),
            Some(1) => "; 1 session holds turns that are not recorded".to_owned(),
            Some(many) => format!("; {} hold turns that are not recorded", count(many, "session")),
        };
        format!("recording is off{since}: {why}{missed}")
    }

    /// Why, in words.
    pub fn why(&self) -> String {
        match self {
            Self::NotInstalled => "codex-git's hooks are not installed".to_owned(),
            Self::Gone(program) => format!("Codex's hooks run `{program}`, which does not exist"),
            Self::NotExecutable(program) => format!("Codex's hooks run `{program}`, which is not executable"),
            Self::Switched(key) => format!("Codex's settings switch hooks off: `{key} = false` in [features]"),
            Self::Settings(error) => format!("Codex does not start: {error}"),
            Self::Elsewhere { store, .. } => format!("Codex's hooks record into `{store}`"),
            Self::NoStore(store) => format!("there is no store at `{store}`"),
            Self::Untrusted => "Codex does not trust codex-git's hooks".to_owned(),
        }
    }

    /// What mends it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotInstalled | Self::Gone(_) | Self::NotExecutable(_) => "codex-git hooks install",
            Self::Switched(_) => "codex features enable hooks",
            Self::Settings(_) => "codex features list  # tells what is wrong in them",
            Self::Elsewhere { plugin: true, .. } => "codex plugin remove codex-git",
            Self::NoStore(_) => "codex-git init",
            Self::Elsewhere { .. } | Self::Untrusted => "codex-git hooks install --trust",
        }
    }
}

/// Whether the files of projects are kept, which hooks alone do.
#[cfg(unix)]
fn keeps_code(context: &Context) -> bool {
    context
        .workspace()
        .is_ok_and(|workspace| workspace.general_code_switch() == Switch::On || !workspace.code_roots().is_empty())
}

#[cfg(not(unix))]
fn keeps_code(_: &Context) -> bool {
    false
}

/// How many sessions hold turns that are not recorded, if that can be told.
pub fn missed(workspace: Option<&Workspace>) -> Option<usize> {
    workspace?.unrecorded().ok().map(|unrecorded| unrecorded.sessions)
}

/// Warns if turns do not record themselves, as far as that is seen at once.
pub fn warn_if_off(context: &Context) {
    let hooks = Hooks::of(&context.home);
    let is_watched = || hooks.is_watched() && !keeps_code(context);
    if let Some(off) = Off::at_a_glance(&hooks).filter(|_| !is_watched()) {
        context.ui.warn(off.words(&hooks, None));
        context.ui.remedy(off.hint());
    }
}

/// The day of a time in seconds since 1970.
fn day(at: i64) -> String {
    rfc3339(at).chars().take(10).collect()
}
