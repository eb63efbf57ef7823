//! What a ref held before: a line for every move, in the file that git keeps for it (`git help reflog`).

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::disk::durable::{remove_empty_folders, remove_file};
use crate::disk::regular;
use crate::git::identity;
use crate::model::{ObjectId, text};

/// More than any line has.
const LINE: u64 = 64 * 1024;

/// More than any log has.
const WHOLE: u64 = 64 << 20;

/// A move of a ref.
pub(crate) struct Move<'a> {
    pub from: Option<ObjectId>,
    pub to: ObjectId,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Why.
    pub note: &'a str,
}

/// Adds a move to the log of a ref in the store at `path`.
pub(crate) fn add(path: &Path, name: &str, moved: &Move<'_>) -> io::Result<()> {
    let place = path.join("logs").join(name);
    let mut log = match append(&place) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(place.parent().unwrap_or(path))?;
            append(&place)?
        }
        Err(error) if error.kind() == ErrorKind::IsADirectory => {
            remove_empty_folders(&place)?;
            append(&place)?
        }
        log => log?,
    };
    let Move { from, to, at, note } = moved;
    let from = from.map_or("0".repeat(40), |from| from.to_string());
    // In one write, so that two lines never mix.
    let tool = identity::render(identity::TOOL, *at);
    log.write_all(format!("{from} {to} {tool}\t{}\n", text::plain(note)).as_bytes())
}

/// The note of a ref's last move.
pub(crate) fn last_note(path: &Path, name: &str) -> Option<String> {
    Some(last_lines(path, name)?.lines().next_back()?.split_once('\t')?.1.to_owned())
}

/// What a ref held before each move that still counts, the oldest first: a move with the note `undo` takes the one before it back.
pub(crate) fn standing_moves(path: &Path, name: &str, undo: &str) -> Vec<ObjectId> {
    let mut standing: Vec<ObjectId> = Vec::new();
    for line in last_lines(path, name).unwrap_or_default().lines() {
        let Some((ids, note)) = line.split_once('\t') else { continue };
        let mut words = ids.split(' ').skip(1);
        let Some(to) = words.next().and_then(|id| id.parse::<ObjectId>().ok()) else { continue };
        if note == undo {
            standing.pop();
        } else {
            standing.push(to);
        }
    }
    standing
}

/// All ids that the logs of a store hold.
pub(crate) fn all_ids(path: &Path) -> io::Result<Vec<ObjectId>> {
    let (mut ids, mut left) = (Vec::new(), vec![path.join("logs")]);
    while let Some(folder) = left.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                left.push(entry.path());
                continue;
            }
            let log = regular::read(&entry.path(), WHOLE).unwrap_or_default();
            ids.extend(ids_in(&String::from_utf8_lossy(&log)));
        }
    }
    Ok(ids)
}

/// The ids in a log, from where it begins; what was there before its first move among them. A power cut can leave half a line, or none that is text.
fn ids_in(log: &str) -> impl Iterator<Item = ObjectId> {
    let words = log.lines().flat_map(|line| line.splitn(3, ' ').take(2));
    words.filter_map(|id| id.parse().ok()).filter(|id: &ObjectId| *id.as_bytes() != [0; 20])
}

/// What a ref was moved to last.
pub(crate) fn last(path: &Path, name: &str) -> Option<ObjectId> {
    last_lines(path, name)?.lines().next_back()?.split(' ').nth(1)?.parse().ok()
}

/// What a ref held, the last first, as far back as its log tells.
pub(crate) fn held(path: &Path, name: &str) -> Vec<ObjectId> {
    let log = regular::read(&path.join("logs").join(name), WHOLE).unwrap_or_default();
    let mut held: Vec<ObjectId> = ids_in(&String::from_utf8_lossy(&log)).collect();
    held.reverse();
    held.dedup();
    held
}

/// What a ref held so many moves ago.
pub(crate) fn earlier(path: &Path, name: &str, moves: usize) -> Option<ObjectId> {
    let log = regular::read(&path.join("logs").join(name), WHOLE).ok()?;
    let log = String::from_utf8_lossy(&log);
    let mut lines = log.lines().rev().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?.parse::<ObjectId>().ok()?, words.next()?.parse::<ObjectId>().ok()?))
    });
    // Where the log begins, it still tells what was there before.
    let (from, _) = lines.nth(moves.checked_sub(1)?)?;
    lines.next().map_or(Some(from), |(_, to)| Some(to)).filter(|id| *id.as_bytes() != [0; 20])
}

fn last_lines(path: &Path, name: &str) -> Option<String> {
    let mut log = regular::open(&path.join("logs").join(name)).ok()?;
    let len = log.seek(SeekFrom::End(0)).ok()?;
    log.seek(SeekFrom::Start(len.saturating_sub(LINE))).ok()?;
    let mut end = Vec::new();
    log.read_to_end(&mut end).ok()?;
    Some(String::from_utf8_lossy(&end).into_owned())
}

/// Drops the log of a ref that is gone.
pub(crate) fn drop(path: &Path, name: &str) -> io::Result<()> {
    remove_file(&path.join("logs").join(name))
}

#[allow(clippy::disallowed_types, reason = "a log is the one file that grows, and it is the store's own")]
fn append(place: &Path) -> io::Result<File> {
    std::fs::OpenOptions::new().append(true).create(true).open(place)
}
