//! The reader of items: any bytes are read, items stand in the order of their lines, and a line tells four at most.
#![no_main]

use codex_git::fuzzed::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let lines = data.split(|byte| *byte == b'\n').count();
    let items = Reader::default().items(data);
    assert!(items.windows(2).all(|pair| pair[0].line <= pair[1].line));
    assert!(items.iter().all(|item| (1..=lines).contains(&item.line)));
    assert!(items.len() <= lines * 4);
});
