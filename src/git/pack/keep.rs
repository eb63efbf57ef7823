//! A note beside a pack that says it is needed, while no ref names what is in it yet.
//!
//! Between the moment an import's pack gets its name and the moment its refs move, `git repack -ad` by hand would take what is in the
//! pack for useless. Git leaves a pack alone that has a file `.keep` beside it, and its own fetch does the same. The file is locked
//! for as long as it counts; the system takes the lock away from a process that ends, however it ends. So a note of ours
//! that nobody holds is left over from a kill, and goes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::disk::durable::{name, remove_file, temporary};
use crate::disk::regular;

/// What the file holds: nobody else's begins like that.
const WORDS: &[u8] = b"codex-git records into this pack\n";

/// A pack that is kept until this goes.
pub(crate) struct Kept {
    path: PathBuf,
    /// Locked.
    _file: File,
}

impl Kept {
    /// Has git keep a pack that is about to get its name; `None` if somebody has it kept for good.
    pub fn new(pack: &Path) -> io::Result<Option<Self>> {
        let path = pack.with_extension("keep");
        if path.exists() && !is_left_over(&path) {
            return Ok(None);
        }
        let mut aside = temporary(pack.parent().unwrap_or(pack), "tmp_keep_")?;
        aside.write_all(WORDS)?;
        // Locked before it has its name: nobody ever finds it unlocked while it counts.
        aside.as_file().try_lock()?;
        let (file, aside) = aside.into_parts();
        name(aside, &path)?;
        Ok(Some(Self { path, _file: file }))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What can't be removed is found to be left over by the next who looks.
        fs::remove_file(&self.path).ok();
    }
}

/// Removes what kills left of such notes in a folder of packs.
pub(crate) fn remove_left_over(folder: &Path) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|is| is == "keep") && is_left_over(&path) {
            remove_file(&path)?;
        }
    }
    Ok(())
}

/// Whether a note is one of ours, and nobody holds it.
fn is_left_over(path: &Path) -> bool {
    let ours = regular::read(path, WORDS.len() as u64).is_ok_and(|words| words == WORDS);
    ours && regular::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_counts_for_as_long_as_it_is_held_and_others_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let kept = Kept::new(&at("pack-1.pack")).unwrap().unwrap();
        fs::write(at("pack-2.keep"), WORDS).unwrap();
        fs::write(at("pack-3.keep"), "mine").unwrap();
        remove_left_over(folder.path()).unwrap();
        assert!(at("pack-1.keep").exists(), "it is held");
        assert!(!at("pack-2.keep").exists(), "a kill left it");
        assert!(Kept::new(&at("pack-3.pack")).unwrap().is_none(), "a person's stays");
        drop(kept);
        assert!(!at("pack-1.keep").exists() && at("pack-3.keep").exists());
    }
}
