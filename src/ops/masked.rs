//! Masked forks: sessions with the turns of another, in which what holds that one back is overwritten.
//!
//! A masked fork stands alone in the store, under an id of its own: nothing of the session that it is of is reached from it. Its bytes follow from
//! the session's bytes and from what was found in them, so it is made once, and goes on as the session does while nothing new is found.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use super::{Effect, Error, Point, Workspace};
use crate::model::SessionId;
use crate::rollout::{Error as RolloutError, RolloutName, masked_meta};
use crate::secrets::{Finding, FingerprintKey, Mask, ReadyMask, RuleError};
use crate::store::Error as StoreError;

/// What the name of the folder begins with in which a masked rollout is while it is recorded.
const ASIDE: &str = ".tmp-masked-";

/// So many masked forks of a session can be gone on with before the next is one of a single point.
const OTHERS: usize = 64;

/// What masks conversations, and the key that their ids are made with.
struct Masker<'m> {
    mask: &'m ReadyMask<'m>,
    key: &'m FingerprintKey,
}

impl Workspace {
    /// The masked fork of a conversation up to a point, recorded: where it ends is what the point is in it.
    ///
    /// # Errors
    /// [`Error::NotMasked`] when not all of it can be, and when the conversation can't be read or the fork not be written.
    pub fn masked(&self, point: &Point) -> Result<Point, Error> {
        let mut forks = self.masked_together(std::slice::from_ref(point))?;
        forks.pop().unwrap_or(Err(Error::NotMasked(point.message.session)))
    }

    /// The same of several: what one of them holds is masked in all.
    ///
    /// # Errors
    /// When the settings say what is no rule.
    pub(super) fn masked_together(&self, points: &[Point]) -> Result<Vec<Result<Point, Error>>, Error> {
        let (rules, key) = (self.secret_rules()?, FingerprintKey::new(self.store.own_key()?));
        let allowed = self.allowed_secrets();
        let is_allowed = |finding: &Finding| allowed.contains_key(&finding.fingerprint(&key));
        // What is masked may as well be masked where it only may be a secret.
        let counts = |finding: &Finding| !is_allowed(finding);
        let mut mask = Mask::new(&rules, counts);
        let learn = |point: &Point| {
            self.each_line(point, &mut |line| {
                mask.learn(line);
                Ok(())
            })
        };
        let learned: Vec<Result<(), Error>> = points.iter().map(learn).collect();
        let too_many = |error| Error::BadRule { value: String::new(), reason: RuleError::Pattern(format!("{error}")) };
        let masker = Masker { mask: &mask.ready().map_err(too_many)?, key: &key };
        Ok(points
            .iter()
            .zip(learned)
            .map(|(point, learned)| learned.and_then(|()| self.mask(point, &masker)))
            .collect())
    }

    fn mask(&self, point: &Point, masker: &Masker<'_>) -> Result<Point, Error> {
        let folder = tempfile::Builder::new().prefix(ASIDE).tempdir_in(self.store.path());
        let folder = folder.map_err(StoreError::temporary)?;
        let body = folder.path().join("turns");
        let first = self.write_masked(point, masker.mask, &body)?;
        // What ends where its session ends can go on with it.
        let session = point.message.session;
        let is_end = self.store.branch(session)?.is_some_and(|branch| branch.last().id == point.id);
        let goes_on = (1..=OTHERS).filter(|_| is_end).map(|number| match number {
            1 => session.to_string(),
            _ => format!("{session} {number}"),
        });
        for of in goes_on.chain([format!("{session} {}", point.id)]) {
            let id = SessionId::masked(masker.mask.tag(masker.key, of.as_bytes()));
            let mut line = masked_meta(&first, id, session).ok_or(RolloutError::TooOld(session))?;
            mask_line(&mut line, session, masker.mask)?;
            if let Some(masked) = self.record_masked(point, id, (&line, &body))? {
                return Ok(masked);
            }
        }
        Err(Error::Busy(format!("the masked fork of {session}")))
    }

    /// Writes all lines but the first, masked. Gives the first.
    fn write_masked(&self, point: &Point, mask: &ReadyMask<'_>, path: &Path) -> Result<Vec<u8>, Error> {
        let mut out = BufWriter::new(File::create(path).map_err(StoreError::temporary)?);
        let mut first = None;
        mask.begin();
        self.each_line(point, &mut |line| {
            let mut masked = line.to_vec();
            mask_line(&mut masked, point.message.session, mask)?;
            if first.is_none() {
                first = Some(line.to_vec());
                return Ok(());
            }
            Ok(out.write_all(&masked).map_err(StoreError::temporary)?)
        })?;
        out.flush().map_err(StoreError::temporary)?;
        Ok(first.unwrap_or_default())
    }

    /// Records a masked fork; `None` if another one has the id that goes on where this one does not, or that somebody goes on with here: what was typed into
    /// that belongs to it, and to nothing that its session gains.
    fn record_masked(
        &self,
        point: &Point,
        id: SessionId,
        (line, body): (&[u8], &Path),
    ) -> Result<Option<Point>, Error> {
        let name = RolloutName::parse(&point.message.rollout).map(|(name, _)| name.of(id));
        let name = name.ok_or(RolloutError::TooOld(point.message.session))?;
        let path = body.with_file_name(name.to_string());
        let write = || {
            let mut out = File::create(&path)?;
            out.write_all(line)?;
            Ok(line.len() as u64 + io::copy(&mut File::open(body)?, &mut out)?)
        };
        let len = write().map_err(StoreError::temporary)?;
        if self.store.branch(id)?.is_some() {
            let would = self.record_path(&path, Effect::Pretend)?;
            if would.news.is_some() || (would.changed && self.look().session(id).is_some()) {
                return Ok(None);
            }
        }
        self.record_aside(&path)?;
        let last = self.store.branch(id)?.map(|branch| branch.last().clone());
        Ok(last.filter(|last| last.message.offset == len))
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

/// Masks a line, but for its end.
fn mask_line(line: &mut [u8], session: SessionId, mask: &ReadyMask<'_>) -> Result<(), Error> {
    let end = line.len() - usize::from(line.ends_with(b"\n"));
    if mask.apply(&mut line[..end]) { Ok(()) } else { Err(Error::NotMasked(session)) }
}
