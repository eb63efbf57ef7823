//! Files as they should be: opened only where they are files, private, and written so that they are there whole or not at all.

pub(crate) mod durable;
pub(crate) mod each;
pub(crate) mod fields;
pub(crate) mod lock;
pub(crate) mod paged;
pub(crate) mod private;
pub(crate) mod regular;
pub(crate) mod sorted;
#[cfg(unix)]
pub(crate) mod times;
