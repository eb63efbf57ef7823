//! Notes by session: a line for each, of which few are read or written at a time, however many there are.
//!
//! The newest stand in a note of their own, which is read whole. When that has become long, it is put into a sorted file, in which a session's line
//! is found by reading a few pages. Like all notes they are local to this machine and never needed.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use super::{Note, Store};
use crate::disk::sorted::{self, Magic, SortedFile};
use crate::model::SessionId;

/// What the sorted file begins with, and the note; the number goes up when the lines mean something else.
const MAGIC: Magic = *b"codex-git seen 2";

/// With so many lines the note is put into the file.
const MANY: usize = 256;

/// What is noted of sessions.
pub struct SessionNotes<'a> {
    store: &'a Store,
    /// The newest lines; `None` for a session of which nothing is noted any more.
    newest: HashMap<SessionId, Option<String>>,
    /// The others. An error says that there is a file which can't be read.
    others: io::Result<Option<SortedFile>>,
}

impl Store {
    /// What is noted of sessions: a line for each.
    pub fn session_notes(&self) -> SessionNotes<'_> {
        let note = self.read_note(Note::Seen);
        let mut lines = note.lines();
        let is_known = lines.next().is_some_and(|title| title.as_bytes() == MAGIC);
        let read = |line: &str| {
            let (id, rest) = line.split_once(' ').unwrap_or((line, ""));
            Some((SessionId::parse(id)?, Some(rest.to_owned()).filter(|rest| !rest.is_empty())))
        };
        let others = match SortedFile::open(&self.session_notes_path(), &MAGIC) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        };
        SessionNotes { store: self, newest: lines.filter(|_| is_known).filter_map(read).collect(), others }
    }

    fn session_notes_path(&self) -> PathBuf {
        self.path().join("codex-git.sights")
    }
}

impl SessionNotes<'_> {
    /// The line of a session.
    pub fn of(&self, session: SessionId) -> Option<String> {
        if let Some(newest) = self.newest.get(&session) {
            return newest.clone();
        }
        let file = self.others.as_ref().ok()?.as_ref()?;
        file.of(session.to_bytes()).ok()?.pop().and_then(|line| Some(std::str::from_utf8(&line).ok()?.to_owned()))
    }

    /// What `read` makes of the lines of all sessions.
    pub fn all<T>(&self, read: impl Fn(SessionId, &str) -> Option<T>) -> HashMap<SessionId, T> {
        let mut all = self.sorted(&read).unwrap_or_default();
        for (session, line) in &self.newest {
            match line.as_deref().and_then(|line| read(*session, line)) {
                Some(line) => drop(all.insert(*session, line)),
                None => drop(all.remove(session)),
            }
        }
        all
    }

    fn sorted<T>(&self, read: impl Fn(SessionId, &str) -> Option<T>) -> io::Result<HashMap<SessionId, T>> {
        let Ok(Some(file)) = &self.others else { return Ok(HashMap::new()) };
        let mut all = HashMap::with_capacity(file.len());
        for row in file.from([0; sorted::KEY])? {
            let (key, line) = row?;
            let session = SessionId::from_bytes(key);
            if let Some(line) = std::str::from_utf8(&line).ok().and_then(|line| read(session, line)) {
                all.insert(session, line);
            }
        }
        Ok(all)
    }

    /// Notes other lines for some sessions, none for those that have none any more. What can't be written is left as it was.
    pub fn set(mut self, lines: impl IntoIterator<Item = (SessionId, Option<String>)>) {
        self.newest.extend(lines);
        if let Err(error) = self.write() {
            tracing::info!(%error, "what was seen could not be noted");
        }
    }

    fn write(&mut self) -> Result<(), super::Error> {
        if self.newest.len() >= MANY || self.others.is_err() {
            let rows = self
                .all(|_, line| Some(line.to_owned()))
                .into_iter()
                .map(|(session, line)| (session.to_bytes(), line.into_bytes()))
                .collect();
            let path = self.store.session_notes_path();
            sorted::write(&path, &MAGIC, &[], rows).map_err(super::Error::io("write a note"))?;
            self.newest.clear();
        }
        let mut note = format!("{}\n", String::from_utf8_lossy(&MAGIC));
        for (session, line) in &self.newest {
            let rest = line.as_ref().map_or_else(String::new, |line| format!(" {line}"));
            note += &format!("{session}{rest}\n");
        }
        self.store.write_note(Note::Seen, &note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> SessionId {
        SessionId::from_bytes(number.to_be_bytes())
    }

    #[test]
    fn lines_are_found_before_and_after_they_are_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::init(&folder.path().join("store")).unwrap();
        let ids: Vec<SessionId> = (0..300).map(id).collect();
        for part in ids.chunks(100) {
            store.session_notes().set(part.iter().map(|id| (*id, Some(format!("line of {id}")))));
        }
        assert!(store.session_notes_path().exists());
        store.session_notes().set([(ids[7], None), (ids[8], Some("another".to_owned()))]);
        let notes = store.session_notes();
        assert_eq!(notes.of(ids[3]), Some(format!("line of {}", ids[3])));
        assert_eq!((notes.of(ids[7]), notes.of(ids[8])), (None, Some("another".to_owned())));
        let all = notes.all(|_, line| Some(line.to_owned()));
        assert_eq!((all.len(), all.get(&ids[8]).map(String::as_str)), (299, Some("another")));
    }

    #[test]
    fn a_damaged_file_is_no_note_and_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::init(&folder.path().join("store")).unwrap();
        store.session_notes().set((0..300).map(|n| (id(n), Some("line".to_owned()))));
        std::fs::write(store.session_notes_path(), "damaged").unwrap();
        assert_eq!(store.session_notes().of(id(1)), None);
        store.session_notes().set([(id(2), Some("line".to_owned()))]);
        assert_eq!(store.session_notes().all(|_, _| Some(())).len(), 1);
        assert_eq!(store.session_notes().of(id(2)), Some("line".to_owned()));
    }
}
