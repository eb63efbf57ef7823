//! Differences as Codex writes them.

use std::fmt::Write;

/// A line of two files: whether it stays, goes or is new, its place in each, and its text.
pub type Row<'t> = (char, usize, usize, &'t str);

/// The difference of two files with one line around each change, as Codex writes it.
pub fn unified(old: &[String], new: &[String]) -> String {
    hunks(&rows(old, new), 1)
}

/// The lines of two files side by side.
pub fn rows<'t>(old: &'t [String], new: &'t [String]) -> Vec<Row<'t>> {
    let mut rows: Vec<Row<'t>> = Vec::new();
    let (mut at, mut to) = (0, 0);
    let table = common(old, new);
    while at < old.len() || to < new.len() {
        if at < old.len() && to < new.len() && old[at] == new[to] {
            rows.push((' ', at, to, &old[at]));
            (at, to) = (at + 1, to + 1);
        } else if at < old.len() && (to == new.len() || table[at + 1][to] >= table[at][to + 1]) {
            rows.push(('-', at, to, &old[at]));
            at += 1;
        } else {
            rows.push(('+', at, to, &new[to]));
            to += 1;
        }
    }
    rows
}

/// Their difference, with so many lines around each change.
pub fn hunks(rows: &[Row<'_>], around: usize) -> String {
    let mut out = String::new();
    let mut from = 0;
    while let Some(first) = rows[from..].iter().position(|row| row.0 != ' ').map(|at| from + at) {
        let mut last = first;
        while let Some(next) = rows[last + 1..].iter().position(|row| row.0 != ' ').filter(|gap| *gap <= 2 * around) {
            last += next + 1;
        }
        let range = first.saturating_sub(around).max(from)..(last + 1 + around).min(rows.len());
        let count = |sign| rows[range.clone()].iter().filter(|row| row.0 != sign).count();
        let side = |first: usize, count: usize| match count {
            0 => format!("{first},0"),
            1 => format!("{}", first + 1),
            _ => format!("{},{count}", first + 1),
        };
        let head = &rows[range.start];
        writeln!(out, "@@ -{} +{} @@", side(head.1, count('+')), side(head.2, count('-'))).unwrap();
        for row in &rows[range.clone()] {
            write!(out, "{}{}", row.0, row.3).unwrap();
            if !row.3.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
        from = range.end;
    }
    out
}

/// How many lines the rests of two files have in common, from each line on.
fn common(old: &[String], new: &[String]) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; new.len() + 1]; old.len() + 1];
    for at in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            table[at][to] =
                if old[at] == new[to] { table[at + 1][to + 1] + 1 } else { table[at + 1][to].max(table[at][to + 1]) };
        }
    }
    table
}
