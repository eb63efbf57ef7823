//! Refs that are not what they must be, told without reading what the others name; and put back where they belong.
//!
//! What a ref should have named can often be told from what it names: a commit says whose turn it is, a tag for which save it was
//! made. And an id that nothing has, but that differs in one bit from one that something has, was that one.

use std::collections::BTreeMap;
use std::fs;

use super::branches::{HEADS, KEPT, OPEN, STRANDS, branch_name, open_name};
use super::saves::TAGS;
use super::saves_elsewhere::ELSEWHERE;
use super::{Error, Store};
use crate::git::head::Head;
use crate::git::object::Kind;
use crate::git::refs::name::is_ref_name;
use crate::git::refs::{Found, packed};
use crate::model::{ObjectId, SessionId};

/// A ref that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Its name, or that of the file that it stands in.
    pub name: String,
    /// What is wrong.
    pub reason: String,
}

/// How many digits an id has.
const DIGITS: usize = 40;

impl Store {
    /// The refs that hold no id, lines of the packed refs that hold no ref, and refs that hold what belongs to a ref that is not there.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn stray_refs(&self) -> Result<Vec<Stray>, Error> {
        self.strays_among(self.refs.look("refs/")?)
    }

    /// Those among the refs that were looked at.
    pub(super) fn strays_among(&self, refs: Found) -> Result<Vec<Stray>, Error> {
        let mut strays = Vec::new();
        for name in refs.bad_files.iter().filter(|name| !name.starts_with(TAGS)) {
            strays.push(Stray { reason: "it holds no object id".to_owned(), name: name.clone() });
        }
        for line in &refs.bad_lines {
            let reason = format!("a line holds no ref: {}", String::from_utf8_lossy(line).escape_debug());
            strays.push(Stray { name: packed::NAME.to_owned(), reason });
        }
        for (name, id) in self.misplaced(&refs.good)? {
            let reason = format!("it holds {id}, which is what another ref must hold");
            strays.push(Stray { name: name.clone(), reason });
        }
        Ok(strays)
    }

    /// Refs that no session's name has, and what they hold, where it belongs to a ref that is not there.
    fn misplaced<'r>(&self, refs: &'r BTreeMap<String, ObjectId>) -> Result<Vec<(&'r String, ObjectId)>, Error> {
        let is_there = |name: &str| Ok::<_, Error>(refs.contains_key(name) || self.refs.read(name)?.is_some());
        let mut misplaced = Vec::new();
        let is_placed = |name: &str| [TAGS, KEPT, STRANDS, ELSEWHERE].iter().any(|folder| name.starts_with(folder));
        for (name, id) in refs.iter().filter(|(name, _)| !is_placed(name)) {
            let session = |prefix: &str| name.strip_prefix(prefix).filter(|id| SessionId::parse(id).is_some());
            // Open lines without a branch are those of another session.
            let is_own = match session(OPEN) {
                Some(id) => is_there(&format!("{HEADS}{id}"))?,
                None => session(HEADS).is_some(),
            };
            if !is_own && self.place_of(*id).map_or(Ok(false), |place| is_there(&place).map(|there| !there))? {
                misplaced.push((name, *id));
            }
        }
        Ok(misplaced)
    }

    /// Puts refs where they belong that are damaged themselves. Tells which stand again.
    ///
    /// # Errors
    /// When a ref can't be written.
    pub fn mend_strays(&self) -> Result<Vec<String>, Error> {
        let mut mended = Vec::new();
        let refs = self.refs.look("refs/")?;
        for name in refs.bad_files {
            let text = fs::read(self.path().join(&name)).unwrap_or_default();
            for id in self.ids_in(&text) {
                mended.extend(self.put_where_it_belongs(id)?);
            }
        }
        for (name, id) in refs.good {
            let own = self.place_of(id);
            if own.is_none() && self.read_any(id).is_err() {
                let near = self.ids_in(id.to_string().as_bytes());
                // Only what the ref itself says it is of.
                for id in near.into_iter().filter(|id| self.place_of(*id).as_ref() == Some(&name)) {
                    self.refs.put(&name, id)?;
                    mended.push(name.clone());
                }
            } else if own.is_some_and(|own| own != name) && !self.is_copy(&name, id) {
                mended.extend(self.put_where_it_belongs(id)?);
                self.refs.forget(&name)?;
            }
        }
        mended.extend(self.mend_packed_refs()?);
        Ok(mended)
    }

    /// Puts back what damaged lines of the packed refs tell of, and drops those that tell of nothing more.
    fn mend_packed_refs(&self) -> Result<Vec<String>, Error> {
        let bad = self.refs.look("refs/")?.bad_lines;
        let (mut mended, mut clear) = (Vec::new(), true);
        for line in &bad {
            let ids = self.ids_in(line);
            for id in &ids {
                mended.extend(self.put_where_it_belongs(*id)?);
            }
            clear &= !ids.is_empty() || !line.windows(DIGITS).any(|part| digits(part) + 1 >= DIGITS);
        }
        if !bad.is_empty() && clear {
            self.refs.drop_bad_lines()?;
            mended.push(packed::NAME.to_owned());
        }
        Ok(mended)
    }

    /// Whether a ref is a second one on what stands where it belongs, made by somebody, on what an advance kept, or on what another machine saved.
    fn is_copy(&self, name: &str, id: ObjectId) -> bool {
        let own = self.place_of(id).and_then(|own| self.refs.read(&own).ok().flatten());
        let of_session = name.strip_prefix(HEADS).is_some_and(|rest| SessionId::parse(rest).is_some());
        let is_others = name.starts_with(KEPT) || name.starts_with(ELSEWHERE);
        is_others || (own.is_some() && !of_session && !name.starts_with(OPEN))
    }

    /// Makes the ref that an object belongs to, if there is none that can be read.
    pub(super) fn put_where_it_belongs(&self, id: ObjectId) -> Result<Option<String>, Error> {
        let Some(name) = self.place_of(id) else { return Ok(None) };
        let stands = self.refs.read(&name).ok().flatten().is_some_and(|now| self.read_any(now).is_ok());
        if stands {
            return Ok(None);
        }
        self.refs.put(&name, id)?;
        Ok(Some(name))
    }

    /// The ref that an object is for: a commit for its session's, a tag for its save's.
    fn place_of(&self, id: ObjectId) -> Option<String> {
        let (kind, bytes) = self.read_any(id).ok()?;
        match kind {
            Kind::Commit => {
                let message = self.commit(id).ok()?.message;
                let unfinished = message.kind.is_unfinished();
                Some(if unfinished { open_name(message.session) } else { branch_name(message.session) })
            }
            Kind::Tag => {
                let text = String::from_utf8_lossy(&bytes);
                let head = Head::of(&text);
                let name = format!("{TAGS}{}", head.value("tag")?);
                (head.message.contains("\nCodex-Save: ") && is_ref_name(&name)).then_some(name)
            }
            Kind::Tree | Kind::Blob => None,
        }
    }

    /// The ids of objects that stand in a text, one bit of each changed at the most.
    fn ids_in(&self, text: &[u8]) -> Vec<ObjectId> {
        let mut ids = Vec::new();
        for part in text.windows(DIGITS).filter(|part| digits(part) + 1 >= DIGITS) {
            ids.extend(self.id_near(part));
        }
        ids.dedup();
        ids
    }

    /// The object of this id, or the only one whose id differs in one bit of its digits.
    fn id_near(&self, digits: &[u8]) -> Option<ObjectId> {
        let known = |digits: &[u8]| {
            let id: ObjectId = std::str::from_utf8(digits).ok()?.parse().ok()?;
            self.read_any(id).is_ok().then_some(id)
        };
        if let Some(id) = known(digits) {
            return Some(id);
        }
        let mut digits = digits.to_vec();
        let mut found = Vec::new();
        for (at, bit) in (0..digits.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            digits[at] ^= 1 << bit;
            found.extend(known(&digits));
            digits[at] ^= 1 << bit;
        }
        if let [one] = found.as_slice() { Some(*one) } else { None }
    }
}

/// How many bytes are digits of an id.
fn digits(part: &[u8]) -> usize {
    part.iter().filter(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte)).count()
}
