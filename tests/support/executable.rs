//! Programs that a test puts into a place of its own, to be run at once.
//!
//! A process of its own writes each. Where the test wrote it, a child that another test starts at that moment would hold the file
//! open for writing until it runs its own program, and the system refuses to run a file that is open for writing.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const WRITE: &str = "cat > \"$1\" && chmod 755 \"$1\"";

/// Writes a shell script; `script` lacks its first line.
pub fn write_script(path: &Path, script: &str) {
    let mut child = writer(path).stdin(Stdio::piped()).spawn().unwrap();
    write!(child.stdin.take().unwrap(), "#!/bin/sh\n{script}\n").unwrap();
    assert!(child.wait().unwrap().success(), "{}", path.display());
}

/// Copies a program.
pub fn copy_program(from: &Path, to: &Path) {
    let status = writer(to).stdin(File::open(from).unwrap()).status().unwrap();
    assert!(status.success(), "{}", to.display());
}

fn writer(path: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", WRITE, "sh"]).arg(path);
    command
}
