//! The pager: the person's own, as git would start it.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A pager that runs.
pub struct Pager {
    child: Child,
    input: Option<ChildStdin>,
}

impl Pager {
    /// Starts a pager; `None` where that doesn't work, and output goes straight to the terminal.
    pub fn start(command: &str, environment: &[(&str, &str)]) -> Option<Self> {
        let mut pager = Command::new("sh");
        pager.arg("-c").arg(command).stdin(Stdio::piped());
        pager.envs(environment.iter().copied());
        let mut child = pager.spawn().ok()?;
        let input = child.stdin.take();
        Some(Self { child, input })
    }

    /// Where the pager reads.
    pub fn input(&mut self) -> Box<dyn Write> {
        match self.input.take() {
            Some(input) => Box::new(input),
            None => Box::new(io::sink()),
        }
    }

    /// Waits until the person has read.
    pub fn wait(mut self) {
        // Whatever the pager thought of it, the data was handed over.
        let _ = self.child.wait();
    }
}
