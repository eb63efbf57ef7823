//! What a project's files are in git: looks at them, snapshots, and the code stores that keep these. No word of Codex's formats.
//!
//! A room of its own beside `store`, which keeps conversations: code can be forgotten, conversations can't. The only room that names `ignore`.

mod check;
mod checkout;
mod content;
mod error;
mod files;
mod folder;
mod forget;
mod head;
mod ignored;
mod keeper;
mod missing;
mod names;
mod objects;
mod outcome;
mod root;
mod stat_cache;
mod store;
mod take;
mod take_over;
mod trees;
mod walk;

pub use check::{CheckedStore, Closely};
pub use error::Error;
pub use folder::{History, NewFolder};
pub use forget::{Forgotten, Freed};
pub use root::{Bounds, Root};
pub use store::CodeStore;
pub use take::{Look, Taken};
pub use take_over::TakenOver;
pub use trees::{Changed, Kept, Lender, Version};
