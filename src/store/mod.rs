//! Git's side: the bare repository that keeps the sessions. The only room that names git2.
//!
//! The order of writes makes a kill at any moment harmless: objects first, refs last, each ref by compare-and-swap against the
//! value that was read. A ref that moved meanwhile is [`Error::LostRace`]; the caller reads again and tries again.

mod adopt;
mod branches;
mod commit;
mod damage;
mod delta;
mod error;
mod fsck;
mod gather;
mod keep;
mod leftovers;
mod lenders;
mod likeness;
mod lock;
mod loose;
mod mend;
mod mend_refs;
mod merge;
mod notes;
mod object;
mod objects;
mod pack;
mod pack_file;
mod pack_index;
mod packed_refs;
mod packing;
mod packs;
mod proof;
mod reflog;
mod refs;
mod regular;
mod repository;
mod revision;
mod saves;
mod size;
mod stray;
mod suffix;
mod tree;

pub use branches::{Branch, Heads, NewBranch};
pub use commit::Commit;
pub use damage::Damage;
pub use error::Error;
pub use fsck::{fsck, git_version};
pub use gather::{Due, Gathered};
pub use mend::Mended;
pub use notes::Note;
pub use objects::SharedPack;
pub use packs::LeftOut;
pub use repository::Store;
pub use saves::BrokenSave;
pub use size::Size;
pub use stray::Stray;
pub use suffix::split_suffix;
pub use tree::SessionTree;
