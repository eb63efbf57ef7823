//! How many threads work is worth.

use std::num::NonZero;

/// More than that wait for each other, or for the disk.
const MOST: usize = 4;

/// As many threads as there are processors, within reason.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST)
}
