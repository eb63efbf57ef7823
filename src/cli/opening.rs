//! Handing a file to whatever the system opens such files with.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// What opens files, where there is something that always does.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "explorer"
} else {
    "xdg-open"
};

/// Opens a file. Nobody waits for what opens it.
///
/// # Errors
/// When there is nothing that opens files.
pub fn open(path: &Path) -> io::Result<()> {
    let mut opener = Command::new(OPENER);
    opener.arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let named = |error: io::Error| io::Error::new(error.kind(), format!("`{OPENER}`: {error}"));
    opener.spawn().map(drop).map_err(named)
}
