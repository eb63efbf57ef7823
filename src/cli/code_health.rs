//! The code stores in what `verify`, `gc` and `doctor` tell: in a line of its own, as they are no part of the store of the conversations.

use std::path::Path;

use codex_git::Workspace;
use codex_git::ops::Problem;
#[cfg(unix)]
use codex_git::ops::code::{Closely, check_code};

use crate::cli::words::count;

/// What a check of all code stores found.
#[derive(Default)]
pub struct CodeHealth {
    /// How many code stores there are, and how many snapshots in them.
    pub stores: usize,
    pub snapshots: usize,
    /// How many files are borrowed from projects, and how many of these are gone there.
    pub borrowed: usize,
    pub lost: usize,
    /// How many of the latter are of projects that are not where they were.
    pub away: usize,
    /// How many snapshots lack files for that.
    pub lacking: usize,
    /// What is broken.
    pub problems: Vec<Problem>,
}

impl CodeHealth {
    /// Checks all code stores of a codex home: each object of theirs against its id.
    pub fn proven(home: &Path, workspace: Option<&Workspace>) -> Self {
        #[cfg(unix)]
        return Self::of(home, workspace, Closely::Bytes);
        #[cfg(not(unix))]
        return Self::none(home, workspace);
    }

    /// Looks whether all files of the snapshots are there.
    pub fn present(home: &Path, workspace: Option<&Workspace>) -> Self {
        #[cfg(unix)]
        return Self::of(home, workspace, Closely::Presence);
        #[cfg(not(unix))]
        return Self::none(home, workspace);
    }

    /// No code is kept where files have no stamps that tell of changes.
    #[cfg(not(unix))]
    fn none(_: &Path, _: Option<&Workspace>) -> Self {
        Self::default()
    }

    #[cfg(unix)]
    fn of(home: &Path, workspace: Option<&Workspace>, closely: Closely) -> Self {
        let mut health = Self::default();
        for checked in check_code(home, workspace, closely) {
            let place = checked.path.map_or_else(|| "code".to_owned(), |path| path.display().to_string());
            let problem = |what: String| Problem { place: place.clone(), what };
            health.stores += 1;
            match checked.found {
                Ok(found) => {
                    health.snapshots += found.snapshots;
                    health.borrowed += found.borrowed;
                    health.lost += found.lost;
                    health.away += if found.is_away { found.lost } else { 0 };
                    health.lacking += found.lacking;
                    let broken = found.broken.iter().map(|id| problem(format!("object {id} is broken")));
                    health.problems.extend(broken);
                }
                Err(error) => health.problems.push(problem(error.to_string())),
            }
        }
        health
    }

    /// What there is, and what of it is gone with the project's commits; `None` if no code is kept.
    pub fn told(&self) -> Option<String> {
        let Self { stores, snapshots, borrowed, lost, away, lacking, .. } = *self;
        if stores == 0 {
            return None;
        }
        let gone = match lost {
            0 => String::new(),
            lost => format!(
                "; {} {}: {lost} of the {borrowed} that are borrowed {}",
                count(lacking, "snapshot"),
                if lacking == 1 { "lacks files" } else { "lack files" },
                match lost - away {
                    0 => "are in a project that is gone, or was moved (then say `codex-git moved OLD NEW`)",
                    _ => "are gone, as no commit of the project has the bytes any more",
                },
            ),
        };
        Some(format!("{} in {}{gone}", count(snapshots, "snapshot"), count(stores, "code store")))
    }
}
