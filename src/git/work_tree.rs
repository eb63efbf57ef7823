//! A person's project, as their `git` tells it. Nothing there is changed, and no hook or monitor of theirs is run.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;
use super::program::git;

/// `git` in a directory of a project.
fn git_in(directory: &Path) -> Command {
    let mut git = git();
    git.arg("-C").arg(directory).arg("--no-optional-locks");
    git.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]);
    git
}

/// Why a patch would not apply in a directory, in git's words; `None` if it would.
///
/// # Errors
/// When `git` can't be run.
pub fn refusal_of(directory: &Path, patch: &[u8]) -> Result<Option<String>, Error> {
    let mut git = git_in(directory);
    git.args(["apply", "--check"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = git.spawn().map_err(Error::io("run git apply"))?;
    if let Some(mut input) = child.stdin.take() {
        // git says itself why it reads no further.
        let _ = input.write_all(patch);
    }
    let output = child.wait_with_output().map_err(Error::io("run git apply"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok((!output.status.success()).then_some(said))
}
