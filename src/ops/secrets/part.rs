//! A part of what is scanned: a chunk or a first line, and what was found in it.

use crate::model::{ObjectId, SessionId};
use crate::ops::Error;
use crate::secrets::Finding;

/// A chunk or a first line, in as many blobs as it has.
pub(super) struct Part {
    pub blobs: Vec<ObjectId>,
    pub session: SessionId,
    pub turn: u32,
    /// The walk that met it.
    pub walk: usize,
}

/// The findings of a part, each with the place of its line.
pub(super) type Read = Result<Vec<(&'static str, Finding)>, Error>;
