//! What is different between two states of a file: how many lines came and went, and the difference as `diff -u` tells it.

use std::fmt::Write;

use imara_diff::{Algorithm, Diff, InternedInput};

/// So many lines around each change are shown.
const AROUND: usize = 3;

/// How many lines came, and how many went.
pub fn line_changes(old: &str, new: &str) -> (usize, usize) {
    let input = InternedInput::new(old, new);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    (diff.count_additions() as usize, diff.count_removals() as usize)
}

/// The hunks that make the new file of the old one, each line with its mark.
pub fn unified(old: &str, new: &str) -> String {
    let (before, after) = (lines(old), lines(new));
    let mut input = InternedInput::default();
    input.update_before(before.iter().copied());
    input.update_after(after.iter().copied());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let changes: Vec<_> = diff
        .hunks()
        .map(|hunk| {
            let wide = |range: std::ops::Range<u32>| range.start as usize..range.end as usize;
            (wide(hunk.before), wide(hunk.after))
        })
        .collect();
    let mut out = String::new();
    for group in changes.chunk_by(|one, next| next.0.start - one.0.end <= 2 * AROUND) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let begin = first.0.start.saturating_sub(AROUND);
        let end = (last.0.end + AROUND).min(before.len());
        let shift = first.0.start - begin;
        let (old_len, new_begin) = (end - begin, first.1.start - shift);
        let new_len = (last.1.end - new_begin) + (end - last.0.end);
        _ = writeln!(out, "@@ -{} +{} @@", range(begin, old_len), range(new_begin, new_len));
        let mut at = begin;
        for (gone, come) in group {
            before[at..gone.start].iter().for_each(|line| put(&mut out, ' ', line));
            before[gone.clone()].iter().for_each(|line| put(&mut out, '-', line));
            after[come.clone()].iter().for_each(|line| put(&mut out, '+', line));
            at = gone.end;
        }
        before[at..end].iter().for_each(|line| put(&mut out, ' ', line));
    }
    out
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn range(begin: usize, len: usize) -> String {
    match len {
        0 => format!("{begin},0"),
        1 => format!("{}", begin + 1),
        len => format!("{},{len}", begin + 1),
    }
}

fn put(out: &mut String, mark: char, line: &str) {
    out.push(mark);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_as_diff_does() {
        let old: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let new = old.replace("3\n", "three\n").replacen("20\n", "20", 1);
        let told = unified("a\nb\nc\n", "a\nB\nc\nd");
        assert_eq!(told, "@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n\\ No newline at end of file\n");
        assert_eq!(unified(&old, &new).matches("@@ -").count(), 2);
        assert_eq!(unified("", "x\n"), "@@ -0,0 +1 @@\n+x\n");
        assert_eq!(unified("x\n", ""), "@@ -1 +0,0 @@\n-x\n");
        assert_eq!((unified("x", "x"), line_changes("a\nb\n", "a\nc\nd\n")), (String::new(), (2, 1)));
    }
}
