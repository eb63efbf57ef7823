//! Edits: what turns changed in a project through patches, as one patch for git.
//!
//! A patch tells exactly what Codex changed in a file; a command does not. What can't be told is named. Turns that were taken back count, since
//! Codex leaves the files as they are when a conversation goes back; turns that were left behind are no part of the conversation, and are
//! counted only.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::project::repository_of;
use super::{Error, Point, Query, Superseded, Workspace};
use crate::model::command_line::only_reads;
use crate::model::patch::{Change, Edit, FileDiff, LeftOut, Series};
use crate::model::path::plain;
use crate::model::{Item, ObjectId, SessionId, What};
use crate::store::work_tree;

/// What turns changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Edits {
    /// The files, in an order that git takes.
    pub files: Vec<FileDiff>,
    /// Files whose edits can't be told, by path, and why.
    pub left_out: Vec<(String, LeftOut)>,
    /// The project that the paths are in; `None` where no file was edited.
    pub project: Option<PathBuf>,
    /// Commands that may have changed files.
    pub commands: Vec<String>,
    /// The sessions that the turns started; what those changed is their own.
    pub agents: Vec<SessionId>,
    /// How many turns the session left behind among these.
    pub left_behind: usize,
    /// How many turns there are.
    pub turns: usize,
    /// The last of them.
    pub last: ObjectId,
}

/// Which of the turns up to a point.
#[derive(Clone, Debug)]
pub enum Which {
    /// The last.
    Last,
    /// Those that are not in the history of another point.
    After(Box<Point>),
    /// All.
    All,
}

impl Edits {
    /// Where the patch belongs, as seen from a directory: the project itself, if that is in the repository that the directory is in, or above it, as a
    /// submodule is; else the directory, since the patch of another project may be meant for a clone of it.
    pub fn place(&self, here: &Path) -> PathBuf {
        let around = canonical(repository_of(here).unwrap_or(here));
        let is_near = |project: &&PathBuf| project.starts_with(&around) || canonical(here).starts_with(project);
        self.project.as_ref().filter(is_near).map_or_else(|| here.to_owned(), Clone::clone)
    }

    /// Leaves only files that stand at one of these paths, or below. They are meant as seen from `here`, or from the root of a project.
    pub fn keep(&mut self, typed: &[String], here: &Path) {
        let here_root = repository_of(here).map(Path::to_owned);
        let roots: Vec<PathBuf> = self.project.iter().cloned().chain(here_root).collect();
        let wanted: Vec<String> = typed.iter().flat_map(|typed| meant(typed, here, &roots)).collect();
        let is_wanted = |path: &str| wanted.iter().any(|wanted| lies_in(path, wanted));
        self.files.retain(|file| [&file.before, &file.after].into_iter().flatten().any(|path| is_wanted(path)));
        self.left_out.retain(|(path, _)| is_wanted(path));
    }
}

/// What a path can mean, from a project's root on; an empty path is all of it.
fn meant(typed: &str, here: &Path, roots: &[PathBuf]) -> Vec<String> {
    let whole = plain(&here.join(typed));
    let inner = |path: &Path| {
        let within = |root: &PathBuf| {
            let inner = path.strip_prefix(root).or_else(|_| path.strip_prefix(canonical(root)));
            inner.ok().map(|inner| inner.to_string_lossy().into_owned())
        };
        roots.iter().filter_map(within).collect::<Vec<_>>()
    };
    let mut meant = [inner(&whole), inner(&resolved(&whole))].concat();
    // What begins with a dot is meant as seen from here alone.
    if matches!(Path::new(typed).components().next(), Some(Component::Normal(_))) {
        meant.push(plain(Path::new(typed)).to_string_lossy().into_owned());
    }
    meant
}

/// A path without links, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let Some((above, real)) = there else { return path.to_owned() };
    path.strip_prefix(above).map_or_else(|_| path.to_owned(), |rest| real.join(rest))
}

/// Whether a path is another, or lies below it.
fn lies_in(path: &str, above: &str) -> bool {
    above.is_empty() || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Workspace {
    /// What turns up to a point changed. Reversed, what takes that back. Who stands in a project means that one, if the turns worked in several.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn edits(&self, which: &Which, to: &Point, here: Option<&Path>, reverse: bool) -> Result<Edits, Error> {
        let without = match which {
            Which::After(point) => Some((**point).clone()),
            Which::Last | Which::All => None,
        };
        let query = Query { without, ..Query::default() };
        let (count, left_behind) = match which {
            Which::Last => (1, 0),
            Which::After(_) | Which::All => {
                let all = self.log_all(to, &query)?.turns;
                let behind = all.iter().filter(|turn| turn.superseded == Some(Superseded::LeftBehind)).count();
                (self.log_of(to, &query)?.turns.iter().filter(|turn| turn.turn > 0).count(), behind)
            }
        };
        let begun = match which {
            Which::After(from) => self.begun(from, to)?,
            Which::Last | Which::All => None,
        };
        let (mut told, mut commands, mut agents, mut turns) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for shown in self.show(to, Some(count))? {
            let shown = shown?;
            agents.extend(&shown.turn.agents);
            turns += 1;
            let cwd = shown.turn.cwd.as_deref();
            let items = match begun.as_ref().filter(|begun| begun.turn == shown.turn.turn) {
                Some(begun) => begun.rest(shown.items),
                None => shown.items,
            };
            items.into_iter().for_each(|item| take(item, cwd, &mut told, &mut commands));
        }
        let projects = Projects::of(&told, here);
        let mut series = Series::default();
        told.iter().for_each(|(_, change)| projects.take(change, &mut series));
        let (files, left_out) = series.finish(reverse);
        let project = projects.root;
        Ok(Edits { files, left_out, project, commands, agents, left_behind, turns, last: to.id })
    }

    /// Why a patch would not apply in a directory, or in the project that it is in; `None` if it would.
    ///
    /// # Errors
    /// When git can't be run.
    pub fn refusal_of(&self, directory: &Path, patch: &[u8]) -> Result<Option<String>, Error> {
        let root = repository_of(directory).unwrap_or(directory);
        Ok(work_tree::refusal_of(root, patch)?)
    }
}

/// Takes what an item changed, or may have.
fn take(item: Item, cwd: Option<&str>, told: &mut Vec<(Option<PathBuf>, Change)>, commands: &mut Vec<String>) {
    match item.what {
        What::Patch(patch) if patch.is_done() => {
            let cwd = patch.cwd.as_deref().or(cwd);
            let changes = patch.changes.into_iter().map(|change| change.rooted(cwd));
            told.extend(changes.map(|change| (cwd.map(PathBuf::from), change)));
        }
        What::Command(command) if command.refused.is_none() && !only_reads(&command.text) => {
            commands.push(command.text)
        }
        _ => {}
    }
}

/// Which project is meant, and where it lies.
struct Projects {
    /// The directories that Codex worked in.
    cwds: Vec<PathBuf>,
    root: Option<PathBuf>,
    /// What leads there.
    names: Vec<PathBuf>,
}

impl Projects {
    /// The project that most edits are in, or the one that somebody stands in, if any edit is in that.
    fn of(told: &[(Option<PathBuf>, Change)], here: Option<&Path>) -> Self {
        let mut cwds: Vec<PathBuf> = told.iter().filter_map(|(cwd, _)| cwd.clone()).collect();
        cwds.sort();
        cwds.dedup();
        let mut projects = Self { cwds, root: None, names: Vec::new() };
        let mut counts: BTreeMap<PathBuf, (usize, Vec<PathBuf>)> = BTreeMap::new();
        for root in told.iter().filter_map(|(_, change)| projects.root_of(Path::new(&change.path))) {
            let (count, names) = counts.entry(canonical(root)).or_default();
            *count += 1;
            if !names.iter().any(|name| name == root) {
                names.push(root.to_owned());
            }
        }
        let here = here.map(|here| canonical(repository_of(here).unwrap_or(here)));
        let here = here.and_then(|here| counts.remove_entry(&here));
        let found = here.or_else(|| counts.into_iter().rev().max_by_key(|(_, (count, _))| *count));
        if let Some((root, (_, names))) = found {
            (projects.root, projects.names) = (Some(root), names);
        }
        projects
    }

    /// The project that a file is in: the repository, or else the topmost directory that Codex worked in.
    fn root_of<'p>(&'p self, path: &'p Path) -> Option<&'p Path> {
        let repository = path.parent().and_then(repository_of).filter(|root| !root.as_os_str().is_empty());
        repository.or_else(|| self.cwds.iter().map(PathBuf::as_path).find(|cwd| path.starts_with(cwd)))
    }

    /// Adds a change to the edits of the project, with paths from its root on.
    fn take(&self, change: &Change, series: &mut Series) {
        let path = self.within(&change.path);
        let to = match &change.edit {
            Edit::Update { to: Some(to), .. } => Some(self.within(to)),
            _ => None,
        };
        match (path, to) {
            (Ok(path), None) => series.take(&Change { path, edit: change.edit.clone() }),
            (Ok(path), Some(Ok(to))) => {
                let Edit::Update { hunks, .. } = &change.edit else { return };
                series.take(&Change { path, edit: Edit::Update { to: Some(to), hunks: hunks.clone() } });
            }
            (path, to) => {
                // What moves into the project or out of it is no change that its own files tell.
                for (typed, place) in [(change.path.as_str(), Some(path)), (change.path_after(), to)] {
                    match place {
                        Some(Ok(path)) => series.leave_out(&path, LeftOut::Outside),
                        Some(Err(reason)) => series.leave_out(typed, reason),
                        None => {}
                    }
                }
            }
        }
    }

    /// A path from the project's root on, if git takes it.
    fn within(&self, path: &str) -> Result<String, LeftOut> {
        let whole = Path::new(path);
        let is_odd = |part| match part {
            Component::ParentDir => true,
            Component::Normal(name) => name.eq_ignore_ascii_case(".git"),
            _ => false,
        };
        if whole.components().any(is_odd) || path.contains('\0') {
            return Err(LeftOut::Unsafe);
        }
        let root =
            self.root_of(whole).filter(|root| self.names.iter().any(|name| name == root)).ok_or(LeftOut::Outside)?;
        let inner = whole.strip_prefix(root).map_err(|_| LeftOut::Outside)?;
        let parts: Vec<&str> = inner.components().filter_map(|part| part.as_os_str().to_str()).collect();
        if parts.is_empty() { Err(LeftOut::Unsafe) } else { Ok(parts.join("/")) }
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
