//! Rejoin: a session of which some files were missing when it was recorded is recorded once more when they are there.
//!
//! Files can appear in any order: copied one by one, put back from elsewhere, or while others are evicted. A file that the session went on in
//! and that is only in the store by then is taken from there, so that the session stays what its last file says, unless it was gone on with in
//! the file before; so is one that was cut since, so that the session keeps what was recorded of it.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use tempfile::TempDir;

use super::base::Bases;
use super::compare::{open_as_stored, shorter_by};
use crate::model::SessionId;
use crate::ops::Error;
use crate::ops::lineage::{self, StoredFile, files, is_before, name};
use crate::rollout::{HistoryBase, Rollout, RolloutFile, RolloutName, SessionMeta, Stamps};
use crate::store::{Branch, Commit, Error as StoreError};

/// A session that may gain by being recorded once more.
pub(super) struct Rejoined {
    /// All of its files.
    pub files: RolloutFile,
    /// Whether there are files that the store lacks. If not, it gains only if its base is no longer missing.
    pub is_news: bool,
    /// Where those of the files are that the store has more of.
    _aside: TempDir,
}

impl Rejoined {
    /// All files of a session, if some were missing when its branch was recorded and may be there now. `seen` is what the system said of the
    /// files when all that they held was recorded last.
    pub fn of(
        bases: &Bases<'_>,
        seen: Option<&Stamps>,
        found: &RolloutFile,
        branch: &Branch,
    ) -> Result<Option<Self>, Error> {
        let look = Files { bases, seen };
        let is_news = look.lacks_files(found, branch)?;
        if !is_news && !look.base_may_be_there(found, &branch.tip)? {
            return Ok(None);
        }
        let aside = tempfile::tempdir().map_err(StoreError::temporary)?;
        Ok(Some(Self { files: look.with_stored(found, branch, aside.path())?, is_news, _aside: aside }))
    }
}

struct Files<'a> {
    bases: &'a Bases<'a>,
    seen: Option<&'a Stamps>,
}

impl Files<'_> {
    /// A session's files, from the store where that has more: the files after them that it alone has, and those that were cut since.
    fn with_stored(&self, found: &RolloutFile, branch: &Branch, folder: &Path) -> Result<RolloutFile, Error> {
        let mut all: BTreeMap<_, _> = found.files().map(|file| (file.name.segment, file.clone())).collect();
        // What the session was rewritten from is no longer where it goes on.
        let goes_on = is_before(found, &branch.tip);
        for last in files(&self.bases.workspace.store, &[branch.last().id])? {
            let Some(name) = name(&last) else { continue };
            let is_more = match all.get(&name.segment) {
                None => goes_on && name.segment > found.name.segment,
                Some(file) => self.has_less(file, &last)?,
            };
            if is_more {
                all.insert(name.segment, self.stored(&name, &last, folder)?);
            }
        }
        Ok(all.into_values().reduce(RolloutFile::followed_by).unwrap_or_else(|| found.clone()))
    }

    /// Whether a file has less than was recorded of it, and nothing else.
    fn has_less(&self, file: &RolloutFile, last: &Commit) -> Result<bool, Error> {
        let store = &self.bases.workspace.store;
        Ok(shorter_by(store, &open_as_stored(store, file, last)?, last)?.is_some())
    }

    /// A file as the store has it, written into a folder.
    fn stored(&self, name: &RolloutName, last: &Commit, folder: &Path) -> Result<RolloutFile, Error> {
        let workspace = self.bases.workspace;
        let path = folder.join(name.to_string());
        let mut file = File::create(&path).map_err(StoreError::temporary)?;
        let stored = StoredFile::of(&workspace.store, last)?;
        workspace.stream_file(&stored, &mut |bytes| Ok(file.write_all(bytes).map_err(StoreError::temporary)?))?;
        Ok(RolloutFile::at(&path)?)
    }

    /// Whether what one of the session's files goes on from may be there now, where it was missing when the branch was recorded.
    fn base_may_be_there(&self, found: &RolloutFile, tip: &Commit) -> Result<bool, Error> {
        let Some(missing) = tip.message.missing_base else { return Ok(false) };
        for file in found.files() {
            let Some(base) = SessionMeta::of(file)?.base else { continue };
            let is_own = |other: &&RolloutFile| other.name.rollout_id() == base.rollout;
            let there = match found.files().find(is_own) {
                Some(own) => missing == base.rollout && own.packed_or_longer(base.end),
                None => self.is_whole_elsewhere(found.name.id, file, base)?,
            };
            if there {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether another session holds a base, with all that comes before it.
    fn is_whole_elsewhere(&self, own: SessionId, file: &RolloutFile, base: HistoryBase) -> Result<bool, Error> {
        for session in self.bases.named_by(file).into_iter().filter(|session| *session != own) {
            let found = lineage::find(&self.bases.workspace.store, &self.bases.heads(session)?, base)?;
            if found.is_some_and(|base| base.commit.message.missing_base.is_none()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether there is a file that the session was in before, of which the store has nothing or less.
    fn lacks_files(&self, found: &RolloutFile, branch: &Branch) -> Result<bool, Error> {
        let earlier: Vec<&RolloutFile> = found.files().filter(|file| is_before(file, &branch.tip)).collect();
        let known = self.seen.is_some_and(|stamp| found.has_same_earlier(stamp));
        if earlier.is_empty() || known {
            return Ok(false);
        }
        let stored = files(&self.bases.workspace.store, &[branch.last().id])?;
        let ends: HashMap<_, u64> =
            stored.iter().filter_map(|last| Some((name(last)?.segment, last.message.offset))).collect();
        for file in earlier {
            // Where the file after the last one is gone, Codex goes on in that.
            let is_led = file.path != found.path;
            match ends.get(&file.name.segment) {
                None => return Ok(true),
                Some(end) if is_led && file.packed_or_longer(end + 1) && Rollout::open(file)?.whole_len()? > *end => {
                    return Ok(true);
                }
                Some(_) => {}
            }
        }
        Ok(false)
    }
}
