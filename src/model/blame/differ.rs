//! Where two files differ, line by line.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

/// The runs of lines that differ, from the top down: those of the old file and those of the new one in their place.
pub(super) fn differences<'t>(
    old: impl Iterator<Item = &'t str>,
    new: impl Iterator<Item = &'t str>,
) -> Vec<(Range<usize>, Range<usize>)> {
    let mut input = InternedInput::default();
    input.update_before(old);
    input.update_after(new);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let wide = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| (wide(hunk.before), wide(hunk.after))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_from_the_top_down() {
        let lines = |text: &'static str| text.split(' ');
        assert_eq!(differences(lines("a b c d"), lines("a x c d e")), [(1..2, 1..2), (4..4, 4..5)]);
        assert_eq!(differences(lines("a"), lines("a")), []);
    }
}
