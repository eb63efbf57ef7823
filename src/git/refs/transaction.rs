//! Moving refs: several together, each from the value that was read.
//!
//! All are locked and compared before any of them moves, so a transaction that loses a race moves nothing. What is written to the locks is
//! synced together with the objects that wait to be put in place: a ref never names what is not on disk. Then they move in the order in
//! which they are given; a kill in between leaves the first of them moved. A ref is there before its log, and loses that before it goes: so a
//! log without a ref tells of one that was lost.

use std::collections::BTreeMap;

use super::lock::RefLock;
use super::{MOST, Refs, packed, reflog};
use crate::disk::durable::remove_file;
use crate::disk::regular;
use crate::git::refs::reflog::Move;
use crate::git::{Error, Odb};
use crate::model::ObjectId;

/// A change of one ref: what it must hold before, and what it holds after. `None` means that it is not there.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub name: String,
    pub from: Option<ObjectId>,
    pub to: Option<ObjectId>,
    /// What its log says of the move; without it, the log gets no line. A ref that is dropped loses its log.
    pub note: Option<String>,
}

impl Refs {
    /// Makes all edits, and points HEAD at `head`; or nothing, if one of the refs is not what it must be.
    pub fn commit(&self, edits: &[Edit], head: Option<&str>, odb: &Odb) -> Result<(), Error> {
        self.guard.while_moving(|| {
            let mut locks = self.locked(edits)?;
            let head = head.map(|branch| self.locked_head(branch)).transpose()?.flatten();
            let moved: Vec<_> = locks.values().map(|lock| &lock.file).collect();
            odb.publish(&moved)?;
            for edit in edits {
                let Some(lock) = locks.remove(edit.name.as_str()) else { continue };
                self.carry_out(edit, lock)?;
            }
            match head.map_or(Ok(()), RefLock::commit) {
                // What it names was recorded all the same.
                Err(error) if !edits.is_empty() => {
                    tracing::warn!(%error, "HEAD stays where it was");
                    Ok(())
                }
                head => head,
            }
        })
    }

    /// The locks of the refs, each holding what the ref gets. They are taken in the order of the names.
    fn locked<'e>(&self, edits: &'e [Edit]) -> Result<BTreeMap<&'e str, RefLock>, Error> {
        let mut locks = BTreeMap::new();
        let mut sorted: Vec<&Edit> = edits.iter().collect();
        sorted.sort_unstable_by_key(|edit| &edit.name);
        for edit in sorted {
            let mut lock = self.lock(&edit.name)?;
            if self.read(&edit.name)? != edit.from {
                return Err(Error::LostRace(edit.name.clone()));
            }
            if let Some(to) = edit.to {
                lock.write(format!("{to}\n").as_bytes())?;
            }
            locks.insert(edit.name.as_str(), lock);
        }
        Ok(locks)
    }

    /// HEAD's lock, holding that it names a branch; `None` if it does already.
    fn locked_head(&self, branch: &str) -> Result<Option<RefLock>, Error> {
        let text = format!("ref: {branch}\n");
        if regular::read(&self.path.join("HEAD"), MOST).is_ok_and(|now| now == text.as_bytes()) {
            return Ok(None);
        }
        match self.lock("HEAD") {
            Ok(mut lock) => lock.write(text.as_bytes()).map(|()| Some(lock)),
            // Somebody else points it at the session that was recorded last: no reason to record nothing here.
            Err(Error::LostRace(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn carry_out(&self, edit: &Edit, lock: RefLock) -> Result<(), Error> {
        let Edit { name, from, to, note } = edit;
        let Some(to) = *to else { return self.drop_locked(name, &lock) };
        tracing::info!(name, to = %to, "moves a ref");
        let moved = note.as_ref().map(|note| Move { from: *from, to, at: lock.made_at(), note });
        if from.is_none() {
            return lock.commit_made(|| self.log_made(name, moved));
        }
        moved.map_or(Ok(()), |moved| self.log(name, &moved))?;
        lock.commit()
    }

    /// Begins the log of a ref that is there by now, whatever becomes of the log.
    fn log_made(&self, name: &str, made: Option<Move<'_>>) {
        if let Some(Err(error)) = made.map(|made| self.log(name, &made)) {
            tracing::warn!(%error, name, "a ref was made without a log");
        }
    }

    fn drop_locked(&self, name: &str, lock: &RefLock) -> Result<(), Error> {
        // A ref that is gone and has a log was lost, and not dropped.
        reflog::drop(&self.path, name).map_err(Error::io("drop a ref's log"))?;
        // First where it would come to light again once its own file is gone.
        self.drop_packed(name)?;
        remove_file(&lock.place).map_err(Error::io("drop a ref"))
    }

    /// Takes a ref out of the packed ones.
    pub(super) fn drop_packed(&self, name: &str) -> Result<(), Error> {
        if packed::find(&self.path, name).map_err(Error::io("read the packed refs"))?.is_none() {
            return Ok(());
        }
        self.change_packed(|refs, _| {
            refs.remove(name);
            Ok(())
        })
    }

    fn log(&self, name: &str, moved: &Move<'_>) -> Result<(), Error> {
        reflog::add(&self.path, name, moved).map_err(Error::io("write a ref's log"))
    }

    /// Adds refs that are not there yet to the packed ones, each group whole or not at all; tells which.
    pub fn add(&self, groups: &[Vec<Edit>]) -> Result<Vec<bool>, Error> {
        let (mut added, mut made) = (Vec::new(), Vec::new());
        self.guard.alone(|| {
            // Nobody moves a ref meanwhile, so what is not there now is not there when the file gets its name.
            self.change_packed(|refs, at| {
                for group in groups {
                    let is_new =
                        group.iter().all(|edit| !refs.contains_key(&edit.name) && !self.path.join(&edit.name).exists());
                    added.push(is_new);
                    for Edit { name, to, note, .. } in group.iter().filter(|_| is_new) {
                        let Some(to) = *to else { continue };
                        made.extend(note.as_ref().map(|note| (name, Move { from: None, to, at, note })));
                        refs.insert(name.clone(), packed::Packed { id: to, peeled: None });
                    }
                }
                Ok(())
            })?;
            made.into_iter().for_each(|(name, made)| self.log_made(name, Some(made)));
            Ok(())
        })?;
        Ok(added)
    }

    /// Moves refs from files of their own to the packed ones. `peel` tells what a ref's value stands on in the end, or that it stays where
    /// it is. Tells how many moved.
    pub fn pack(&self, peel: impl Fn(&str, ObjectId) -> Result<Option<ObjectId>, Error>) -> Result<usize, Error> {
        let mut moved = Vec::new();
        self.guard.alone(|| {
            for (name, id) in self.loose("refs/")? {
                match peel(&name, id) {
                    Ok(peeled) => moved.push((name, packed::Packed { id, peeled })),
                    // A tag of what is not there stays as it is.
                    Err(error) => tracing::info!(%error, name, "a tag was not packed"),
                }
            }
            self.change_packed(|refs, _| {
                refs.extend(moved.iter().cloned());
                Ok(())
            })?;
            for (name, packed) in &moved {
                // Git knows nothing of our lock, so each is removed under its own, and only if it is still the same.
                match self.lock(name) {
                    Ok(lock) => remove_if_same(&lock, packed.id)?,
                    Err(Error::LostRace(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })?;
        Ok(moved.len())
    }

    /// Rewrites the packed refs, knowing the time, in seconds since 1970.
    pub(super) fn change_packed(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, packed::Packed>, i64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let lock = self.lock(packed::NAME)?;
        let (mut refs, bad) = packed::read(&self.path).map_err(Error::io("read the packed refs"))?;
        // What is damaged may still tell where a session stood: it is mended, not dropped.
        if !bad.is_empty() {
            return Err(Error::BadRef(packed::NAME.to_owned()));
        }
        change(&mut refs, lock.made_at())?;
        lock.put_packed(&refs)
    }
}

fn remove_if_same(lock: &RefLock, id: ObjectId) -> Result<(), Error> {
    match regular::read(&lock.place, MOST) {
        Ok(text) if text.trim_ascii_end() == id.to_string().as_bytes() => {
            remove_file(&lock.place).map_err(Error::io("remove a packed ref's file"))
        }
        _ => Ok(()),
    }
}
