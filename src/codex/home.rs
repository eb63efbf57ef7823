//! A codex home: where Codex keeps its sessions.

use std::fs;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};
use std::time::Duration;

use super::Error;
use super::new_rollout::is_aside;
use crate::model::Leftover;
use crate::rollout::{ACTIVE, ARCHIVED, RolloutFile, RolloutName};

/// A temporary file that nobody wrote to for this long was abandoned.
const LEFT: Duration = Duration::from_secs(60 * 60);

/// A folder in which Codex keeps its state (`$CODEX_HOME`, else `~/.codex`).
#[derive(Clone, Debug)]
pub struct CodexHome {
    path: PathBuf,
    catalogue: Option<PathBuf>,
}

impl CodexHome {
    /// A codex home at a path; nothing is read yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), catalogue: None }
    }

    /// The same home, with a catalogue of its rollouts kept at a path.
    pub fn with_catalogue(self, path: PathBuf) -> Self {
        Self { catalogue: Some(path), ..self }
    }

    /// Where the catalogue of its rollouts is kept, if one is.
    pub(super) fn catalogue(&self) -> Option<&Path> {
        self.catalogue.as_deref()
    }

    /// The home's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where Codex puts a rollout of this name.
    pub fn place_of(&self, name: &RolloutName) -> PathBuf {
        let [year, month, day] = name.folder();
        self.path.join(ACTIVE).join(year).join(month).join(day).join(name.to_string())
    }

    /// Tells whether rollouts lie where Codex would put them, compressed or not.
    pub fn in_place(&self) -> impl Fn(&RolloutFile) -> bool {
        // It is asked of all files of a home, so that it compares bytes.
        let active = self.path.join(ACTIVE).into_os_string().into_encoded_bytes();
        let separator = [MAIN_SEPARATOR as u8];
        move |file| {
            let mut rest = file.path.as_os_str().as_encoded_bytes().strip_prefix(active.as_slice());
            for part in file.name.folder() {
                rest = rest.and_then(|rest| rest.strip_prefix(&separator)?.strip_prefix(part.as_bytes()));
            }
            rest.and_then(|rest| rest.strip_prefix(&separator)).is_some_and(|name| !name.contains(&separator[0]))
        }
    }

    /// A path below the home as text, for where a rollout was last seen; `None` if it is elsewhere.
    pub fn relative(&self, path: &Path) -> Option<String> {
        Some(path.strip_prefix(&self.path).ok()?.to_str()?.to_owned())
    }

    /// Where a rollout of this name was last seen, read from text; `None` unless it is a plain path below `sessions` or
    /// `archived_sessions` that ends in that very name.
    pub fn place_from(&self, relative: &str, name: &RolloutName) -> Option<PathBuf> {
        let path = Path::new(relative.strip_suffix(".zst").unwrap_or(relative));
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let below = path.starts_with(ACTIVE) || path.starts_with(ARCHIVED);
        let fits = below && path.file_name()?.to_str()? == name.to_string();
        (plain && fits).then(|| self.path.join(path))
    }
}

impl CodexHome {
    /// Rollouts that were being written when their process died: nobody has written to them for an hour.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn leftovers(&self) -> Result<Vec<Leftover>, Error> {
        let mut files = Vec::new();
        for folder in [ACTIVE, ARCHIVED] {
            leftovers(&self.path.join(folder), &mut files)?;
        }
        Ok(files)
    }
}

fn leftovers(folder: &Path, files: &mut Vec<Leftover>) -> Result<(), Error> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry.map_err(Error::io("read", folder))?;
        let (path, Ok(data)) = (entry.path(), entry.metadata()) else { continue };
        let age = data.modified().ok().and_then(|modified| modified.elapsed().ok()).unwrap_or_default();
        if data.is_dir() {
            leftovers(&path, files)?;
        } else if entry.file_name().to_str().is_some_and(is_aside) && age >= LEFT {
            files.push(Leftover { path, bytes: data.len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01a20579-8247-72d2-b159-c5492aec819f";

    #[test]
    fn a_rollout_is_in_place_below_the_day_that_it_is_named_after() {
        let home = CodexHome::new(Path::new("/home/x/.codex/"));
        let in_place = home.in_place();
        let name = format!("rollout-2026-11-22T22-56-19-{ID}.jsonl");
        let data = tempfile::NamedTempFile::new().unwrap().as_file().metadata().unwrap();
        for (place, is_in) in [
            ("sessions/2026/11/22", true),
            ("sessions/2026/11/23", false),
            ("sessions/2026/11/22/old", false),
            ("sessions", false),
            ("archived_sessions", false),
        ] {
            for name in [name.clone(), format!("{name}.zst")] {
                let file = RolloutFile::of(&home.path().join(place).join(&name), &name, &data).unwrap();
                assert_eq!(in_place(&file), is_in, "{place}/{name}");
            }
        }
    }

    #[test]
    fn a_remembered_place_must_be_a_plain_path_to_that_name() {
        let home = CodexHome::new(Path::new("/home/x/.codex"));
        let name = RolloutName::parse(&format!("rollout-2026-11-22T22-56-19-{ID}.jsonl")).unwrap().0;
        assert_eq!(
            home.place_from(&format!("sessions/old/{name}"), &name),
            Some(home.path().join(format!("sessions/old/{name}")))
        );
        for bad in
            [format!("sessions/../../{name}"), format!("/etc/{name}"), format!("archive/{name}"), "sessions/x".into()]
        {
            assert_eq!(home.place_from(&bad, &name), None, "{bad}");
        }
    }
}
