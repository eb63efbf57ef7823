//! Masked forks: sessions with the turns of another, in which what holds that one back is overwritten.
//!
//! A masked fork stands alone in the store, under an id of its own: nothing of the session that it is of is reached from it. Its bytes follow from
//! the session's bytes and from what was found in them, so it is made once, and goes on as the session does while nothing new is found.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::{Effect, Error, Point, Workspace};
use crate::model::SessionId;
use crate::rollout::{Error as RolloutError, RolloutName, masked_meta};
use crate::secrets::{Finding, FingerprintKey, Mask, ReadyMask, RuleError, Tier};
use crate::store::Error as StoreError;

/// What the name of the folder begins with in which a masked rollout is while it is recorded.
const ASIDE: &str = ".tmp-masked-";

impl Workspace {
    /// The masked fork of a conversation up to a point, recorded: where it ends is what the point is in it. Whether all of it could be masked, the
    /// gate says: see [`Workspace::secrets`].
    ///
    /// # Errors
    /// When the conversation can't be read, or the fork not be written.
    pub fn masked(&self, point: &Point) -> Result<Point, Error> {
        let (rules, key) = (self.secret_rules()?, FingerprintKey::new(self.store.own_key()?));
        let (allowed, is_strict) = (self.allowed_secrets(), self.gate_is_strict());
        let counts = |finding: &Finding| {
            (is_strict || finding.tier() == Tier::Sure) && !allowed.contains_key(&finding.fingerprint(&key))
        };
        let mut mask = Mask::new(&rules, counts);
        self.each_line(point, &mut |line| {
            mask.learn(line);
            Ok(())
        })?;
        let too_many = |error| Error::BadRule { value: String::new(), reason: RuleError::Pattern(format!("{error}")) };
        let ready = mask.ready().map_err(too_many)?;
        // What ends where its session ends can go on with it.
        let session = point.message.session;
        let is_end = self.store.branch(session)?.is_some_and(|branch| branch.last().id == point.id);
        let ids = [is_end.then(|| session.to_string()), Some(format!("{session} {}", point.id))];
        for of in ids.iter().flatten() {
            let id = SessionId::masked(mask.tag(&key, of.as_bytes()));
            if let Some(masked) = self.record_masked(point, id, &ready)? {
                return Ok(masked);
            }
        }
        Err(Error::Busy(format!("the masked fork of {session}")))
    }

    /// Records a masked fork; `None` if another one has the id that goes on where this one does not.
    fn record_masked(&self, point: &Point, id: SessionId, mask: &ReadyMask<'_>) -> Result<Option<Point>, Error> {
        let temporary = StoreError::temporary;
        let folder = tempfile::Builder::new().prefix(ASIDE).tempdir_in(self.store.path()).map_err(temporary)?;
        let name = RolloutName::parse(&point.message.rollout).map(|(name, _)| name.of(id));
        let name = name.ok_or(RolloutError::TooOld(point.message.session))?;
        let path = folder.path().join(name.to_string());
        let len = self.write_masked(point, id, mask, &path)?;
        self.record_path(&path, Effect::Write)?;
        let last = self.store.branch(id)?.map(|branch| branch.last().clone());
        Ok(last.filter(|last| last.message.offset == len))
    }

    /// Writes a masked rollout. Gives its length.
    fn write_masked(&self, point: &Point, id: SessionId, mask: &ReadyMask<'_>, path: &Path) -> Result<u64, Error> {
        let session = point.message.session;
        let mut out = BufWriter::new(File::create(path).map_err(StoreError::temporary)?);
        let (mut len, mut is_first) = (0, true);
        self.each_line(point, &mut |line| {
            let mut line = match std::mem::take(&mut is_first) {
                true => masked_meta(line, id, session).ok_or(RolloutError::TooOld(session))?,
                false => line.to_vec(),
            };
            let end = line.len() - usize::from(line.ends_with(b"\n"));
            mask.apply(&mut line[..end]);
            len += line.len() as u64;
            Ok(out.write_all(&line).map_err(StoreError::temporary)?)
        })?;
        out.flush().map_err(StoreError::temporary)?;
        Ok(len)
    }

    /// Hands over the lines of a conversation up to a point, as of one rollout that stands alone.
    fn each_line(&self, point: &Point, take: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let mut rest = Vec::new();
        for bytes in self.alone(point)? {
            // A line can go on in the next blob.
            rest.extend(bytes?);
            let whole = memchr::memrchr(b'\n', &rest).map_or(0, |end| end + 1);
            let after = rest.split_off(whole);
            rest.split_inclusive(|byte| *byte == b'\n').try_for_each(&mut *take)?;
            rest = after;
        }
        if rest.is_empty() { Ok(()) } else { take(&rest) }
    }
}
