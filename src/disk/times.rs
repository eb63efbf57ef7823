//! When a file or a folder changed, by the clock of its file system, in nanoseconds since 1970.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// The last write; `None` for a time that no clock shows.
pub(crate) fn written(data: &Metadata) -> Option<i64> {
    nanoseconds(data.mtime(), data.mtime_nsec())
}

/// The last change of any kind, which nobody can set back.
pub(crate) fn changed(data: &Metadata) -> Option<i64> {
    nanoseconds(data.ctime(), data.ctime_nsec())
}

/// A time of a file as the system tells it; `None` for one that no clock shows.
pub(crate) fn nanoseconds(seconds: i64, rest: i64) -> Option<i64> {
    seconds.checked_mul(1_000_000_000)?.checked_add(rest)
}
