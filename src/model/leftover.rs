//! A file that a kill or a crash left behind.

use std::path::PathBuf;

/// A file or folder that was being written when its process died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Where it is.
    pub path: PathBuf,
    /// Its size; that of a folder is not counted.
    pub bytes: u64,
}
