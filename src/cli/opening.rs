//! Handing a file to whatever the system opens such files with.

use std::path::Path;
use std::process::{Command, Stdio};

use super::context::Context;
use super::failure::{Failure, Outcome};

/// What opens files, where there is something that always does.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "explorer"
} else {
    "xdg-open"
};

/// Opens a file. Nobody waits for what opens it.
pub fn open(context: &Context, path: &Path) -> Outcome {
    let opened =
        Command::new(OPENER).arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match opened {
        Ok(_) => Ok(()),
        Err(error) => {
            context.ui.say(format_args!("the page is written; `{OPENER}` could not be run to open it"));
            Err(Failure::Io("open the page", error))
        }
    }
}
