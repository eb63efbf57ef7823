//! Trying again after another process was faster.

use std::time::Duration;

/// How often something is tried. With the pauses between, that is longer than a lock that was left behind stays.
const ATTEMPTS: u64 = 60;

/// Tries until the race is not lost, and gives what came of the last attempt.
pub fn retry<T, E>(is_lost: impl Fn(&E) -> bool, mut attempt: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    for number in 1..ATTEMPTS {
        match attempt() {
            Err(error) if is_lost(&error) => std::thread::sleep(Duration::from_millis(number)),
            outcome => return outcome,
        }
    }
    attempt()
}
