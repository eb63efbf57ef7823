//! Sequences that went wrong once, each the shortest that did.

use super::{Step, failure, first_name, id, later_name, meta, turn};
use crate::support::Home;

#[test]
fn a_fork_of_a_rollout_that_was_replaced_takes_no_half_line_from_it() {
    use Step::{Delete, Hide, NativeFork, RecordOne, Restore, Revert, Start, Turn};
    let steps = [
        Start,
        Revert(113, 25930),
        NativeFork(61, 1018),
        RecordOne(5),
        Delete(195),
        Revert(151, 2594),
        Restore(207),
        Turn(193),
        NativeFork(27, 18683),
        Start,
        Turn(150),
        Hide(189, 214),
        Restore(81),
        Start,
        Turn(66),
    ];
    assert_eq!(failure(&steps), None);
}

#[test]
fn a_file_that_was_cut_comes_back_as_it_was_or_as_it_is() {
    use Step::{Delete, Fork, Hide, Record, RecordOne, Revert, Save, Start, Truncate, Turn};
    let steps = [
        Start,
        RecordOne(72),
        Delete(99),
        Fork(148, 99),
        Turn(236),
        Record,
        Truncate(24, 15842),
        Revert(196, 14574),
        Record,
        Hide(249, 53),
        Save(93, 26),
    ];
    assert_eq!(failure(&steps), None);
}

#[test]
fn an_orphan_is_joined_when_it_is_recorded_itself() {
    use Step::{Hide, NativeFork, Record, RecordOne, Reveal, Start, Turn};
    let steps = [
        Start,
        Turn(38),
        NativeFork(18, 30281),
        NativeFork(144, 45168),
        Hide(96, 222),
        Record,
        NativeFork(67, 48020),
        Reveal(32),
        RecordOne(155),
    ];
    assert_eq!(failure(&steps), None);
}

#[test]
fn an_older_file_that_was_cut_is_no_other_conversation() {
    use Step::{Begin, Fork, Hide, NativeFork, Record, Revert, Start, Truncate};
    let steps = [
        Start,
        Begin(69, 14696),
        Fork(59, 96),
        Truncate(186, 62173),
        Fork(238, 153),
        NativeFork(88, 24559),
        Revert(96, 39724),
        Fork(18, 59),
        Record,
        Start,
        Start,
        NativeFork(244, 37168),
        NativeFork(44, 59581),
        Hide(108, 59),
        Record,
    ];
    assert_eq!(failure(&steps), None);
}

#[test]
fn a_fork_of_an_evicted_orphan_holds_what_the_orphan_does() {
    use Step::{Begin, Evict, Hide, NativeFork, Start};
    let steps = [
        Start,
        Begin(170, 51029),
        NativeFork(36, 55653),
        Hide(150, 129),
        NativeFork(31, 26045),
        Start,
        Hide(250, 33),
        Evict(214),
    ];
    assert_eq!(failure(&steps), None);
}

#[test]
fn a_session_that_went_back_twice_is_whole_when_a_file_of_it_is_gone_at_its_eviction() {
    use Step::{Evict, Hide, Revert, Start};
    let steps = [Start, Revert(107, 29426), Revert(179, 51738), Hide(90, 190), Evict(27)];
    assert_eq!(failure(&steps), None);
}

#[test]
fn an_orphan_that_was_cut_keeps_what_was_recorded_when_it_is_joined() {
    use Step::{Begin, Hide, NativeFork, Record, Start, Truncate};
    let steps = [Start, NativeFork(243, 25839), Start, Hide(147, 45), Begin(184, 36410), Record, Truncate(18, 63843)];
    assert_eq!(failure(&steps), None);
}

#[test]
fn a_session_is_what_it_was_before_a_file_that_was_never_seen() {
    use Step::{Hide, NativeFork, RecordOne, Revert, Start, Turn};
    let steps = [Start, Turn(183), NativeFork(79, 4653), Revert(36, 18938), Hide(84, 129), RecordOne(53)];
    assert_eq!(failure(&steps), None);
}

/// What was asked, the last first, as `log` tells it.
fn prompts(home: &Home, words: &str) -> Vec<String> {
    let log = home.ok(&format!("log --json {words}")).json();
    log.iter().map(|turn| turn["prompt"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_file_that_a_session_was_rewritten_from_does_not_lead_when_it_is_joined() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    let (base, fork) = (id(1), id(2));
    let beginning = [meta(&base, 1, None), turn(2)].concat();
    let first = [meta(&fork, 4, Some((&base, &base, beginning.len()))), turn(5)].concat();
    let rewound = [meta(&fork, 7, Some((&fork, &fork, first.len()))), turn(8)].concat();
    home.put(&first_name(&fork), &[&first[..], &turn(6)].concat());
    let later = home.put(&later_name(&fork, 7), &rewound);
    home.ok("-q record");
    std::fs::remove_file(later).unwrap();
    home.put(&first_name(&fork), &[&first[..], &turn(9)].concat());
    home.ok("-q record");
    let last = || prompts(&home, &format!("-n 1 {fork}"));
    assert_eq!(last(), ["prompt 9"]);
    home.put(&first_name(&base), &[&beginning[..], &turn(3)].concat());
    assert!(home.ok("record").stderr.contains("joined"));
    assert_eq!(last(), ["prompt 9"]);
    home.ok("verify");
}

#[test]
fn where_the_file_that_a_session_went_back_in_is_gone_it_goes_on_in_the_one_before() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    let session = id(1);
    let first = [meta(&session, 1, None), turn(2)].concat();
    let whole = [&first[..], &turn(3)].concat();
    let place = home.put(&first_name(&session), &whole);
    let rewound = [meta(&session, 4, Some((&session, &session, first.len()))), turn(5)].concat();
    let later = home.put(&later_name(&session, 4), &rewound);
    home.ok("-q record");
    std::fs::remove_file(later).unwrap();
    home.ok("-q record");
    assert_eq!(
        prompts(&home, &session),
        ["prompt 5", "prompt 2"],
        "what is only in the store counts, as long as nothing is new"
    );
    std::fs::write(&place, [&whole[..], &turn(6)].concat()).unwrap();
    assert!(home.ok("record").stderr.contains("was rewritten"));
    assert_eq!(prompts(&home, &session), ["prompt 6", "prompt 3", "prompt 2"]);
    assert!(prompts(&home, &format!("--all-turns {session}")).contains(&"prompt 5".to_owned()));
    assert!(home.ok("record").stderr.contains("nothing new"));
    home.ok("verify");
}
