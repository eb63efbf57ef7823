//! A copy of a person's repository without its files, made by their git: it reads the repository, and writes nothing into it. No hook, no filter
//! and no monitor runs, as no file is checked out.

use std::path::Path;
use std::process::Command;

use super::Error;
use super::identity::TOOL;
use super::program::git;
use crate::model::ObjectId;

fn quiet_git() -> Command {
    let mut git = git();
    git.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.file.allow=always"]);
    git.args(["-c", "advice.detachedHead=false", "-c", "core.untrackedCache=false"]);
    git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0");
    git.env("GIT_COMMITTER_NAME", TOOL.0).env("GIT_COMMITTER_EMAIL", TOOL.1);
    git
}

fn run(git: &mut Command, doing: &'static str) -> Result<(), Error> {
    let output = git.output().map_err(Error::io("run git"))?;
    if output.status.success() { Ok(()) } else { Err(Error::said(doing, &output.stderr)) }
}

/// Copies a repository's history into a new folder, in which it has no file yet.
pub(crate) fn copy_history(project: &Path, into: &Path) -> Result<(), Error> {
    let mut git = quiet_git();
    // Refs in another format can be read by git alone, as yet.
    git.env("GIT_DEFAULT_REF_FORMAT", "files");
    // Not `--local`: that fails where a file can't be linked, as on another file system. Without it git copies there.
    git.args(["clone", "--quiet", "--no-checkout", "--template=", "--"]).arg(project).arg(into);
    run(&mut git, "copy the project's history")
}

/// Puts HEAD of a copy on a commit, on no branch, and has its index say what that commit holds. Files are not looked at.
pub(crate) fn stand_at(copy: &Path, commit: ObjectId) -> Result<(), Error> {
    let doing = "put the copy's HEAD where the project's was";
    let commit = commit.to_string();
    run(quiet_git().arg("-C").arg(copy).args(["update-ref", "--no-deref", "HEAD", &commit]), doing)?;
    run(quiet_git().arg("-C").arg(copy).args(["read-tree", &commit]), doing)
}
