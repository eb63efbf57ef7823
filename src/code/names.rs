//! The names of snapshots: `refs/code/<session>/<turn>/<moment>` for those of turns, `refs/asked/<time>` for those that a person asked for,
//! `refs/undo/<time>/before` for the folder as it was when somebody went back, and `refs/undo/<time>/after` for what it was to be then.

use time::OffsetDateTime;
use time::macros::format_description;

use crate::model::SessionId;
use crate::model::code::{CodeMoment, TurnKey};

/// Below it are the snapshots of turns.
pub(super) const OF_TURNS: &str = "refs/code/";
/// Below it are those that a person asked for.
pub(super) const ASKED: &str = "refs/asked/";

/// Below it are those that were taken as somebody went back.
pub(super) const UNDO: &str = "refs/undo/";

/// What the name of the folder as it was ends with, and that of what it was to be.
const SIDES: [&str; 2] = ["/before", "/after"];

/// The ref that the snapshot of a look gets which begins at a time. Of several in one second, each has a number.
pub(super) fn of(turn: Option<&TurnKey>, moment: CodeMoment, now: i64, number: u32) -> String {
    let numbered = || match number {
        1 => stamp(now),
        number => format!("{}-{number}", stamp(now)),
    };
    match (turn, moment) {
        (Some(key), _) => of_turn(key, moment),
        (None, CodeMoment::Undo) => format!("{UNDO}{}{}", numbered(), SIDES[0]),
        (None, _) => format!("{ASKED}{}", numbered()),
    }
}

/// The ref of what a folder was to be, from that of the folder as it was.
pub(super) fn after_undo(before: &str) -> Option<String> {
    let time = before.strip_prefix(UNDO)?.strip_suffix(SIDES[0])?;
    Some(format!("{UNDO}{time}{}", SIDES[1]))
}

/// What the refs of folders as they were are sorted by: the time, and the number in its second.
pub(super) fn order(before: &str) -> Option<(&str, u32)> {
    let time = before.strip_prefix(UNDO)?.strip_suffix(SIDES[0])?;
    match time.split_once('-') {
        Some((time, number)) => Some((time, number.parse().ok()?)),
        None => Some((time, 1)),
    }
}

/// The ref of a turn's snapshot.
pub(super) fn of_turn(key: &TurnKey, moment: CodeMoment) -> String {
    format!("{OF_TURNS}{}/{}/{moment}", key.session, key.turn())
}

/// The turn and the moment that a ref's name says.
pub(super) fn parse(name: &str) -> Option<(TurnKey, CodeMoment)> {
    let mut parts = name.strip_prefix(OF_TURNS)?.split('/');
    let session = SessionId::parse(parts.next()?)?;
    let key = TurnKey::new(session, parts.next()?)?;
    let moment = CodeMoment::parse(parts.next()?)?;
    parts.next().is_none().then_some((key, moment))
}

fn stamp(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(format_description!("[year][month][day]T[hour][minute][second]Z")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_turn_and_the_moment() {
        let session = SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap();
        let key = TurnKey::new(session, "t1").unwrap();
        let name = of_turn(&key, CodeMoment::Before);
        assert_eq!(name, "refs/code/01a20579-8247-72d2-b159-c5492aec819f/t1/before");
        assert_eq!(parse(&name), Some((key, CodeMoment::Before)));
        assert_eq!(parse(&format!("{name}/x")), None);
        assert_eq!(stamp(1_800_000_000), "20270115T080000Z");
        assert_eq!(of(None, CodeMoment::Asked, 1_800_000_000, 1), "refs/asked/20270115T080000Z");
    }

    #[test]
    fn of_several_in_a_second_the_last_has_the_highest_number() {
        let names: Vec<String> = [1, 2, 10].map(|number| of(None, CodeMoment::Undo, 1_800_000_000, number)).into();
        assert_eq!(names[1], "refs/undo/20270115T080000Z-2/before");
        assert!(names.windows(2).all(|two| order(&two[0]) < order(&two[1])));
        assert_eq!(after_undo(&names[1]).as_deref(), Some("refs/undo/20270115T080000Z-2/after"));
        assert_eq!((order("refs/undo/20270115T080000Z/after"), after_undo("refs/asked/x")), (None, None));
    }
}
