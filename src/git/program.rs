//! Git's own check of the repository, by the person's `git`.

use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;
use crate::model::ObjectId;

/// What git may take of the memory at once where it reads what others made: an object of ours has a few megabytes, and a small delta can claim to make
/// gigabytes.
pub(super) const ALLOC_LIMIT: (&str, &str) = ("GIT_ALLOC_LIMIT", "512m");

/// What `git fsck --strict --full` finds.
#[derive(Debug, Default)]
pub struct Fsck {
    /// What is wrong, a line each; empty when all is well.
    pub problems: Vec<String>,
    /// The commits that nothing leads to.
    pub unreachable: Vec<ObjectId>,
}

/// Has git check a repository.
///
/// # Errors
/// When `git` can't be run.
pub fn fsck(store: &Path) -> Result<Fsck, Error> {
    let mut git = in_english(git_in(store));
    // The graph of commits is git's own cache. It may name some that `git repack -ad` removed after, and no session has.
    git.args(["-c", "core.commitGraph=false"]);
    git.args(["fsck", "--strict", "--full", "--no-dangling", "--unreachable", "--no-progress"]);
    let output = git.output().map_err(Error::io("run git fsck"))?;
    let text = [output.stdout, output.stderr].concat();
    let mut found = Fsck::default();
    for line in String::from_utf8_lossy(&text).lines().filter(|line| !line.trim().is_empty()) {
        if let Some(of) = line.strip_prefix("unreachable ") {
            found.unreachable.extend(of.strip_prefix("commit ").and_then(|id| id.parse::<ObjectId>().ok()));
        } else if line.contains("No default references") {
            // Then nothing leads anywhere, and git does not say so of each.
            found.unreachable = all_commits(store)?;
        } else if !line.starts_with("notice:") {
            found.problems.push(line.to_owned());
        }
    }
    if found.problems.is_empty() && !output.status.success() {
        found.problems.push(format!("git fsck ended with {}", output.status));
    }
    Ok(found)
}

/// Git that says what it says in the words that are looked for here.
pub(crate) fn in_english(mut git: Command) -> Command {
    git.env("LC_ALL", "C").env_remove("LANGUAGE");
    git
}

/// All commits that a repository has.
fn all_commits(repository: &Path) -> Result<Vec<ObjectId>, Error> {
    let mut git = git_in(repository);
    git.args(["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectname)"]);
    let output = git.output().map_err(Error::io("run git cat-file"))?;
    let told = String::from_utf8_lossy(&output.stdout);
    Ok(told.lines().filter_map(|line| line.strip_prefix("commit ")?.parse().ok()).collect())
}

/// Whether a commit reaches another.
///
/// # Errors
/// When `git` can't be run, or one of them is not there.
pub(crate) fn reaches(repository: &Path, commit: ObjectId, other: ObjectId) -> Result<bool, Error> {
    let mut git = git_in(repository);
    git.args(["merge-base", "--is-ancestor", &other.to_string(), &commit.to_string()]);
    let output = git.output().map_err(Error::io("run git merge-base"))?;
    match output.status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => Err(Error::said("look where a commit leads", &output.stderr)),
    }
}

/// Puts a repository's own objects that its refs reach into one pack, and drops the others.
///
/// # Errors
/// When `git` can't do that.
pub(crate) fn repack(repository: &Path) -> Result<(), Error> {
    let mut git = git_in(repository);
    git.args(["-c", "pack.indexVersion=2", "-c", "core.alternateRefsPrefixes=refs/none/"]);
    git.args(["repack", "-a", "-d", "-l", "-q"]);
    let output = git.output().map_err(Error::io("run git repack"))?;
    if output.status.success() { Ok(()) } else { Err(Error::said("put objects into one pack", &output.stderr)) }
}

/// The version of the person's `git`; `None` if there is none.
pub fn git_version() -> Option<String> {
    let output = git().arg("version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.trim().trim_start_matches("git version ").to_owned())
}

/// `git`, without what the environment would tell it about other repositories.
pub(crate) fn git() -> Command {
    let mut git = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        git.env_remove(name);
    }
    git.stdin(Stdio::null());
    git
}

/// The same, in a repository.
pub(crate) fn git_in(repository: &Path) -> Command {
    let mut git = git();
    git.arg("--git-dir").arg(repository);
    git
}
