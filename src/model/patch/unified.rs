//! Hunks as `diff -u` writes them, without the lines that name the files.

use super::change::{Hunk, NO_END, Sign};

/// The hunks in a text. What stands before the first is passed over.
pub fn hunks(text: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for line in text.split('\n') {
        if let Some(hunk) = head(line) {
            hunks.push(hunk);
        } else if let Some(hunk) = hunks.last_mut() {
            match Sign::split(line) {
                Some((sign, text)) => hunk.push(sign, text.to_owned()),
                None if line == NO_END => hunk.end_without_line_end(),
                None => {}
            }
        }
    }
    hunks
}

/// A hunk's head: `@@ -1,3 +1,4 @@ fn main()`.
fn head(line: &str) -> Option<Hunk> {
    let (old, rest) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, heading) = rest.split_once(" @@")?;
    let first = |range: &str| range.split_once(',').map_or(range, |(first, _)| first).parse().ok();
    Some(Hunk { at: Some((first(old)?, first(new)?)), heading: heading.trim().to_owned(), ..Hunk::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::patch::{Change, Edit};

    #[test]
    fn a_hunk_knows_where_it_stands_and_what_changes() {
        let [first, second] =
            &hunks("@@ -1 +1,2 @@ fn main()\n-hi\n+ho\n+ha\n@@ -9,2 +10,1 @@\n \n-x\n\\ No newline at end of file")[..]
        else {
            panic!("two hunks")
        };
        assert_eq!((first.at, first.heading.as_str()), (Some((1, 1)), "fn main()"));
        assert_eq!(first.lines[1], (Sign::Added, "ho".to_owned()));
        assert_eq!((second.at, second.count(Sign::Kept), second.count(Sign::Removed)), (Some((9, 10)), 1, 1));
        assert_eq!((first.unended, second.unended), ((false, false), (true, false)));
    }

    #[test]
    fn what_is_written_reads_back() {
        let text =
            "@@ -1,1 +1,2 @@ fn main()\n-hi\n+ho\n+ha\n@@ -9,2 +10,2 @@\n \n-x\n\\ No newline at end of file\n+x\n";
        let change = Change { path: "a".into(), edit: Edit::Update { to: None, hunks: hunks(text) } };
        assert_eq!(change.diff(), text);
        assert_eq!(change.counts(), (3, 2));
    }
}
