//! When a file or a folder changed, by the clock of its file system.

use std::fs::Metadata;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::time::SystemTime;

/// The last write, in nanoseconds since 1970; `None` for a time that no clock shows.
#[cfg(unix)]
pub(crate) fn written(data: &Metadata) -> Option<i64> {
    nanoseconds(data.mtime(), data.mtime_nsec())
}

/// The last change of any kind, which nobody can set back, in nanoseconds since 1970.
#[cfg(unix)]
pub(crate) fn changed(data: &Metadata) -> Option<i64> {
    nanoseconds(data.ctime(), data.ctime_nsec())
}

#[cfg(unix)]
fn nanoseconds(seconds: i64, rest: i64) -> Option<i64> {
    seconds.checked_mul(1_000_000_000)?.checked_add(rest)
}

/// The last change of any kind, where the system tells it; else the last write.
#[cfg(unix)]
pub(crate) fn last_change(data: &Metadata) -> SystemTime {
    use std::time::Duration;
    let since = changed(data).and_then(|time| u64::try_from(time).ok()).map(Duration::from_nanos);
    SystemTime::UNIX_EPOCH + since.unwrap_or_default()
}

/// The last change of any kind, where the system tells it; else the last write.
#[cfg(not(unix))]
pub(crate) fn last_change(data: &Metadata) -> SystemTime {
    data.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}
