//! Codex as it is installed: its home, which rollouts are there and which of them grow, its hooks, names and locks, its app server. No git
//! in this room; what stands in a rollout is known by the room `rollout`.
//!
//! Nothing here writes into a rollout that exists, or a database of Codex. New rollouts are that of a fork, and one that is put back where it is
//! missing. Advancing one puts a longer one into its place; evicting one moves it aside, and removes it later. Of Codex's other files, `hooks.json` gets and loses codex-git's own entries,
//! and a session's lock is made while its rollout is moved; names and trust are written by Codex itself, through its app server.

mod app_server;
#[cfg(unix)]
mod at_work;
mod catalogue;
mod ending;
mod error;
mod folder;
mod gone_on;
mod held;
mod home;
mod hook_command;
mod hook_event;
mod hook_log;
mod hook_trust;
mod hooks_file;
mod hooks_text;
mod in_use;
mod look;
mod mcp_server;
mod new_rollout;
mod open_files;
mod rollouts;
mod settings;
mod steering;
mod thread_names;
#[cfg(feature = "watch")]
mod watch;
mod watching;
mod writer_lock;

pub use app_server::{AppServer, AppServerError};
#[cfg(unix)]
pub use at_work::has_called;
pub use ending::wait_for_end;
pub use error::Error;
pub use held::HeldFile;
pub use home::CodexHome;
pub use hook_command::HookCommand;
pub use hook_event::{HookEvent, HookKind, home_of};
pub use hook_log::{HookLog, HookRun};
pub use hook_trust::HookTrust;
pub use hooks_file::{HooksFile, Removed};
pub use in_use::{has_open, in_use};
pub use look::Look;
pub use mcp_server::McpServer;
pub use new_rollout::NewRollout;
pub use open_files::open_elsewhere;
pub use rollouts::Rollouts;
pub use settings::{Settings, toml_text};
pub use steering::steers;
pub use thread_names::thread_names;
#[cfg(feature = "watch")]
pub use watch::HomeWatch;
#[cfg(feature = "watch")]
pub use watching::Watching;
pub use watching::is_watched;
pub use writer_lock::WriterLock;
