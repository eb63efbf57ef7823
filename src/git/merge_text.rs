//! Merging three versions of a text, as git does.

use git2::{MergeFileInput, MergeFileOptions, merge_file};

/// More than a text is that is merged line by line.
const MOST: usize = 4 << 20;

/// The text with the changes that both sides made to the base; `None` where they collide, or one of them is no text.
pub(crate) fn merge_text(base: &[u8], one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let is_text = |bytes: &&[u8]| bytes.len() <= MOST && !bytes.contains(&0);
    if ![base, one, other].iter().all(is_text) {
        return None;
    }
    // git2 starts libgit2 in nearly every call, but not in `merge_file`.
    drop(git2::Buf::new());
    let [mut from, mut ours, mut theirs] = [MergeFileInput::new(), MergeFileInput::new(), MergeFileInput::new()];
    from.content(base);
    ours.content(one);
    theirs.content(other);
    let merged = merge_file(&from, &ours, &theirs, Some(&mut MergeFileOptions::new())).ok()?;
    merged.is_automergeable().then(|| merged.content().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_in_different_places_are_merged_and_others_are_not() {
        let base = b"1\n2\n3\n4\n5\n6\n7\n";
        let merged = merge_text(base, b"one\n2\n3\n4\n5\n6\n7\n", b"1\n2\n3\n4\n5\n6\nseven\n");
        assert_eq!(merged.as_deref(), Some(&b"one\n2\n3\n4\n5\n6\nseven\n"[..]));
        assert_eq!(merge_text(base, b"1\n2\n3\nhere\n5\n6\n7\n", b"1\n2\n3\nthere\n5\n6\n7\n"), None);
        assert_eq!(merge_text(base, b"\0", base), None);
    }
}
