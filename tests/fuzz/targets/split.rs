//! The turn splitter: chunks lie end to end, the turns of a prefix are a prefix of the turns, and splitting can start where a turn ends.
#![no_main]

use codex_git::fuzzed::{Split, split};
use codex_git::model::Status;
use libfuzzer_sys::fuzz_target;

fn turns(data: &[u8], from: u64, bare: bool, closed: &[String]) -> Split {
    split(data, from, bare, None, &mut |id| closed.iter().any(|known| known == id)).unwrap()
}

fuzz_target!(|data: &[u8]| {
    let [first, second, data @ ..] = data else { return };
    let bare = first % 2 == 1;
    let all = turns(data, 0, bare, &[]);
    let mut at = 0;
    for turn in &all.turns {
        assert!(turn.span.start == at && turn.span.end > at && turn.facts.status != Status::Open);
        at = turn.span.end;
    }
    assert!(all.open.as_ref().is_none_or(|open| open.span.start == at && open.span.end as usize <= data.len()));

    let cut = data.len() * usize::from(*second) / 256;
    let early = turns(&data[..cut], 0, bare, &[]);
    let spans = |split: &Split| split.turns.iter().map(|turn| turn.span).collect::<Vec<_>>();
    assert!(spans(&all).starts_with(&spans(&early)));
    if let Some(last) = early.turns.last() {
        let closed: Vec<String> = early.turns.iter().flat_map(|turn| turn.facts.ids.clone()).collect();
        let rest = turns(&data[last.span.end as usize..], last.span.end, bare, &closed);
        assert_eq!(spans(&rest), spans(&all)[early.turns.len()..]);
    }
});
