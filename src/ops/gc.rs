//! Gc: keep the store small and fast. Nothing that was recorded is ever dropped, named or not.

use super::retry::retry;
use super::{Effect, Error, Recorded, Workspace};
use crate::model::Leftover;
use crate::store::{Due, Gathered};

/// After so many turns of a session it is looked whether there is something to gather.
const TURNS: u32 = 64;

/// What a collection did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collected {
    /// What was gathered.
    pub gathered: Gathered,
    /// What was left behind by kills, and removed.
    pub leftovers: Vec<Leftover>,
    /// How many bytes the store took on disk before.
    pub before: u64,
    /// And how many after.
    pub after: u64,
}

impl Workspace {
    /// Gathers loose objects and refs, merges packs, and removes what kills left behind; `None` if another process is at it.
    /// `progress` is told how many of how many objects are packed.
    ///
    /// # Errors
    /// When something can't be read or written. Nothing is lost then.
    pub fn gc(&self, progress: &mut dyn FnMut(usize, usize)) -> Result<Option<Collected>, Error> {
        let before = self.store.bytes();
        let gathered = retry(|| Ok(self.store.gather(Due::Now, progress)?))?;
        let Some(gathered) = gathered else { return Ok(None) };
        let leftovers = self.leftovers()?;
        for left in &leftovers {
            remove(left);
        }
        self.compact_text_log();
        Ok(Some(Collected { gathered, leftovers, before, after: self.store.bytes() }))
    }

    /// Gathers what has become much, if the settings let it and the turns that were recorded just now say that it is time to look. What can't be done now is
    /// done another time.
    pub fn gc_if_due(&self, recorded: &[Recorded], effect: Effect) {
        let crossed =
            |recorded: &Recorded| recorded.last / TURNS != (recorded.last.saturating_sub(recorded.turns)) / TURNS;
        let turns: u32 = recorded.iter().map(|recorded| recorded.turns).sum();
        if effect == Effect::Pretend || !self.packs_itself() || !(turns >= TURNS || recorded.iter().any(crossed)) {
            return;
        }
        match self.store.gather(Due::IfMany, &mut |_, _| {}) {
            Ok(gathered) => tracing::info!(?gathered, "gathered"),
            Err(error) => tracing::info!(%error, "nothing was gathered"),
        }
        let released = self.release(false, None);
        tracing::info!(?released, "held files whose time had come");
    }

    /// What kills left behind in the store and among the rollouts, and nobody uses.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn leftovers(&self) -> Result<Vec<Leftover>, Error> {
        let mut leftovers = self.store.leftovers()?;
        leftovers.extend(self.home.leftovers()?);
        Ok(leftovers)
    }
}

fn remove(left: &Leftover) {
    let removed =
        if left.path.is_dir() { std::fs::remove_dir_all(&left.path) } else { std::fs::remove_file(&left.path) };
    if let Err(error) = removed {
        tracing::info!(%error, path = %left.path.display(), "a leftover stays");
    }
}
