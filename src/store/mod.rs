//! Git's side: the bare repository that keeps the sessions. The only room that names git2.
//!
//! The order of writes makes a kill at any moment harmless: objects first, refs last, each ref by compare-and-swap against the
//! value that was read. A ref that moved meanwhile is [`Error::LostRace`]; the caller reads again and tries again.

mod commit;
mod error;
mod fsck;
mod lock;
mod loose;
mod object;
mod objects;
mod pack;
mod pack_index;
mod refs;
mod repository;
mod revision;
mod saves;
mod seen;
mod tree;

pub use commit::Commit;
pub use error::Error;
pub use fsck::fsck;
pub use refs::{Branch, Heads};
pub use repository::Store;
pub use tree::SessionTree;
