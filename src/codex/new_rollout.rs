//! Writing a rollout that is not there yet, or not whole.
//!
//! The bytes go into a temporary file in the same folder, whose name Codex does not look at; they are on disk before the file
//! gets its name; and getting the name fails if a file has it already. So Codex sees the whole rollout or none. A file that exists
//! is never touched, but by [`NewRollout::replace`], which takes its place with a longer one.

use std::fs::{self, Permissions};
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;

use super::Error;
use super::open_files::open_elsewhere;
use crate::disk::durable::{begin_writing, remove_file, sync_folder};
use crate::disk::private;
use crate::rollout::RolloutFile;

/// What the name of a rollout begins and ends with while it is written. Codex looks at no such file.
const ASIDE: (&str, &str) = (".codex-git-", ".tmp");

/// Whether a file of this name is a rollout that is being written.
pub(super) fn is_aside(name: &str) -> bool {
    name.starts_with(ASIDE.0) && name.ends_with(ASIDE.1)
}

/// A rollout in the making. Dropped before [`NewRollout::publish`], it leaves nothing.
pub struct NewRollout {
    place: PathBuf,
    file: NamedTempFile,
    /// How many bytes it has, and how many of them the system writes out already.
    written: u64,
    begun: u64,
}

/// After so many bytes the system is asked to begin writing them out, so that the sync at the end has little left to wait for.
const AHEAD: u64 = 4 << 20;

impl NewRollout {
    /// Begins a rollout that will stand at `place`, with the permissions of `like` where that file exists.
    ///
    /// # Errors
    /// When the folder or the temporary file can't be made.
    pub fn create(place: &Path, like: Option<&Path>) -> Result<Self, Error> {
        let folder = place.parent().unwrap_or(Path::new("."));
        private::make_folder(folder).map_err(Error::io("create", folder))?;
        let file = tempfile::Builder::new()
            .prefix(ASIDE.0)
            .suffix(ASIDE.1)
            .tempfile_in(folder)
            .map_err(Error::io("write into", folder))?;
        let new = Self { place: place.to_owned(), file, written: 0, begun: 0 };
        if let Some(permissions) = like.and_then(permissions) {
            new.file.as_file().set_permissions(permissions).map_err(new.io("write"))?;
        }
        Ok(new)
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(Error::io("write", &self.place))?;
        self.written += bytes.len() as u64;
        if self.written - self.begun >= AHEAD {
            begin_writing(self.file.as_file(), self.begun, NonZero::new(self.written - self.begun));
            self.begun = self.written;
        }
        Ok(())
    }

    /// Dates the file as one that was last written then.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn written_at(&self, time: SystemTime) -> Result<(), Error> {
        self.file.as_file().set_modified(time).map_err(self.io("date"))
    }

    /// Puts the rollout in its place, on disk.
    ///
    /// # Errors
    /// When the system fails, or when a file stands there by now.
    pub fn publish(self) -> Result<PathBuf, Error> {
        self.file.as_file().sync_all().map_err(self.io("write"))?;
        let Self { place, file, .. } = self;
        file.persist_noclobber(&place).map_err(|error| Error::io("create", &place)(error.error))?;
        if let Some(folder) = place.parent() {
            sync_folder(folder);
        }
        Ok(place)
    }

    /// Takes a rollout away that was put in its place just now, unless somebody has it open by now, or it turns out to be wanted once nobody finds
    /// it there.
    pub fn take_back(place: &Path, is_wanted: impl FnOnce() -> bool) {
        if open_elsewhere(&[place.to_owned()]).is_some_and(|open| !open.is_empty()) {
            return;
        }
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let aside = place.with_file_name(format!("{}{name}{}", ASIDE.0, ASIDE.1));
        let taken = fs::rename(place, &aside).and_then(|()| match is_wanted() {
            true => fs::rename(&aside, place),
            false => remove_file(&aside),
        });
        if let Err(error) = taken {
            tracing::info!(%error, place = %place.display(), "a rollout was not taken back");
        }
    }

    /// Puts the rollout, on disk, into the place of one that is shorter, if that is still as it was found. Nobody may write to that meanwhile. A
    /// packed one gives way to one that is not packed, beside it.
    ///
    /// # Errors
    /// [`Error::Changed`] when the old one is not as it was found; when the system fails.
    pub fn replace(self, old: &RolloutFile) -> Result<(), Error> {
        self.file.as_file().sync_all().map_err(self.io("write"))?;
        let now = RolloutFile::at(&old.path)?;
        if (now.len, now.modified, now.stamp.is_some()) != (old.len, old.modified, old.stamp.is_some()) {
            return Err(Error::Changed { path: old.path.clone() });
        }
        let Self { place, file, .. } = self;
        if place == old.path {
            file.persist(&place).map_err(|error| Error::io("replace", &place)(error.error))?;
        } else {
            file.persist_noclobber(&place).map_err(|error| Error::io("create", &place)(error.error))?;
            remove_file(&old.path).map_err(Error::io("remove", &old.path))?;
        }
        if let Some(folder) = place.parent() {
            sync_folder(folder);
        }
        Ok(())
    }

    fn io(&self, doing: &'static str) -> impl FnOnce(std::io::Error) -> Error {
        Error::io(doing, &self.place)
    }
}

/// Those of a file, with which Codex can write to it.
fn permissions(path: &Path) -> Option<Permissions> {
    let permissions = fs::metadata(path).ok()?.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        const OWN: u32 = 0o600;
        Some(Permissions::from_mode(permissions.mode() | OWN))
    }
    #[cfg(not(unix))]
    (!permissions.readonly()).then_some(permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_exists_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a/b/rollout.jsonl");
        let mut first = NewRollout::create(&place, None).unwrap();
        first.write(b"first\n").unwrap();
        assert!(!place.exists());
        assert_eq!(first.publish().unwrap(), place);
        let mut second = NewRollout::create(&place, None).unwrap();
        second.write(b"second\n").unwrap();
        assert!(second.publish().is_err());
        assert_eq!(fs::read(&place).unwrap(), b"first\n");
        assert_eq!(fs::read_dir(place.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_has_the_mode_of_its_neighbour() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let neighbour = folder.path().join("n");
        fs::write(&neighbour, "").unwrap();
        fs::set_permissions(&neighbour, Permissions::from_mode(0o640)).unwrap();
        let new = NewRollout::create(&folder.path().join("m"), Some(&neighbour)).unwrap().publish().unwrap();
        assert_eq!(fs::metadata(new).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
