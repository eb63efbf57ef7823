//! Rollouts that were moved aside: the first of the two steps by which a rollout is removed.
//!
//! A process that opened the file before it was moved still writes to it, wherever it lies. So a file is first renamed, in its own folder and
//! under a name that no Codex lists, and is gone only when nobody can have it open any more. (Codex up to 0.130 still finds it when it is
//! asked for the session, and writes to it: then it is put back.) Until then it is put back by another rename. All that is known of a held
//! file stands in its name: when it was moved, when it had been written to last, how many bytes it had, and
//! what it was called.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Error;
use super::open_files::open_elsewhere;
use crate::rollout::{RolloutFile, RolloutName};

/// What the name of a held file begins with. The times in nanoseconds since 1970, the length and the file's own name follow.
const PREFIX: &str = ".codex-git-held-";

/// For how long a file is held before it can be removed.
const HOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// A rollout that was moved aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFile {
    /// Where it is.
    pub path: PathBuf,
    /// Where it was.
    pub place: PathBuf,
    /// Its name there.
    pub name: RolloutName,
    /// How many bytes it has.
    pub len: u64,
    /// When it was moved.
    moved: SystemTime,
    /// What was true of it then, and is now: the time of the last write, and the length.
    then: (SystemTime, u64),
    now: (SystemTime, u64),
}

impl HeldFile {
    /// Whether a file of this name may be one.
    pub(super) fn is_named(name: &str) -> bool {
        name.starts_with(PREFIX)
    }

    /// The held file at a path; `None` if there is none.
    pub fn at(path: &Path) -> Option<Self> {
        let (known, original) = path.file_name()?.to_str()?.strip_prefix(PREFIX)?.split_once('-')?;
        let (name, _) = RolloutName::parse(original)?;
        let mut numbers = known.split('.').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let (moved, modified, len) = (time(next()?)?, time(next()?)?, next()?);
        let data = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self {
            path: path.to_owned(),
            place: path.with_file_name(original),
            name,
            len: data.len(),
            moved,
            then: (modified, len),
            now: (data.modified().ok()?, data.len()),
        })
    }

    /// How long it is to be held yet; nothing if it can go.
    pub fn left(&self) -> Duration {
        // Moved in the future: the clock was set back since.
        HOLD.saturating_sub(self.moved.elapsed().unwrap_or_default())
    }

    /// Whether somebody wrote to it after it was moved.
    pub fn is_touched(&self) -> bool {
        self.then != self.now
    }

    /// Whether another process has it open. `None` where that can't be seen.
    pub fn is_open(&self) -> Option<bool> {
        open_elsewhere(std::slice::from_ref(&self.path)).map(|open| !open.is_empty())
    }

    /// Moves it back to where it was.
    ///
    /// # Errors
    /// When another file stands there by now, or the system refuses.
    pub fn put_back(&self) -> Result<(), Error> {
        rename_new(&self.path, &self.place).map_err(Error::io("put back", &self.place))
    }

    /// Moves it back to where it was, over the file that took its place.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn put_over(&self) -> Result<(), Error> {
        fs::rename(&self.path, &self.place).map_err(Error::io("put back", &self.place))
    }

    /// Takes this name from it, which is not its only one or no longer needed.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn let_go(&self) -> Result<(), Error> {
        fs::remove_file(&self.path).map_err(Error::io("remove", &self.path))
    }

    /// Removes it, if it is still as it was when this was read.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is not; when the system refuses.
    pub fn remove(&self) -> Result<(), Error> {
        if Self::at(&self.path).as_ref() != Some(self) {
            return Err(Error::Changed { path: self.path.clone() });
        }
        fs::remove_file(&self.path).map_err(Error::io("remove", &self.path))
    }

    /// The file as a rollout of its session, for reading.
    ///
    /// # Errors
    /// When it is gone.
    pub fn file(&self) -> Result<RolloutFile, Error> {
        let data = fs::metadata(&self.path).map_err(Error::io("read", &self.path))?;
        let name = self.place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        Ok(RolloutFile::of(&self.path, name, &data)?)
    }
}

impl RolloutFile {
    /// Moves the file aside, if it is still as it was found. `now` is the time that is noted.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is not as it was found, also when that shows only after it was moved: then it is put back.
    pub fn hold(&self, now: SystemTime) -> Result<HeldFile, Error> {
        let changed = || Error::Changed { path: self.path.clone() };
        let before = Self::at(&self.path)?;
        if before.stamp != self.stamp || before.len != self.len || before.modified != self.modified {
            return Err(changed());
        }
        let aside = self.aside(now).ok_or_else(changed)?;
        rename_new(&self.path, &aside).map_err(Error::io("move aside", &self.path))?;
        let held = HeldFile::at(&aside).ok_or_else(changed)?;
        if held.is_touched() {
            held.put_back()?;
            return Err(changed());
        }
        Ok(held)
    }

    /// Gives the file the name of a held one, too: what a process writes that has it open is found there when another file took its place.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is not as it was found; when the system refuses.
    pub fn hold_too(&self, now: SystemTime) -> Result<HeldFile, Error> {
        let changed = || Error::Changed { path: self.path.clone() };
        let aside = self.aside(now).ok_or_else(changed)?;
        match fs::hard_link(&self.path, &aside) {
            // A run that was killed left it.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && self.is_linked(&aside) => {}
            linked => linked.map_err(Error::io("link", &self.path))?,
        }
        let held = HeldFile::at(&aside).ok_or_else(changed)?;
        if held.is_touched() {
            held.let_go()?;
            return Err(changed());
        }
        Ok(held)
    }

    /// Whether a path is another name of the file.
    fn is_linked(&self, aside: &Path) -> bool {
        let stamps = [Self::at(&self.path).ok(), HeldFile::at(aside).and_then(|held| held.file().ok())];
        let [Some(own), Some(other)] = stamps else { return false };
        own.stamp.is_some() && own.stamp == other.stamp
    }

    /// The path under which the file is held. `now` is the time that is noted.
    fn aside(&self, now: SystemTime) -> Option<PathBuf> {
        let name = self.path.file_name()?.to_str()?;
        let (moved, modified) = (nanoseconds(now), nanoseconds(self.modified));
        Some(self.path.with_file_name(format!("{PREFIX}{moved}.{modified}.{}-{name}", self.len)))
    }
}

fn time(nanoseconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_nanos(nanoseconds))
}

/// A time in nanoseconds since 1970. One before that, or in the year 2554 and after, is one that no file of Codex has.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Renames a file, but not over another.
#[cfg(target_os = "linux")]
fn rename_new(from: &Path, to: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system knows the flag.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => rename_by_link(from, to),
        renamed => Ok(renamed?),
    }
}

#[cfg(not(target_os = "linux"))]
fn rename_new(from: &Path, to: &Path) -> std::io::Result<()> {
    rename_by_link(from, to)
}

/// A second name fails where a file has it already; then the first goes.
fn rename_by_link(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::hard_link(from, to)?;
    fs::remove_file(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "rollout-2026-11-22T22-56-19-01a20579-8247-72d2-b159-c5492aec819f.jsonl";

    fn file() -> (tempfile::TempDir, RolloutFile) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), "one\n").unwrap();
        let file = RolloutFile::at(&folder.path().join(NAME)).unwrap();
        (folder, file)
    }

    fn now() -> SystemTime {
        fs::metadata(file().1.path).map_or_else(|_| file().1.modified, |data| data.modified().unwrap())
    }

    #[test]
    fn what_is_moved_aside_comes_back_as_it_was() {
        let (folder, file) = file();
        let held = file.hold(now()).unwrap();
        assert!(!file.path.exists() && held.place == file.path && held.len == 4);
        assert_eq!(HeldFile::at(&held.path), Some(held.clone()));
        assert!(held.left() > Duration::from_secs(23 * 3600) && !held.is_touched());
        held.put_back().unwrap();
        assert_eq!(fs::read(&file.path).unwrap(), b"one\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_changed_since_it_was_found_stays() {
        let (_folder, file) = file();
        let written = fs::metadata(&file.path).unwrap().modified().unwrap();
        fs::write(&file.path, "two\n").unwrap();
        // The same length and the same time of the last write, as `cp -p` would leave them.
        fs::File::options().write(true).open(&file.path).unwrap().set_modified(written).unwrap();
        assert!(matches!(file.hold(now()), Err(Error::Changed { .. })));
        assert_eq!(fs::read(&file.path).unwrap(), b"two\n");
    }

    #[test]
    fn nothing_is_put_over_a_file_that_came_meanwhile() {
        let (_folder, file) = file();
        let held = file.hold(now()).unwrap();
        fs::write(&file.path, "new\n").unwrap();
        assert!(held.put_back().is_err() && held.path.exists());
        assert_eq!(fs::read(&file.path).unwrap(), b"new\n");
    }

    #[test]
    fn what_is_written_to_a_held_file_shows() {
        let (_folder, file) = file();
        let held = file.hold(now()).unwrap();
        let later = held.moved + Duration::from_secs(2);
        let writer = fs::File::options().append(true).open(&held.path).unwrap();
        writer.set_modified(later).unwrap();
        assert!(HeldFile::at(&held.path).unwrap().is_touched());
        assert!(matches!(held.remove(), Err(Error::Changed { .. })));
        HeldFile::at(&held.path).unwrap().remove().unwrap();
        assert!(!held.path.exists());
    }

    #[test]
    fn other_names_are_no_held_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in [NAME.to_owned(), format!("{PREFIX}x-{NAME}"), format!("{PREFIX}12-x.jsonl"), format!("{PREFIX}12")]
        {
            fs::write(folder.path().join(&name), "").unwrap();
            assert_eq!(HeldFile::at(&folder.path().join(&name)), None, "{name}");
        }
    }
}
