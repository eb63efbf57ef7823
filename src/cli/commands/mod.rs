//! The commands, a file each: what it takes, and how it tells what the library did. No command names another; what two of them need stands
//! beside this folder.

pub mod blame;
pub mod completions;
pub mod config;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod evict;
pub mod export;
pub mod fork;
pub mod gc;
pub mod graph;
pub mod hook;
pub mod hooks;
pub mod init;
pub mod list;
pub mod log;
pub mod man;
#[cfg(feature = "mcp")]
pub mod mcp;
pub mod moved;
pub mod patch;
pub mod record;
pub mod rename;
pub mod restore;
pub mod resume;
pub mod save;
pub mod saves;
pub mod search;
pub mod show;
pub mod stats;
pub mod status;
pub mod verify;
#[cfg(feature = "watch")]
pub mod watch;
