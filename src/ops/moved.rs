//! Moved: a project's directory is elsewhere now. That is written into the store's settings; no rollout and no commit is changed, so what was
//! recorded stays what it was, and a move can be forgotten again.

use std::path::Path;

use super::{Error, Workspace};
use crate::model::config_key::MAP;
use crate::model::moves::{Move, Moves};
use crate::store::Row;

/// A directory that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MovedDirectory {
    /// Where it was.
    pub old: String,
    /// Where it was moved to.
    pub new: String,
    /// Where it is now: it can have been moved on.
    pub now: String,
    /// How many sessions recorded it, or a directory below. Those that other sessions started are not counted, as in a list.
    pub sessions: usize,
}

impl Workspace {
    /// The directories that were moved, the oldest move first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn moved(&self) -> Result<Vec<MovedDirectory>, Error> {
        let moves = self.moves();
        let recorded =
            if moves.is_empty() { Vec::new() } else { self.recorded_in(&|path| !moves.of(path).is_empty())? };
        let ways: Vec<Vec<&Move>> = recorded.iter().map(|path| moves.of(path)).collect();
        let told = |one: &Move| MovedDirectory {
            old: one.old.clone(),
            new: one.new.clone(),
            now: moves.now(&one.new).into_owned(),
            sessions: ways.iter().filter(|way| way.contains(&one)).count(),
        };
        Ok(moves.iter().map(told).collect())
    }

    /// How many sessions count as being in a directory, or below. Those that other sessions started are not counted.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn sessions_in(&self, directory: &str) -> Result<usize, Error> {
        let below = self.below(Path::new(directory));
        Ok(self.recorded_in(&|path| below.holds(path))?.len())
    }

    /// A directory of the same name that sessions worked in last, and that is gone: perhaps it was moved to this place.
    pub fn perhaps_moved_to(&self, place: &Path) -> Option<String> {
        let moves = self.moves();
        let is_gone = |path: &Path| path.file_name() == place.file_name() && path != place && !path.exists();
        let fits = |path: &str| moves.of(path).is_empty() && is_gone(Path::new(path));
        self.recorded_in(&fits).ok()?.into_iter().next()
    }

    /// Takes note that a directory was moved. Tells where it was said to be before, if it was.
    ///
    /// # Errors
    /// When the new place is no directory, when the move would lead in a circle, or when the settings can't be written.
    pub fn move_directory(&self, old: &str, new: &str) -> Result<Option<String>, Error> {
        let one = Move::new(old, new)?;
        Self::check_place(&one)?;
        self.moves().with(one.clone())?;
        let earlier = self.written_moves_of(&one.old);
        let value = one.to_string();
        if !earlier.contains(&value) {
            self.write_settings(|store| store.add_config(&MAP.in_git(), &value))?;
        }
        for earlier in earlier.iter().filter(|earlier| **earlier != value) {
            self.write_settings(|store| store.remove_config(&MAP.in_git(), earlier))?;
        }
        Ok(earlier.last().and_then(|earlier| Some(Move::parse(earlier).ok()?.new)))
    }

    /// Forgets that a directory was moved. Tells where it was said to be.
    ///
    /// # Errors
    /// When it was not, or the settings can't be written.
    pub fn forget_move(&self, old: &str) -> Result<String, Error> {
        let moves = self.moves();
        let old = old.trim_end_matches(std::path::is_separator);
        let written = self.written_moves_of(old);
        let Some(new) = written.last().and_then(|last| Some(Move::parse(last).ok()?.new)) else {
            let known = moves.iter().map(|one| one.old.as_str());
            let near = crate::model::text::nearest(old, known).map(str::to_owned);
            return Err(Error::NotMoved { old: old.to_owned(), near });
        };
        for value in &written {
            self.write_settings(|store| store.remove_config(&MAP.in_git(), value))?;
        }
        Ok(new)
    }

    /// Whether a list of moves could be this.
    pub(super) fn check_moves(&self, moves: impl IntoIterator<Item = Move>) -> Result<(), Error> {
        let mut all = Moves::default();
        for one in moves {
            Self::check_place(&one)?;
            all = all.with(one)?;
        }
        Ok(())
    }

    fn check_place(one: &Move) -> Result<(), Error> {
        if Path::new(&one.new).is_dir() { Ok(()) } else { Err(Error::NoDirectory(one.new.clone().into())) }
    }

    /// The values of the settings that move this directory.
    fn written_moves_of(&self, old: &str) -> Vec<String> {
        let is_its = |value: &&str| Move::parse(value).is_ok_and(|one| one.old == old);
        self.store.config().values(&MAP.in_git()).filter(is_its).map(str::to_owned).collect()
    }

    /// The directories of the sessions that recorded one that fits, each as often as it is one's.
    fn recorded_in(&self, fits: &dyn Fn(&str) -> bool) -> Result<Vec<String>, Error> {
        let all = |directories: &[&str]| directories.iter().map(|path| fits(path)).collect();
        let rows: Vec<Row> = self.rows(&|table| table.in_directories(&all))?.rows;
        Ok(rows.into_iter().filter(|row| !row.origin.is_subagent()).filter_map(|row| row.cwd).collect())
    }
}
