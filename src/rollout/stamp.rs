//! Stamps: what the system says of a file, so that one that did not change need not be read again.

use std::fmt;
use std::fs::Metadata;

#[cfg(unix)]
use crate::disk::times;

/// Length, last write, last change of any kind, and inode: no write leaves all four as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    len: u64,
    /// Both in nanoseconds since 1970.
    written: i64,
    changed: i64,
    inode: u64,
}

impl Stamp {
    /// What the system says of a file; `None` where it can't tell.
    #[cfg(unix)]
    pub(crate) fn of(data: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self {
            len: data.len(),
            written: times::written(data)?,
            changed: times::changed(data)?,
            inode: data.ino(),
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_: &Metadata) -> Option<Self> {
        None
    }

    /// Whether the file is another one since `before`, or changed without growing: more may have changed than lines that were added. The time of the
    /// last write can be set back, that of the last change can't.
    fn is_suspect_since(self, before: Self) -> bool {
        self.inode != before.inode || (self.len == before.len && self.changed != before.changed)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (len, written) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { len, written, changed: words.next()?.parse().ok()?, inode: words.next()?.parse().ok()? })
    }
}

/// The stamps of a session's files, oldest first. As text they are numbers with spaces between them, and `+` between the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamps {
    /// Those of the files that the session was in before: most sessions have none.
    earlier: Vec<Stamp>,
    last: Stamp,
}

impl Stamps {
    /// The stamps of files; `None` if one has none, or there is no file.
    pub(crate) fn of(files: impl Iterator<Item = Option<Stamp>>) -> Option<Self> {
        let mut stamps = files.peekable();
        let mut earlier = Vec::new();
        while let Some(stamp) = stamps.next() {
            match stamps.peek() {
                Some(_) => earlier.push(stamp?),
                None => return Some(Self { earlier, last: stamp? }),
            }
        }
        None
    }

    fn all(&self) -> impl Iterator<Item = Stamp> {
        self.earlier.iter().copied().chain([self.last])
    }

    /// Whether files have these stamps now.
    pub(crate) fn are_of(&self, files: impl Iterator<Item = Option<Stamp>>) -> bool {
        files.eq(self.all().map(Some))
    }

    /// Reads them from text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::of(text.split('+').map(Stamp::parse))
    }

    /// Whether more may have changed in one of the files since `before` than lines that were added at its end.
    pub(crate) fn are_suspect_since(&self, before: &Self) -> bool {
        self.all().zip(before.all()).any(|(now, before)| now.is_suspect_since(before))
    }

    /// Whether there are several files, and all but the last are as they were.
    pub(crate) fn have_same_earlier(&self, before: &Self) -> bool {
        !self.earlier.is_empty() && self.earlier == before.earlier
    }
}

impl fmt::Display for Stamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Stamp { len, written, changed, inode }) in self.all().enumerate() {
            let between = if at == 0 { "" } else { "+" };
            write!(f, "{between}{len} {written} {changed} {inode}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(text: &str) -> Stamps {
        Stamps::parse(text).unwrap()
    }

    #[test]
    fn they_are_read_as_they_are_written() {
        for text in ["1 2 3 4", "1 2 3 4+5 -6 7 8"] {
            assert_eq!(stamps(text).to_string(), text);
        }
        for broken in ["", "1 2 3", "1 2 3 x", "1 2 3 4+"] {
            assert_eq!(Stamps::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_file_that_only_grew_is_not_suspect() {
        let before = stamps("10 1 1 7");
        for (now, suspect) in
            [("10 1 1 7", false), ("12 5 5 7", false), ("10 5 5 7", true), ("10 1 5 7", true), ("12 5 5 8", true)]
        {
            assert_eq!(stamps(now).are_suspect_since(&before), suspect, "{now}");
        }
    }

    #[test]
    fn the_earlier_files_are_all_but_the_last() {
        let before = stamps("1 1 1 1+2 2 2 2");
        assert!(stamps("1 1 1 1+3 3 3 2").have_same_earlier(&before));
        assert!(!stamps("1 1 2 1+2 2 2 2").have_same_earlier(&before));
        assert!(!stamps("1 1 1 1").have_same_earlier(&stamps("1 1 1 1")));
    }
}
