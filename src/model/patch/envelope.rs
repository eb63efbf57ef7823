//! Patches as the model writes them: between `*** Begin Patch` and `*** End Patch`, without line numbers.

use super::change::{Change, Edit, Hunk, Sign};
use super::lines::Lines;

const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
const ADD: &str = "*** Add File: ";
const DELETE: &str = "*** Delete File: ";
const UPDATE: &str = "*** Update File: ";
const MOVE: &str = "*** Move to: ";
const END_OF_FILE: &str = "*** End of File";

/// The changes that a patch asks for; `None` if the text is no patch.
pub fn changes(text: &str) -> Option<Vec<Change>> {
    let mut changes: Vec<Change> = Vec::new();
    let mut lines = text.split('\n').skip_while(|line| !line.trim().starts_with(BEGIN));
    lines.next()?;
    for line in lines {
        if line.trim_end() == END {
            break;
        }
        match (file(line), changes.last_mut()) {
            (Some(change), _) => changes.push(change),
            (None, Some(change)) => take(&mut change.edit, line),
            (None, None) => {}
        }
    }
    Some(changes)
}

/// The head of a file's part.
fn file(line: &str) -> Option<Change> {
    let path = |start| line.strip_prefix(start).map(|path| path.trim().to_owned());
    let change = |edit| move |path| Change { path, edit };
    path(ADD)
        .map(change(Edit::Add(Lines::default())))
        .or_else(|| path(DELETE).map(change(Edit::Delete(None))))
        .or_else(|| path(UPDATE).map(change(Edit::Update { to: None, hunks: Vec::new() })))
}

/// A line of a file's part.
fn take(edit: &mut Edit, line: &str) {
    match edit {
        Edit::Add(lines) => lines.extend(line.strip_prefix('+').map(str::to_owned)),
        Edit::Delete(_) => {}
        Edit::Update { to, hunks } => {
            if let Some(path) = line.strip_prefix(MOVE) {
                *to = Some(path.trim().to_owned());
            } else if let Some(heading) = line.strip_prefix("@@") {
                hunks.push(Hunk { heading: heading.trim().to_owned(), ..Hunk::default() });
            } else if line.trim_end() != END_OF_FILE {
                take_changed(hunks, line);
            }
        }
    }
}

fn take_changed(hunks: &mut Vec<Hunk>, line: &str) {
    // A line that stays may have lost its blank, and the first hunk may have no head.
    let is_blank = line.trim_end_matches('\r').is_empty();
    let Some((sign, text)) = Sign::split(line).or(is_blank.then_some((Sign::Kept, ""))) else { return };
    match hunks.last_mut() {
        Some(hunk) => hunk.lines.push((sign, text.to_owned())),
        None if is_blank => {}
        None => hunks.push(Hunk { lines: vec![(sign, text.to_owned())], ..Hunk::default() }),
    }
}

/// The patch that asks for these changes.
pub fn envelope(changes: &[Change]) -> String {
    let mut out = format!("{BEGIN}\n");
    for change in changes {
        let (head, to) = match &change.edit {
            Edit::Add(_) => (ADD, None),
            Edit::Delete(_) => (DELETE, None),
            Edit::Update { to, .. } => (UPDATE, to.as_deref()),
        };
        out.push_str(&format!("{head}{}\n", change.path));
        to.iter().for_each(|to| out.push_str(&format!("{MOVE}{to}\n")));
        match &change.edit {
            Edit::Add(lines) => lines.iter().for_each(|line| out.push_str(&format!("+{line}\n"))),
            Edit::Delete(_) => {}
            Edit::Update { .. } => out.push_str(&change.diff()),
        }
    }
    out + END
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "*** Begin Patch\n*** Update File: src/app.py\n*** Move to: src/main.py\n@@ def greet(name):\n-    old\n+    new\n \n*** Delete File: b\n*** Add File: c\n+X\n+\n*** End Patch";

    #[test]
    fn a_patch_adds_deletes_updates_and_moves_files() {
        let changes = changes(ALL).unwrap();
        assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["src/app.py", "b", "c"]);
        let Edit::Update { to, hunks } = &changes[0].edit else { panic!("an update") };
        assert_eq!((to.as_deref(), hunks[0].heading.as_str()), (Some("src/main.py"), "def greet(name):"));
        assert_eq!((changes[0].counts(), changes[2].counts()), ((1, 1), (2, 0)));
        assert_eq!(changes[1].edit, Edit::Delete(None));
    }

    #[test]
    fn what_is_written_reads_back() {
        assert_eq!(envelope(&changes(ALL).unwrap()), ALL);
    }

    #[test]
    fn a_text_without_its_first_line_is_no_patch() {
        assert_eq!(changes("+a\n-b"), None);
        assert_eq!(changes("*** Begin Patch"), Some(Vec::new()));
    }
}
