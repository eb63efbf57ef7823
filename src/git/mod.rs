//! Git as such: objects, packs, refs and the `git` program. The only room that names git2; it has no word of sessions.
//!
//! [`Odb`] is a repository's objects, [`Refs`] its refs. The order of writes makes a kill at any moment harmless: objects first, refs last,
//! each by compare-and-swap against the value that was read. A ref that moved meanwhile is [`Error::LostRace`]; the caller reads again
//! and tries again.

pub(crate) mod alternates;
pub(crate) mod broken_settings;
pub(crate) mod bundle;
#[cfg(unix)]
pub(crate) mod copy;
pub(crate) mod damage;
mod delta;
mod error;
pub(crate) mod head;
pub(crate) mod headers;
pub(crate) mod identity;
pub(crate) mod incoming;
mod loose;
mod mend;
#[cfg(unix)]
pub(crate) mod merge_text;
pub(crate) mod object;
mod odb;
pub(crate) mod pack;
pub(crate) mod program;
#[cfg(unix)]
pub(crate) mod project;
pub(crate) mod refs;
pub(crate) mod repository;
mod said;
pub(crate) mod shortcut;
pub mod transport;
pub(crate) mod tree;
mod watch;
pub mod work_tree;

pub(crate) use delta::Base;
pub use error::Error;
pub use mend::Mended;
pub(crate) use odb::Odb;
pub use odb::SharedPack;
pub(crate) use refs::Refs;
