//! Codex's side: the files under a codex home, their lines, and the turns that the lines make. No git in this room.
//!
//! Files are only ever read, except for two things that are created new: the rollout of a fork, and a rollout that is put back
//! where it is missing. Nothing here changes a file that exists.

mod error;
mod file;
mod file_name;
mod fork_meta;
mod home;
mod line;
mod lines;
mod message;
mod meta;
mod object;
mod split;
mod turn;
mod write;

pub use error::{Error, Refusal};
pub use file::{Rollout, split};
pub use file_name::{Packing, RolloutName};
pub use fork_meta::{ForkOf, fork_meta};
pub use home::{CodexHome, Found};
pub use message::{Message, Role, messages};
pub use meta::SessionMeta;
pub use split::{OpenLines, Split, Turn};
pub use write::NewRollout;
