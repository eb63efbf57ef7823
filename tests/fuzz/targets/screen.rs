//! The cleaner: nothing that it lets through steers a terminal, and cleaning twice is cleaning once.
#![no_main]

use codex_git::model::screen;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let shown = screen::lines(text, 8);
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
    assert_eq!(screen::lines(&shown, 8), shown);
    assert!(!screen::line(text).contains('\n'));
});
