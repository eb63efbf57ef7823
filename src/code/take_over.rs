//! Taking over: the files that a snapshot borrows are copied, so that it is whole whatever becomes of the project's commits.

use std::collections::HashSet;

use super::store::CodeStore;
use super::trees::Kept;
use super::{Error, keeper};
use crate::git::object::{Deflater, Kind};
use crate::git::pack::writer::{Compressed, Pack};
use crate::model::ObjectId;

/// What was taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TakenOver {
    /// How many files.
    pub files: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many are gone: the project has them no more.
    pub gone: usize,
}

impl CodeStore {
    /// Copies all files of a snapshot that only the project has. What is gone there is counted, and the others are copied.
    ///
    /// # Errors
    /// When something can't be read or written; then nothing is copied.
    pub fn take_over(&self, kept: &Kept) -> Result<TakenOver, Error> {
        let _held = self.hold()?;
        let io = || Error::io::<std::io::Error>("write into", self.path());
        let own = self.odb.packs_now()?.all().to_vec();
        let lender = self.lender();
        let (mut done, mut seen, mut deflater) = (TakenOver::default(), HashSet::new(), Deflater::default());
        let mut pack = Pack::create(&self.odb.pack_folder()).map_err(io())?;
        let is_own = |id: ObjectId| own.iter().any(|pack| pack.holds(id));
        for (path, (_, id)) in self.files(kept.tree)? {
            if !seen.insert(id) || is_own(id) {
                continue;
            }
            let bytes = match lender.bytes(&path, id) {
                Err(Error::Gone(_)) => {
                    done.gone += 1;
                    continue;
                }
                bytes => bytes?,
            };
            pack.add(id, &Compressed::whole(Kind::Blob, &bytes, &mut deflater)).map_err(io())?;
            done.files += 1;
            done.bytes += bytes.len() as u64;
        }
        keeper::finish(pack).map_err(io())?;
        Ok(done)
    }
}
