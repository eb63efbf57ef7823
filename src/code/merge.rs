//! Taking changes out of a file that others changed since.

use crate::git::merge_text::merge_text;
use crate::git::object::{Kind, object_id};
use crate::model::ObjectId;

/// What a file holds, and its id, when what made `after` of `before` is taken out of `now`; `None` where that is not clear.
pub fn taken_out(before: &[u8], after: &[u8], now: &[u8]) -> Option<(ObjectId, Vec<u8>)> {
    let bytes = merge_text(after, now, before)?;
    Some((object_id(Kind::Blob, &bytes), bytes))
}
