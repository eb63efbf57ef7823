//! The message reader: any bytes are read, and what is said is no longer than what they hold.
#![no_main]

use codex_git::fuzzed::messages;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for bare in [false, true] {
        for message in messages(data, bare) {
            assert!(message.text.len() <= data.len() * 3 + 100);
        }
    }
});
