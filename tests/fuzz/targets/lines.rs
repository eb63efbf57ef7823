//! The line scanner: whatever the bytes and however they come in, it sees the same lines, and no more than there are.
#![no_main]

use std::io::BufReader;

use codex_git::fuzzed::next_line;
use libfuzzer_sys::fuzz_target;

fn lines(data: &[u8], buffer: usize) -> Vec<(u64, Vec<u8>)> {
    let mut reader = BufReader::with_capacity(buffer, data);
    let (mut line, mut lines) = (Vec::new(), Vec::new());
    while let Some(len) = next_line(&mut reader, &mut line).unwrap() {
        lines.push((len, line.clone()));
    }
    lines
}

fuzz_target!(|data: &[u8]| {
    let all = lines(data, 1 << 16);
    assert_eq!(all, lines(data, 7));
    let whole = data.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    assert_eq!(all.iter().map(|(len, _)| *len as usize).sum::<usize>(), whole);
});
