//! A row: what a search wants to know of a commit without reading it, and where the text of its turn stands.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::sync::Arc;

use crate::disk::fields::{Fields, put_maybe, put_number, put_text};
use crate::model::{CommitKind, ObjectId, SessionId};
use crate::store::Commit;

/// A commit of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRow {
    /// Its id.
    pub commit: ObjectId,
    /// What tells the turn's bytes from all others; none of a commit that adds no turn.
    pub chunk: Option<ObjectId>,
    /// The commit before it in the conversation.
    pub before: Option<ObjectId>,
    /// The session that it was made in.
    pub session: SessionId,
    /// The number of the last turn in its tree.
    pub turn: u32,
    /// When the turn began, in seconds since 1970.
    pub started: i64,
    /// When it ended.
    pub ended: i64,
    /// Whether it was told of while it was on `refs/open`: it counts only as long as it is.
    pub is_open: bool,
    /// Whether its lines take earlier turns back.
    pub takes_back: bool,
    /// Whether its turn could not be read when it was told.
    pub is_unread: bool,
    /// The model last used.
    pub model: Option<Arc<str>>,
    /// Where Codex last worked.
    pub cwd: Option<Arc<str>>,
    /// Where in its frame the turn's text stands; empty where another row has it.
    pub text: Range<usize>,
}

impl TextRow {
    /// The row of a commit, whose turn has these bytes.
    pub fn of(commit: &Commit, chunk: Option<ObjectId>) -> Self {
        let message = &commit.message;
        let takes_back = match message.kind {
            CommitKind::Turn { taken_back, .. } => taken_back.before + taken_back.after > 0,
            CommitKind::Pending { taken_back } => taken_back > 0,
            _ => false,
        };
        Self {
            commit: commit.id,
            chunk,
            before: commit.before(),
            session: message.session,
            turn: message.turn,
            started: commit.author.started,
            ended: commit.author.ended,
            is_open: false,
            takes_back,
            is_unread: false,
            model: message.model.as_deref().map(Arc::from),
            cwd: message.cwd.as_deref().map(Arc::from),
            text: 0..0,
        }
    }
}

/// The bytes of rows. Texts that many of them have stand there once.
pub(super) fn write(rows: &[TextRow]) -> Vec<u8> {
    let mut texts: Vec<&str> = Vec::new();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for text in rows.iter().flat_map(|row| [&row.model, &row.cwd]).flatten() {
        numbers.entry(text).or_insert_with(|| {
            texts.push(text);
            texts.len()
        });
    }
    let number = |text: &Option<Arc<str>>| text.as_deref().and_then(|text| numbers.get(text)).copied().unwrap_or(0);
    let mut out = Vec::with_capacity(rows.len() * 128);
    put_number(&mut out, texts.len());
    texts.iter().for_each(|text| put_text(&mut out, text));
    put_number(&mut out, rows.len());
    for row in rows {
        out.extend(row.commit.as_bytes());
        [row.chunk, row.before].into_iter().for_each(|id| put_maybe(&mut out, id.map(|id| *id.as_bytes())));
        out.extend(row.session.to_bytes());
        out.extend(row.turn.to_le_bytes());
        [row.started, row.ended].into_iter().for_each(|time| out.extend(time.to_le_bytes()));
        out.push(u8::from(row.is_open) | u8::from(row.takes_back) << 1 | u8::from(row.is_unread) << 2);
        [number(&row.model), number(&row.cwd), row.text.start, row.text.end]
            .into_iter()
            .for_each(|number| put_number(&mut out, number));
    }
    out
}

/// Reads the bytes of rows.
pub(super) fn read(bytes: &[u8]) -> io::Result<Vec<TextRow>> {
    let mut left = Fields(bytes);
    let texts: Vec<Arc<str>> = left.list(|left| Ok(Arc::from(left.text()?)))?;
    let text = |number: usize| match number.checked_sub(1) {
        None => Ok(None),
        Some(at) => texts.get(at).cloned().map(Some).ok_or(io::Error::from(ErrorKind::InvalidData)),
    };
    left.list(|left| {
        let (commit, chunk, before) = (ObjectId::from_bytes(left.array()?), left.maybe()?, left.maybe()?);
        let session = SessionId::from_bytes(left.array()?);
        let turn = u32::from_le_bytes(left.array()?);
        let (started, ended) = (i64::from_le_bytes(left.array()?), i64::from_le_bytes(left.array()?));
        let [flags] = left.array()?;
        Ok(TextRow {
            commit,
            chunk: chunk.map(ObjectId::from_bytes),
            before: before.map(ObjectId::from_bytes),
            session,
            turn,
            started,
            ended,
            is_open: flags & 1 > 0,
            takes_back: flags & 2 > 0,
            is_unread: flags & 4 > 0,
            model: text(left.number()?)?,
            cwd: text(left.number()?)?,
            text: left.number()?..left.number()?,
        })
    })
}
