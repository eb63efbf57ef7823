//! A person's project, as their `git` tells it. Nothing there is changed, nothing is fetched, and no hook or monitor of
//! theirs is run.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::Error;
use super::program::git;

/// `git` in a directory of a project.
fn git_in(directory: &Path) -> Command {
    let mut git = git();
    git.arg("-C").arg(directory).arg("--no-optional-locks");
    git.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false"]);
    git.env("GIT_NO_LAZY_FETCH", "1");
    git
}

/// A commit that changed a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub commit: String,
    /// When it was written, in seconds since 1970.
    pub authored: i64,
    /// When it was made as it is: later, where it was amended or rebased.
    pub at: i64,
    /// Who wrote it.
    pub author: String,
    /// What it says of itself, on one line.
    pub summary: String,
    /// The file's path in it, below the project's root.
    pub path: String,
    /// Whether it took the file away.
    pub is_gone: bool,
}

/// What git's own blame says of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blamed {
    /// The commit that it gives; all zeros for none.
    pub commit: String,
    /// The line's number there.
    pub number: usize,
}

/// What git's own blame says of a file: its lines, and of each commit the lines of its head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blame {
    /// The lines, in order.
    pub lines: Vec<Blamed>,
    /// The commits, as git prints their heads.
    pub heads: std::collections::HashMap<String, Vec<String>>,
}

/// The roots of all work trees of the repository that a directory is in.
pub fn work_trees(directory: &Path) -> Vec<PathBuf> {
    let listed = said(git_in(directory).args(["worktree", "list", "--porcelain", "-z"]));
    let fields = listed.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    fields.filter_map(|field| Some(PathBuf::from(field.strip_prefix("worktree ")?))).collect()
}

/// Where a repository was cloned from.
pub fn origin(root: &Path) -> Option<String> {
    let told = said(git_in(root).args(["remote", "get-url", "origin"]));
    String::from_utf8(told).ok().map(|url| url.trim_end().to_owned()).filter(|url| !url.is_empty())
}

/// The commits that changed a file, under whatever name, the newest first; none where git knows nothing of it.
pub fn versions(root: &Path, path: &str) -> Vec<Version> {
    let mut git = git_in(root);
    git.args([
        "log",
        "--follow",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--format=%x1e%H%x1f%at%x1f%ct%x1f%an%x1f%s",
    ]);
    let told = said(git.args(["--name-status", "-z", "--", path]));
    let version = |record: &str| {
        let (head, changed) = record.split_once('\0')?;
        let mut fields = head.splitn(5, '\u{1f}');
        let mut field = || fields.next().map(str::to_owned);
        let (commit, authored, at) = (field()?, field()?.parse().ok()?, field()?.parse().ok()?);
        let (author, summary) = (field()?, field()?);
        // What became of it, and its name; two names of one that was renamed.
        let (how, names) = changed.trim_start_matches('\n').split_once('\0')?;
        let path = names.split('\0').take_while(|name| !name.is_empty()).last()?.to_owned();
        Some(Version { commit, authored, at, author, summary, path, is_gone: how == "D" })
    };
    String::from_utf8_lossy(&told).split('\u{1e}').filter_map(version).collect()
}

/// The files that the last commit has, or had, and the work tree has not.
pub fn missing(root: &Path) -> Vec<String> {
    let gone = said(git_in(root).args(["ls-files", "-z", "--deleted"]));
    let mut staged = git_in(root);
    staged.args(["diff", "--cached", "--no-ext-diff", "--no-textconv", "--no-renames", "--diff-filter=D"]);
    let staged = said(staged.args(["--name-only", "-z", "HEAD", "--"]));
    let names = [gone, staged].concat();
    let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.filter_map(|name| String::from_utf8(name.to_vec()).ok()).collect()
}

/// What a file held in commits; `None` where it can't be had.
///
/// # Errors
/// When `git` can't be run.
pub fn contents(root: &Path, versions: &[&Version]) -> Result<Vec<Option<String>>, Error> {
    let mut git = git_in(root);
    git.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = git.spawn().map_err(Error::io("run git cat-file"))?;
    let name = |version: &&Version| format!("{}:{}\n", version.commit, version.path);
    // A name with a line end in it can't be asked for in a line.
    let asked: Vec<bool> = versions.iter().map(|version| !version.is_gone && !version.path.contains('\n')).collect();
    let names: String = versions.iter().zip(&asked).filter(|(_, is)| **is).map(|(version, _)| name(version)).collect();
    let input = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // git answers while it is asked.
        scope.spawn(move || input.map(|mut input| input.write_all(names.as_bytes())));
        child.wait_with_output()
    });
    let told = output.map_err(Error::io("run git cat-file"))?.stdout;
    let mut rest = told.as_slice();
    let content = |(version, is_asked): (&&Version, bool)| match is_asked {
        true => next_blob(&mut rest),
        false => version.is_gone.then(String::new),
    };
    Ok(versions.iter().zip(asked).map(content).collect())
}

/// The next blob of what `git cat-file --batch` says.
fn next_blob(rest: &mut &[u8]) -> Option<String> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let head = String::from_utf8_lossy(&rest[..end]).into_owned();
    *rest = &rest[end + 1..];
    let size = head.split(' ').nth(2).filter(|_| head.contains(" blob "))?.parse::<usize>().ok()?;
    let blob = rest.get(..size)?;
    *rest = rest.get(size + 1..).unwrap_or_default();
    Some(String::from_utf8_lossy(blob).into_owned())
}

/// What git's own blame says of a file, which the last commit may have under another name; nothing where git does not have it.
pub fn blame(root: &Path, path: &str, committed: &str) -> Blame {
    let mut git = git_in(root);
    // A file with commits to pass over may be named in the settings, and be gone.
    git.args(["-c", "blame.ignoreRevsFile=", "blame", "--no-textconv", "--porcelain"]);
    if path != committed {
        git.arg("--contents").arg(root.join(path));
    }
    git.args(["--", committed]);
    let told = said(&mut git);
    let (mut blame, mut current) = (Blame::default(), String::new());
    for line in String::from_utf8_lossy(&told).split('\n') {
        if line.starts_with('\t') || line.is_empty() {
            continue;
        }
        let mut words = line.split(' ');
        let (id, _, number) = (words.next().unwrap_or_default(), words.next(), words.next());
        let is_id = id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        match line.split(' ').nth(1).and_then(|number| number.parse().ok()).filter(|_| is_id && number.is_some()) {
            Some(number) => {
                id.clone_into(&mut current);
                blame.lines.push(Blamed { commit: current.clone(), number });
            }
            None => blame.heads.entry(current.clone()).or_default().push(line.to_owned()),
        }
    }
    blame
}

/// What git says; nothing where it fails.
fn said(git: &mut Command) -> Vec<u8> {
    match git.stderr(Stdio::null()).output() {
        Ok(Output { status, stdout, .. }) if status.success() => stdout,
        other => {
            tracing::debug!(?git, ?other, "git said nothing");
            Vec::new()
        }
    }
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
