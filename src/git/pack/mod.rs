//! Packs: many objects in one file, with deltas.
//!
//! [`writer`] makes one, [`concurrent`] has several threads write into one, [`reader`] reads one that is in place, [`packs`] reads all of a
//! repository, [`merge`] makes one of several, [`keep`] has git leave one alone until refs name what is in it.

pub(crate) mod concurrent;
pub(crate) mod index;
pub(crate) mod keep;
pub(crate) mod merge;
pub(crate) mod packs;
pub(crate) mod reader;
pub(crate) mod writer;

pub(crate) use concurrent::{Like, Packing};
pub use packs::LeftOut;
pub(crate) use packs::{Object, Packs};
