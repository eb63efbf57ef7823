//! Deltas: an object as what it shares with another and what it adds (`gitformat-pack`, "Deltified representation").
//!
//! Which object to compare with is known from what the objects are, so nothing is searched for: a turn is compared with an
//! earlier turn of its session, a tree with the tree before.

use super::object::MOST;
use crate::disk::regular::room;

/// How many equal bytes make a copy worth it, and in what steps the base is looked through for them.
const WINDOW: usize = 16;
const STEP: usize = 4;

/// The most bytes that one copy or one insertion can have.
const COPY_LIMIT: usize = 0xff_ffff;
const INSERT_LIMIT: usize = 0x7f;

/// An object that others are compared with.
pub(crate) struct Base {
    bytes: Vec<u8>,
    /// By the hash of a window, where one with that hash begins, plus one.
    table: Vec<u32>,
    shift: u32,
}

impl Base {
    /// Prepares an object of less than 4 GiB.
    pub fn new(bytes: Vec<u8>) -> Self {
        let windows = (bytes.len() + STEP).saturating_sub(WINDOW) / STEP;
        let bits = (windows.max(1) * 2).next_power_of_two().ilog2().max(1);
        let mut base = Self { bytes, table: vec![0; 1 << bits], shift: 64 - bits };
        // From the end, so that of equal windows the first is found: a match from there reaches furthest.
        for at in (0..windows).rev().map(|window| window * STEP) {
            let slot = base.slot(&base.bytes[at..]);
            base.table[slot] = at as u32 + 1;
        }
        base
    }

    /// The object.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Of how many places [`Base::places_shared`] looks at.
    pub const PLACES: usize = 64;

    /// At how many of [`Base::PLACES`] places, spread over `target`, this object has the same bytes: how alike they are, told in
    /// a fraction of the time that their delta takes.
    pub fn places_shared(&self, target: &[u8]) -> usize {
        let step = (target.len() / Self::PLACES).max(1);
        // The windows of the base begin every so many bytes: one of as many neighbours is one of them.
        let is_shared = |at: usize| (at..at + STEP).any(|at| self.window(target, at).is_some());
        let places = (0..Self::PLACES).map(|place| place * step);
        places.filter(|at| at + STEP + WINDOW <= target.len() && is_shared(*at)).count()
    }

    /// What makes `target` of this object; `None` if that would hardly be shorter than `target` itself.
    pub fn delta(&self, target: &[u8]) -> Option<Vec<u8>> {
        let most = target.len() - target.len() / 7;
        let mut out = Vec::with_capacity(target.len() / 4 + 32);
        push_size(self.bytes.len(), &mut out);
        push_size(target.len(), &mut out);
        let (mut at, mut added, mut misses) = (0, 0, 0);
        while at + WINDOW <= target.len() {
            let Some((from, back, len)) = self.shared(target, at, added) else {
                misses += 1;
                // What is all new, as encrypted reasoning is, is passed over in growing steps.
                at += 1 + misses / 32;
                continue;
            };
            misses = 0;
            push_insert(&target[added..at - back], &mut out);
            push_copy(from, len, &mut out);
            at = at - back + len;
            added = at;
            if out.len() >= most {
                return None;
            }
        }
        push_insert(&target[added..], &mut out);
        (out.len() < most).then_some(out)
    }

    /// What the base shares with the target around a place: where it begins in the base, how far before the place, its length.
    fn shared(&self, target: &[u8], at: usize, added: usize) -> Option<(usize, usize, usize)> {
        let found = self.window(target, at)?;
        let ahead = common(&self.bytes[found..], &target[at..]);
        let behind = self.bytes[..found].iter().rev().zip(target[added..at].iter().rev());
        let back = behind.take_while(|(a, b)| a == b).count();
        Some((found - back, back, back + ahead))
    }

    /// Where the base has the window that begins at a place of the target.
    fn window(&self, target: &[u8], at: usize) -> Option<usize> {
        let found = self.table[self.slot(&target[at..])].checked_sub(1)? as usize;
        (self.bytes[found..found + WINDOW] == target[at..at + WINDOW]).then_some(found)
    }

    fn slot(&self, bytes: &[u8]) -> usize {
        let (head, tail) = (word(bytes, 0), word(bytes, 8));
        let mixed = (head ^ tail.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> self.shift) as usize
    }
}

/// How many bytes two texts begin alike with.
fn common(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).take_while(|(a, b)| a == b).count() * 8;
    words + a[words..].iter().zip(&b[words..]).take_while(|(a, b)| a == b).count()
}

fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The object that a delta makes of its base; `None` if it is not one of that base.
pub(crate) fn apply(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut rest = delta;
    let (from, to) = (take_size(&mut rest)?, take_size(&mut rest)?);
    // What a delta says of its length may be damaged: it is memory only within bounds.
    if from != base.len() || to > MOST {
        return None;
    }
    let mut out = room(to).ok()?;
    while let Some((op, after)) = rest.split_first() {
        rest = after;
        if op & 0x80 != 0 {
            let start = take_number(&mut rest, op & 0x0f)?;
            let len = take_number(&mut rest, (op >> 4) & 0x07)?;
            let len = if len == 0 { 0x1_0000 } else { len };
            let copied = base.get(start..start.checked_add(len)?)?;
            if copied.len() > to - out.len() {
                return None;
            }
            out.extend(copied);
        } else {
            let (added, after) = rest.split_at_checked(usize::from(*op)).filter(|_| *op > 0)?;
            if added.len() > to - out.len() {
                return None;
            }
            out.extend(added);
            rest = after;
        }
    }
    (out.len() == to).then_some(out)
}

fn push_size(mut size: usize, out: &mut Vec<u8>) {
    while size >= 0x80 {
        out.push(size as u8 | 0x80);
        size >>= 7;
    }
    out.push(size as u8);
}

fn take_size(rest: &mut &[u8]) -> Option<usize> {
    let mut size = 0_usize;
    for shift in (0..63).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        size |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
    None
}

fn push_insert(bytes: &[u8], out: &mut Vec<u8>) {
    for part in bytes.chunks(INSERT_LIMIT) {
        out.push(part.len() as u8);
        out.extend(part);
    }
}

fn push_copy(mut start: usize, mut len: usize, out: &mut Vec<u8>) {
    while len > 0 {
        let part = len.min(COPY_LIMIT);
        let op = out.len();
        out.push(0x80);
        push_number(start, 4, op, 0, out);
        if part != 0x1_0000 {
            push_number(part, 3, op, 4, out);
        }
        start += part;
        len -= part;
    }
}

/// The bytes of a number that are not 0, with a bit in the operation for each of them.
fn push_number(number: usize, bytes: usize, op: usize, first_bit: usize, out: &mut Vec<u8>) {
    for n in 0..bytes {
        let byte = (number >> (8 * n)) as u8;
        if byte != 0 {
            out[op] |= 1 << (first_bit + n);
            out.push(byte);
        }
    }
}

fn take_number(rest: &mut &[u8], bits: u8) -> Option<usize> {
    let mut number = 0;
    for n in (0..4).filter(|n| bits & (1 << n) != 0) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= usize::from(*byte) << (8 * n);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn noise(len: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect()
    }

    #[test]
    fn a_large_copy_is_cut_and_64_kib_have_a_length_of_their_own() {
        for len in [0x1_0000, 0x1_0001, 0xff_ffff, 0x100_0003] {
            let base = noise(len + 9, 7);
            let target = [&base[5..5 + len], b"and more"].concat();
            let delta = Base::new(base.clone()).delta(&target).unwrap();
            assert!(delta.len() < 60, "{}", delta.len());
            assert_eq!(apply(&base, &delta).unwrap(), target);
        }
    }

    #[test]
    fn what_is_all_new_has_no_delta() {
        assert_eq!(Base::new(noise(5000, 1)).delta(&noise(5000, 2)), None);
        assert_eq!(Base::new(Vec::new()).delta(b""), None);
        assert_eq!(Base::new(b"short".to_vec()).delta(b"short"), None);
    }

    #[test]
    fn a_delta_of_something_else_is_refused() {
        let base = noise(100, 1);
        let delta = Base::new(base.clone()).delta(&base).unwrap();
        assert_eq!(apply(&base[1..], &delta), None);
        for end in 0..delta.len() {
            assert_eq!(apply(&base, &delta[..end]), None);
        }
        assert_eq!(apply(&base, &[100, 1, 0]), None, "an empty insertion");
        assert_eq!(apply(&base, &[100, 1, 0x91, 200, 1]), None, "a copy of what is not there");
        let endless = [&[100][..], &[0xff; 5], &[0x7f, 1, b'x']].concat();
        assert_eq!(apply(&base, &endless), None, "a length that nothing has");
    }

    proptest! {
        #[test]
        fn a_delta_gives_the_target(base in prop::collection::vec(0_u8..4, 0..400), cuts in prop::collection::vec((0..400_usize, 0..90_usize, 0..9_usize), 0..8)) {
            let mut target = Vec::new();
            for (start, len, new) in cuts {
                let start = start.min(base.len());
                target.extend(&base[start..(start + len).min(base.len())]);
                target.extend(noise(new, start as u64));
            }
            if let Some(delta) = Base::new(base.clone()).delta(&target) {
                prop_assert!(delta.len() < target.len());
                prop_assert_eq!(apply(&base, &delta).unwrap(), target);
            }
        }

        #[test]
        fn no_bytes_crash_it(base in prop::collection::vec(any::<u8>(), 0..50), delta in prop::collection::vec(any::<u8>(), 0..50)) {
            apply(&base, &delta);
        }
    }
}
