//! A reader that knows no table and no text log: git lists the commits, each chunk is read, and each line is looked at by itself.

use std::collections::{BTreeSet, HashMap};
use std::process::Command;

use codex_git::model::piece::put_item;
use codex_git::ops::{Needle, chunk_items};

use crate::support::Home;

/// A line of a turn: its chunk's blobs, what it is in, the line of the chunk, and its text.
pub type Found = (String, &'static str, usize, String);

/// The turns of a store.
pub struct Turns {
    /// The text of each, once, with its chunk's first blob.
    pub texts: Vec<(String, String)>,
    /// The first blob of each commit's chunk.
    pub chunks: HashMap<String, String>,
}

/// Every turn of a store.
pub fn turns(home: &Home) -> Turns {
    let (mut all, mut chunks): (BTreeSet<Vec<String>>, _) = (BTreeSet::new(), HashMap::new());
    for commit in home.git("rev-list --branches --glob=refs/open").lines() {
        let turn = home.git(&format!("show -s --format=%(trailers:key=Codex-Turn,valueonly) {commit}"));
        let turn: usize = turn.trim().split(' ').next().unwrap_or_default().parse().unwrap_or(0);
        let kind = home.git(&format!("show -s --format=%(trailers:key=Codex-Kind,valueonly) {commit}"));
        // Lines that are no turn yet stand where the next turn will.
        let turn = turn + usize::from(kind.trim() == "pending");
        let path = format!("{:04}/{:02}.jsonl", turn / 100, turn % 100);
        let blobs: Vec<String> = home
            .git(&format!("ls-tree -r {commit}"))
            .lines()
            .filter(|line| turn > 0 && line.contains(&path))
            .map(|line| line.split_whitespace().nth(2).unwrap().to_owned())
            .collect();
        if let Some(first) = blobs.first() {
            chunks.insert(commit.to_owned(), first.clone());
            all.insert(blobs);
        }
    }
    let texts = all.into_iter().map(|blobs| (blobs[0].clone(), text(home, &blobs))).collect();
    Turns { texts, chunks }
}

fn text(home: &Home, blobs: &[String]) -> String {
    let mut chunk = Vec::new();
    for blob in blobs {
        let cat = Command::new("git").arg("--git-dir").arg(home.store()).args(["cat-file", "blob", blob]).output();
        chunk.extend(cat.unwrap().stdout);
    }
    let mut text = String::new();
    chunk_items(&chunk).iter().for_each(|item| put_item(item, &mut text));
    text
}

/// The lines that have something in them.
pub fn found(texts: &[(String, String)], needle: &Needle) -> BTreeSet<Found> {
    let mut found = BTreeSet::new();
    for (chunk, text) in texts {
        let (mut kind, mut number) = ("", 0);
        for line in text.lines() {
            if let Some(head) = line.strip_prefix('\0') {
                let letters = "PARCOFfTSE";
                let names = "prompt answer reasoning command output patch patch tool compaction failed";
                kind = names.split(' ').nth(letters.find(&head[..1]).unwrap()).unwrap();
                number = head[1..].split(' ').next().unwrap().parse().unwrap();
            } else if needle.is_in(line.as_bytes()) {
                found.insert((chunk.clone(), kind, number, line.to_owned()));
            }
        }
    }
    found
}
