//! The turns of pages as they will stand there, put aside until all were read: what stands before them tells of all of them.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use codex_git::render::page::Markup;
use tempfile::SpooledTempFile;

/// So much stays in memory; what comes to more goes into a temporary file that has no name.
const IN_MEMORY: usize = 4 << 20;

/// Sections, in order.
pub struct Sections {
    written: SpooledTempFile,
    /// Where each begins, and where the last ends.
    bounds: Vec<u64>,
}

impl Sections {
    pub fn new() -> Self {
        Self { written: SpooledTempFile::new(IN_MEMORY), bounds: vec![0] }
    }

    /// Puts one aside, behind the others.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn push(&mut self, section: &Markup) -> io::Result<()> {
        self.written.write_all(section.as_str().as_bytes())?;
        self.bounds.push(self.end() + section.len() as u64);
        Ok(())
    }

    /// How many bytes each has.
    pub fn lengths(&self) -> impl Iterator<Item = usize> {
        self.bounds.windows(2).map(|bounds| usize::try_from(bounds[1] - bounds[0]).unwrap_or(usize::MAX))
    }

    /// Writes some of them.
    ///
    /// # Errors
    /// When they can't be read back or written.
    pub fn write(&mut self, which: Range<usize>, out: &mut dyn Write) -> io::Result<()> {
        let (from, to) = (self.bounds[which.start], self.bounds[which.end]);
        self.written.seek(SeekFrom::Start(from))?;
        let copied = io::copy(&mut (&mut self.written).take(to - from), out)?;
        if copied < to - from {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn end(&self) -> u64 {
        self.bounds.last().copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_come_back_as_they_were_in_memory_or_not() {
        let long = "x".repeat(IN_MEMORY / 2);
        let texts = ["first", "", &long, "third", &long, &long, "last"];
        let mut sections = Sections::new();
        for text in texts {
            sections.push(Markup::default().text(text)).unwrap();
        }
        assert_eq!(sections.lengths().collect::<Vec<_>>(), texts.map(str::len));
        for range in [0..7, 3..4, 0..0, 7..7, 2..5] {
            let mut out = Vec::new();
            sections.write(range.clone(), &mut out).unwrap();
            assert!(out == texts[range].concat().as_bytes());
        }
    }
}
