//! Version control for Codex CLI conversations.
//!
//! The library behind the `codex-git` program, for programs that want to keep, name and fork Codex sessions themselves.
//! It never prints, reads no environment variable and knows no terminal. Everything starts with a [`Workspace`]: a codex
//! home and the store that keeps its sessions.
//!
//! ```
//! use codex_git::{Effect, Here, Workspace};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let home = folder.path();
//! let workspace = Workspace::init(home, &home.join("sessions.git"))?;
//! let report = workspace.record_all(Effect::Write, &mut |_| {});
//! println!("{} sessions hold {} new turns", report.recorded.len(), report.turns());
//!
//! let here = Here::default();
//! for session in workspace.list()? {
//!     let point = workspace.resolve(&here, &session.id.to_string())?.point;
//!     println!("{} stands at turn {}", session.id, point.message.turn);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The rooms: [`model`] holds the nouns and does no I/O; `rollout` is Codex's format, lines and turns; `codex` is Codex as it is
//! installed; `store` is git's side; [`secrets`] knows what secrets look like; [`ops`] holds the verbs and is the only room where
//! the two sides meet; `links` carries bytes by links, sealed.

#[cfg(unix)]
mod code;
mod codex;
mod disk;
mod git;
#[cfg(feature = "links")]
pub mod links;
pub mod model;
pub mod ops;
pub mod render;
mod rollout;
pub mod secrets;
mod store;

pub use model::{ObjectId, SessionId};
pub use ops::{Effect, Error, Here, Workspace};

/// What the fuzz targets of `tests/fuzz` feed with bytes, and no program sees.
#[cfg(fuzzing)]
pub mod fuzzed {
    pub use crate::rollout::{Reader, Split, next_line, split};
}
