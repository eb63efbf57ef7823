//! A session's rollout as it lies on disk: where, how long, how it is kept, and what tells whether it changed since.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::file_name::ARCHIVED;
use super::stamp::{Stamp, Stamps};
use super::{Compression, Error, Refusal, RolloutName};

/// A session's rollout that was found. If Codex rewound the session, that is the file it goes on in.
#[derive(Clone, Debug)]
pub struct RolloutFile {
    /// The file.
    pub path: PathBuf,
    /// What its name says.
    pub name: RolloutName,
    /// How it is kept.
    pub compression: Compression,
    /// Whether it lies in the archive.
    pub archived: bool,
    /// How many bytes the file has.
    pub len: u64,
    /// When it was last written.
    pub modified: SystemTime,
    /// What the system says of it; `None` where it can't tell.
    pub stamp: Option<Stamp>,
    /// The files that it was in before, oldest first.
    pub earlier: Vec<RolloutFile>,
}

impl RolloutFile {
    /// The rollout at a path, wherever it is.
    ///
    /// # Errors
    /// When it is not a regular file, or not named like a rollout.
    pub fn at(path: &Path) -> Result<Self, Error> {
        let data = fs::metadata(path).map_err(Error::io("read", path))?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        Self::of(path, name, &data)
    }

    pub(crate) fn of(path: &Path, file_name: &str, data: &fs::Metadata) -> Result<Self, Error> {
        if !data.is_file() {
            return Err(Error::refused(path)(Refusal::NotAFile));
        }
        let (name, compression) =
            RolloutName::parse(file_name).ok_or_else(|| Error::refused(path)(Refusal::BadName))?;
        Ok(Self {
            path: path.to_owned(),
            name,
            compression,
            archived: path.parent().is_some_and(|folder| folder.ends_with(ARCHIVED)),
            len: data.len(),
            modified: data.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            stamp: Stamp::of(data),
            earlier: Vec::new(),
        })
    }

    /// What the system says of the session's files: the same means the same bytes. `None` where it can't tell.
    pub fn stamps(&self) -> Option<Stamps> {
        Stamps::of(self.files().map(|file| file.stamp))
    }

    /// Whether the session's files are as they were at `before`.
    pub fn is_as(&self, before: &Stamps) -> bool {
        before.are_of(self.files().map(|file| file.stamp))
    }

    /// Whether one of the session's files is another one since `before`, or was written to without growing: more may have changed than lines
    /// that were added.
    pub fn is_suspect_since(&self, before: &Stamps) -> bool {
        self.stamps().is_some_and(|now| now.are_suspect_since(before))
    }

    /// Whether the files that the session was in before are as they were at `before`.
    pub fn has_same_earlier(&self, before: &Stamps) -> bool {
        self.stamps().is_some_and(|now| now.have_same_earlier(before))
    }

    /// Whether the file can have so many bytes: of a packed one that is not known.
    pub fn packed_or_longer(&self, bytes: u64) -> bool {
        self.compression == Compression::Zstd || self.len >= bytes
    }

    /// The session's files, oldest first.
    pub fn files(&self) -> impl Iterator<Item = &RolloutFile> {
        self.earlier.iter().chain(std::iter::once(self))
    }

    /// Takes the file that the session went on in.
    pub fn followed_by(mut self, mut next: Self) -> Self {
        next.earlier = std::mem::take(&mut self.earlier);
        next.earlier.push(self);
        next
    }
}
