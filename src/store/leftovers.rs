//! Files that a kill or a crash left behind: written aside, and never given their names.
//!
//! Whoever writes a file aside writes to it all the time, so one that nobody has written to for an hour is nobody's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::side::SIDES;
use super::{Error, Store};
use crate::model::Leftover;

/// What nobody wrote to for this long was abandoned.
const OLD: Duration = Duration::from_secs(60 * 60);

impl Store {
    /// What is left behind in the store, and beside it where stores are made.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn leftovers(&self) -> Result<Vec<Leftover>, Error> {
        self.find_leftovers().map_err(Error::io("look for leftovers"))
    }

    fn find_leftovers(&self) -> io::Result<Vec<Leftover>> {
        let mut found = Vec::new();
        let aside = |name: &str| name.starts_with("tmp_") || name.starts_with(".tmp");
        for folder in subfolders(self.odb.folder())? {
            old(&folder, &aside, &mut found)?;
        }
        // A pack whose index was removed, or never came: what it holds is elsewhere, or no ref names it.
        let packs = self.odb.pack_folder();
        let unfinished = |name: &str| name.ends_with(".pack") && !packs.join(name).with_extension("idx").exists();
        old(&packs, &unfinished, &mut found)?;
        old(self.path(), &aside, &mut found)?;
        // Git's own locks, of the settings and of what HEAD is.
        old(self.path(), &|name| ["config.lock", "HEAD.lock"].contains(&name), &mut found)?;
        old(&self.text_log_folder(), &aside, &mut found)?;
        let sides = self.path().join(SIDES);
        old(&sides, &aside, &mut found)?;
        for side in subfolders(&sides).unwrap_or_default() {
            old(&side, &aside, &mut found)?;
            old(&side.join("objects/pack"), &aside, &mut found)?;
        }
        if let Some(parent) = self.path().parent() {
            old(parent, &|name| name.starts_with(super::init::ASIDE), &mut found)?;
        }
        Ok(found)
    }
}

fn subfolders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let is_folder = |entry: &&fs::DirEntry| match entry.file_type() {
        Ok(kind) if !kind.is_symlink() => kind.is_dir(),
        _ => entry.path().is_dir(),
    };
    Ok(entries.iter().filter(is_folder).map(fs::DirEntry::path).collect())
}

/// The files and folders of these names that nobody has written to for long.
fn old(folder: &Path, named: &dyn Fn(&str) -> bool, found: &mut Vec<Leftover>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        // Few are named like one: nothing is asked about the others.
        if !entry.file_name().to_str().is_some_and(named) {
            continue;
        }
        let Ok(data) = entry.metadata() else { continue };
        let age = data.modified().ok().and_then(|modified| modified.elapsed().ok()).unwrap_or_default();
        if age >= OLD {
            found.push(Leftover { path: entry.path(), bytes: data.len() });
        }
    }
    Ok(())
}
