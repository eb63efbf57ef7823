//! The names of snapshots: `refs/code/<session>/<turn>/<moment>` for those of turns, `refs/asked/<time>` for those that a person asked for.

use time::OffsetDateTime;
use time::macros::format_description;

use crate::model::SessionId;
use crate::model::code::{CodeMoment, TurnKey};

/// Below it are the snapshots of turns.
pub(super) const OF_TURNS: &str = "refs/code/";
/// Below it are those that a person asked for.
pub(super) const ASKED: &str = "refs/asked/";

/// The ref that the snapshot of a look gets which begins at a time.
pub(super) fn of(turn: Option<&TurnKey>, moment: CodeMoment, now: i64) -> String {
    match turn {
        Some(key) => of_turn(key, moment),
        None => format!("{ASKED}{}", stamp(now)),
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
    }
}
