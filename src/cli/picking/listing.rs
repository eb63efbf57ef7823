//! The sessions as the picker lists them.

use std::path::Path;

use codex_git::ops::{self, Listed, Place};
use codex_git::{Effect, Error, Workspace};

use crate::cli::context::{Context, unix_now};
use crate::cli::failure::Failure;
use crate::cli::report;
use crate::cli::words::tilde;
use crate::picker::{Entry, Listing};
use crate::ui;

/// Which sessions are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of this directory's project.
    Here,
    Everywhere,
}

impl Scope {
    /// The directory that it stands for, if it does for one.
    fn directory(self, context: &Context) -> Option<&Path> {
        let here = || context.here.directory.as_deref().unwrap_or(Path::new("/"));
        (self == Self::Here).then(here)
    }
}

/// The sessions as they are now: what their rollouts gained is recorded first, as for `list`.
///
/// # Errors
/// When the store can't be read.
pub fn listing(context: &Context, workspace: &Workspace, scope: Scope) -> Result<Listing, Failure> {
    report::catch_up(context, workspace, scope.directory(context));
    let listed = workspace.listing(scope.directory(context))?;
    report::broken_sessions(context, &listed.broken);
    Ok(told(context, listed, scope))
}

/// The same while the screen is taken: nothing is told beside it.
///
/// # Errors
/// As [`listing`].
pub fn silently(context: &Context, workspace: &Workspace, scope: Scope) -> Result<Listing, Error> {
    match scope.directory(context) {
        Some(directory) => workspace.record_directory(directory, &mut |_| {}),
        None => workspace.record_all(Effect::Write, &mut |_| {}),
    };
    again(context, workspace, scope)
}

/// The sessions as they were recorded last.
///
/// # Errors
/// As [`listing`].
pub fn again(context: &Context, workspace: &Workspace, scope: Scope) -> Result<Listing, Error> {
    Ok(told(context, workspace.listing(scope.directory(context))?, scope))
}

fn told(context: &Context, listed: ops::Listing, scope: Scope) -> Listing {
    let now = unix_now();
    let place = match scope.directory(context) {
        Some(directory) => tilde(&directory.to_string_lossy(), &context.person_home),
        None => "all directories".to_owned(),
    };
    let shown = listed.sessions.into_iter().filter(|session| !session.is_empty());
    Listing {
        entries: shown.map(|session| entry(session, &context.person_home, now)).collect(),
        place,
        everywhere: scope == Scope::Everywhere,
        all: listed.all,
    }
}

fn entry(session: Listed, home: &str, now: i64) -> Entry {
    Entry {
        id: session.id,
        name: session.name,
        title: session.title,
        directory: tilde(session.cwd.as_deref().unwrap_or_default(), home),
        model: session.model.unwrap_or_default(),
        saves: session.saves.iter().map(ToString::to_string).collect(),
        turns: session.turns,
        own: session.turns.saturating_sub(session.inherited),
        age: ui::brief_age(session.changed, now),
        base: session.origin.forked_from.or(session.origin.parent),
        is_agent: session.origin.is_subagent(),
        is_kept_only: session.place == Place::StoreOnly,
    }
}
