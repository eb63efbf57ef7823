//! Codex's format: a rollout's bytes, their lines, the records in them and the turns that the lines make; and the bytes of a new rollout.
//!
//! Rollouts are only read here. Where they lie, and what else Codex keeps, is known by the room `codex`. No git in this room.

mod bytes;
mod error;
mod fields;
mod file;
mod file_name;
mod flat_meta;
mod fork_meta;
mod items;
mod json;
mod last_time;
mod lean;
mod line;
mod lines;
mod masked_meta;
mod meta;
mod record;
mod rollout_file;
mod settings;
mod split;
mod stamp;
mod turn;
mod upgrade;
mod usage;

pub use bytes::IN_MEMORY;
pub use error::{Error, Refusal};
pub use file::{Reach, Rollout, split, without_next_prompt};
pub(crate) use file_name::{ACTIVE, ARCHIVED};
pub use file_name::{Compression, RolloutName};
pub use flat_meta::flat_meta;
pub use fork_meta::{Elsewhere, ForkOf, fork_meta};
pub use items::{Reader, contexts, pictures, told_in};
pub(crate) use json::Object;
pub use last_time::last_time;
pub use lean::lean;
pub(crate) use line::{Class, Line, skim};
pub use lines::next as next_line;
pub use masked_meta::masked_meta;
pub use meta::{HistoryBase, SessionMeta};
pub(crate) use record::RecordType;
#[cfg(feature = "watch")]
pub(crate) use record::turn_endings;
pub use rollout_file::RolloutFile;
pub use settings::{last_settings, provider, settle};
pub use split::{OpenLines, Split, Turn};
#[cfg(feature = "watch")]
pub use stamp::Stamp;
pub use stamp::Stamps;
pub(crate) use turn::turn_id;
pub use upgrade::{upgrade, upgrade_meta};
pub use usage::usage;
