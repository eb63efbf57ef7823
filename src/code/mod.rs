//! What a project's files are in git: looks at them, snapshots, and the code stores that keep these. No word of Codex's formats.
//!
//! A room of its own beside `store`, which keeps conversations: code can be forgotten, conversations can't. The only room that names `ignore`.

mod as_it_is;
mod below;
mod check;
mod checkout;
mod concealed;
mod content;
mod error;
mod files;
mod folder;
mod forget;
mod git_folder;
mod head;
mod ignored;
mod keeper;
mod merge;
mod missing;
mod names;
mod objects;
mod outcome;
mod put_back;
mod root;
mod stand_in;
mod stat_cache;
mod store;
mod take;
mod take_over;
mod trees;
mod undo;
mod walk;

pub use as_it_is::AsItIs;
pub use check::{CheckedStore, Closely};
pub use error::Error;
pub use folder::{History, NewFolder};
pub use forget::{Forgotten, Freed};
pub(crate) use ignored::is_rule;
pub use merge::taken_out;
pub use put_back::Unrestored;
pub use root::{Bounds, Root};
pub use store::CodeStore;
pub use take::{Look, Taken};
pub use take_over::TakenOver;
pub use trees::{Changed, Kept, Lender};
