//! Codex's side: the files under a codex home, their lines, and the turns that the lines make. No git in this room.
//!
//! Rollouts are only ever read, except for two that are created new: that of a fork, and one that is put back where it is missing. Nothing
//! here changes a rollout that exists, or a database of Codex. Evicting one moves it aside, and removes it later. Of Codex's other files,
//! `hooks.json` gets and loses codex-git's own entries, and a session's lock is made while its rollout is moved; names and
//! trust are written by Codex itself, through its app server.

mod app_server;
mod ending;
mod error;
mod file;
mod file_name;
mod fork_meta;
mod held;
mod home;
mod hook_command;
mod hook_event;
mod hook_log;
mod hook_trust;
mod hooks_file;
mod line;
mod lines;
mod message;
mod meta;
mod object;
mod open_files;
mod rollouts;
mod split;
mod steering;
mod thread_names;
mod turn;
mod upgrade;
mod watch;
mod write;
mod writer_lock;

pub use app_server::{AppServer, AppServerError};
pub use ending::wait_for_end;
pub use error::{Error, Refusal};
pub use file::{Reach, Rollout, split, without_next_prompt};
pub use file_name::{Packing, RolloutName};
pub use fork_meta::{ForkOf, fork_meta};
pub use held::HeldFile;
pub use home::{CodexHome, Found};
pub use hook_command::HookCommand;
pub use hook_event::{HookEvent, HookKind, home_of};
pub use hook_log::{HookLog, HookRun};
pub use hook_trust::HookTrust;
pub use hooks_file::HooksFile;
pub use message::{Message, Role, messages};
pub use meta::{HistoryBase, SessionMeta};
pub use open_files::open_elsewhere;
pub use rollouts::Rollouts;
pub use split::{OpenLines, Split, Turn};
pub use steering::steers;
pub use thread_names::thread_names;
pub use upgrade::{upgrade, upgrade_meta};
pub use watch::HomeWatch;
pub use write::NewRollout;
pub use writer_lock::WriterLock;

#[cfg(fuzzing)]
pub use lines::next as next_line;
