//! Packs: many objects in one file, with deltas.
//!
//! [`writer`] makes one, [`shared`] has several threads write into one, [`reader`] reads one that is in place, [`packs`] reads all of a
//! repository, [`merge`] makes one of several, [`keep`] has git leave one alone until refs name what is in it.

pub(crate) mod index;
pub(crate) mod keep;
pub(crate) mod merge;
pub(crate) mod packs;
pub(crate) mod reader;
pub(crate) mod shared;
pub(crate) mod writer;

pub use packs::LeftOut;
pub(crate) use packs::{Object, Packs};
pub(crate) use shared::{Like, Packing};
