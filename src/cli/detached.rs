//! Work that nobody waits for: codex-git started once more, as a process that outlives this one and Codex.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use codex_git::SessionId;

/// Starts codex-git with these words, on a codex home and a store (none: the home's own).
pub fn run(home: &Path, store: Option<&Path>, words: &[&OsStr]) -> io::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--codex-home").arg(home);
    if let Some(store) = store {
        command.arg("--store").arg(store);
    }
    command.args(words).current_dir(home).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // What ends Codex, or its terminal, ends its group of processes.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map(drop)
}

/// Has Codex name a session; `only` if it has no name yet.
pub fn rename(home: &Path, store: Option<&Path>, session: SessionId, name: &str, only: bool) -> io::Result<()> {
    let session = session.to_string();
    let mut words: Vec<&OsStr> = vec!["rename".as_ref(), "--patiently".as_ref()];
    words.extend(only.then_some(OsStr::new("--if-unnamed")));
    words.extend([OsStr::new("--"), session.as_ref(), name.as_ref()]);
    run(home, store, &words)
}
