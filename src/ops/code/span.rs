//! The span of a turn: when it worked, where, and what stood there before and after it. Two spans that meet say that what changed in one of them can
//! be the other's doing.

use crate::code::Kept;
use crate::model::code::lies_in;
use crate::model::{ObjectId, SessionId};

/// A look after a turn begins a moment later than the turn ends.
pub(super) const MOMENT: i64 = 2;

/// When and where a turn worked.
#[derive(Clone, Debug, Default)]
pub(super) struct Span {
    /// The session that it is a turn of: one that went on in forks is still that one's.
    session: Option<SessionId>,
    /// When it began and ended, in seconds since 1970.
    pub time: (i64, i64),
    /// The tree before it, if nothing can have changed while that was looked at.
    before: Option<ObjectId>,
    /// The tree after it.
    after: Option<ObjectId>,
    /// The folders that alone were looked at; none for all.
    parts: Vec<Vec<u8>>,
}

impl Span {
    /// That of a turn with these snapshots.
    pub fn of(time: (i64, i64), before: Option<&Kept>, after: Option<&Kept>) -> Self {
        let mut span = Self { time, ..Self::default() };
        before.into_iter().for_each(|kept| span.begins(kept));
        after.into_iter().for_each(|kept| span.ends(kept));
        span
    }

    /// The same of a session.
    pub fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// The same at a time.
    pub fn at(self, time: (i64, i64)) -> Self {
        Self { time, ..self }
    }

    /// Takes note of the snapshot before.
    pub fn begins(&mut self, kept: &Kept) {
        self.before = (!kept.snapshot.torn).then_some(kept.tree);
        self.parts.clone_from(&kept.snapshot.parts);
    }

    /// Takes note of the snapshot after.
    pub fn ends(&mut self, kept: &Kept) {
        self.after = Some(kept.tree);
        self.parts.clone_from(&kept.snapshot.parts);
    }

    /// Whether two turns worked at the same time, as far as the seconds tell: those of one session never do. Where one may have begun before the
    /// look after the other, that look found another folder than the one before it: if both found the same, none did anything in between.
    pub fn meets(&self, other: &Self) -> bool {
        let follows = |first: &Self, second: &Self| first.after.is_some() && first.after == second.before;
        let (first, second) = if self.time.0 <= other.time.0 { (self, other) } else { (other, self) };
        match second.time.0 {
            _ if self.is_apart(other) || (self.session.is_some() && self.session == other.session) => false,
            start if start > first.time.1.saturating_add(MOMENT) => false,
            start if start < first.time.1 => true,
            start => !(follows(first, second) || (start == first.time.0 && follows(second, first))),
        }
    }

    /// Whether they worked in different parts of a project.
    fn is_apart(&self, other: &Self) -> bool {
        let meet = |a: &Vec<u8>, b: &Vec<u8>| lies_in(a, b) || lies_in(b, a);
        let [one, two] = [&self.parts, &other.parts];
        !one.is_empty() && !two.is_empty() && !one.iter().any(|a| two.iter().any(|b| meet(a, b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(time: (i64, i64), before: Option<u8>, after: Option<u8>) -> Span {
        let id = |byte: u8| ObjectId::from_bytes([byte; 20]);
        Span { time, before: before.map(id), after: after.map(id), ..Span::default() }
    }

    #[test]
    fn what_follows_at_once_meets_only_if_something_changed_in_between() {
        let first = span((10, 20), Some(1), Some(2));
        for (second, meets) in [
            (span((15, 18), Some(2), Some(3)), true),
            (span((19, 30), Some(2), Some(3)), true),
            (span((20, 30), Some(2), Some(3)), false),
            (span((22, 30), Some(2), Some(3)), false),
            (span((22, 30), Some(9), Some(3)), true),
            (span((22, 30), None, Some(3)), true),
            (span((23, 30), Some(9), Some(3)), false),
            (span((8, 10), Some(0), Some(1)), false),
            (span((8, 10), Some(0), Some(7)), true),
        ] {
            assert_eq!((first.meets(&second), second.meets(&first)), (meets, meets), "{second:?}");
        }
        let (short, next) = (span((10, 10), Some(1), Some(2)), span((10, 10), Some(2), Some(3)));
        assert!(!short.meets(&next) && !next.meets(&short));
        assert!(span((10, 10), Some(1), None).meets(&next));
    }

    #[test]
    fn turns_of_one_session_never_meet() {
        let session = |number: &str| SessionId::parse(&format!("01a20579-8247-72d2-b159-00000000000{number}"));
        let [one, other] = ["1", "2"].map(|number| span((10, 20), None, None).in_session(session(number).unwrap()));
        assert!(!one.meets(&one.clone().at((15, 30))) && one.meets(&other));
        assert!(span((10, 20), None, None).meets(&one));
    }

    #[test]
    fn turns_in_different_parts_never_meet() {
        let part = |path: &str| Span { parts: vec![path.as_bytes().to_vec()], ..span((10, 20), None, None) };
        assert!(!part("api").meets(&part("web")) && !part("api").meets(&part("api2")));
        assert!(part("api").meets(&part("api/v1")) && part("api").meets(&span((10, 20), None, None)));
    }
}
