//! What `-v` tells, on standard error.

use std::io::{self, Write};

use codex_git::model::text::plain;

/// Standard error for a log that writes each of its lines at once: paths and errors in them can neither steer the terminal nor pass for
/// another line.
#[derive(Clone, Copy, Debug)]
pub struct Log;

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        writeln!(io::stderr().lock(), "{}", plain(text.trim_end()))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
