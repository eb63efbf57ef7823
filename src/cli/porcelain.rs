//! A file with who wrote its lines, in the words of `git blame --porcelain`, with commits of the store where a turn wrote them: editors read it.

use std::collections::HashSet;
use std::io::{self, Write};

use codex_git::model::text;
use codex_git::ops::{Blame, BlamedLine, LogEntry, Source};

/// The commit of what no commit has.
const NONE: &str = "0000000000000000000000000000000000000000";

/// Prints lines, each with its commit, and each commit's head before its first line.
pub fn write(out: &mut dyn Write, blame: &Blame, lines: &[(usize, &BlamedLine)], now: i64) -> io::Result<()> {
    let mut told = HashSet::new();
    let mut rest = lines;
    while let Some((first, line)) = rest.first() {
        let id = commit(blame, &line.source);
        let follows = |(at, (number, next)): (usize, &(usize, &BlamedLine))| {
            commit(blame, &next.source) == id && next.number == line.number + at && *number == first + at
        };
        let length = rest.iter().enumerate().take_while(|(at, next)| follows((*at, next))).count();
        let (run, after) = rest.split_at(length);
        rest = after;
        for (at, (number, line)) in run.iter().enumerate() {
            let group = if at == 0 { format!(" {length}") } else { String::new() };
            writeln!(out, "{id} {} {number}{group}", line.number)?;
            if told.insert(id.clone()) {
                head(blame, &line.source, &id, now).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            }
            writeln!(out, "\t{}", line.text)?;
        }
    }
    Ok(())
}

fn turn<'b>(blame: &'b Blame, source: &Source) -> Option<&'b LogEntry> {
    source.turn().and_then(|turn| blame.turns.get(turn))
}

fn commit(blame: &Blame, source: &Source) -> String {
    match (turn(blame, source), source) {
        (Some(turn), _) => turn.commit.to_string(),
        (None, Source::Commit(id)) => id.clone(),
        _ => NONE.to_owned(),
    }
}

fn head(blame: &Blame, source: &Source, id: &str, now: i64) -> Vec<String> {
    if let Some(head) = blame.heads.get(id) {
        return head.clone();
    }
    let (author, mail, begun, ended, summary) = match turn(blame, source) {
        Some(turn) => {
            let model = text::plain(turn.model.as_deref().unwrap_or("codex")).into_owned();
            (model, "<model@codex.invalid>", turn.started, turn.ended, text::plain(&turn.subject).into_owned())
        }
        None => {
            let summary = format!("Version of {} from {}", blame.path, blame.path);
            ("Not Committed Yet".to_owned(), "<not.committed.yet>", now, now, summary)
        }
    };
    let (committer, address) = match turn(blame, source) {
        Some(_) => ("codex-git", "<codex-git@codex.invalid>"),
        None => (author.as_str(), mail),
    };
    vec![
        format!("author {author}"),
        format!("author-mail {mail}"),
        format!("author-time {begun}"),
        "author-tz +0000".to_owned(),
        format!("committer {committer}"),
        format!("committer-mail {address}"),
        format!("committer-time {ended}"),
        "committer-tz +0000".to_owned(),
        format!("summary {summary}"),
        format!("filename {}", blame.path),
    ]
}
