//! The verbs: record, save, fork and all the others. The only room where rollouts and the store meet.
//!
//! No verb prints, asks a terminal or reads the environment; each takes what it needs and gives back what it did. Verbs that
//! read a session record it first, so that a recording that was missed costs nothing.

mod advance;
mod ancestry;
mod arrival;
mod begun;
mod blame;
mod blobs;
#[cfg(unix)]
pub mod code;
mod config;
mod configure;
mod current;
mod diff;
mod directory;
mod doctor;
mod edits;
mod error;
mod evict;
mod export;
mod family;
mod filter;
mod fork;
mod gc;
mod graph;
mod held;
mod hidden;
mod hook;
mod hooks;
mod import;
mod in_use;
mod known;
mod lean_fork;
mod lineage;
mod list;
mod log;
mod log_entry;
mod marks;
mod masked;
mod moved;
mod naming;
mod noted_names;
mod overlay;
mod project;
mod prompt;
mod proof;
mod record;
mod remotes;
mod repair;
mod replay;
mod restore;
mod retry;
mod revision;
mod save;
mod search;
mod secrets;
mod share;
mod show;
mod stats;
mod status;
mod strands;
mod successors;
mod threads;
mod timeline;
mod verify;
mod waiting;
#[cfg(feature = "watch")]
mod watch;
mod words;
mod workspace;

pub use advance::Advanced;
pub use arrival::Arrival;
pub use blame::{Blame, BlameQuestion, BlamedLine, Source};
pub use config::{Misfit, Setting};
pub use current::Here;
pub use diff::{Difference, Side};
pub use doctor::{Amount, Checkup, Stored, examine};
pub use edits::{Edits, Which};
pub use error::Error;
pub use evict::{Evicted, Eviction, Wanted};
pub use export::{Alone, Offshoot};
pub use filter::Filter;
pub use fork::Forked;
pub use gc::Collected;
pub use graph::{Graph, Leaf, Node, NodeKind};
pub use held::{Held, Released};
pub use hidden::Hidden;
pub use hooks::{Hooks, LastRun};
pub use import::Imported;
pub use lean_fork::LeftOutput;
pub use list::{Listed, Listing, Place};
pub use log::{Log, Query};
pub use log_entry::{LogEntry, Superseded};
pub use moved::MovedDirectory;
pub use overlay::{DirectoryHere, Overlay, ProviderHere, Surroundings};
pub use project::Below;
pub use record::{Effect, News, Progress, Recorded, Report, Unrecorded};
pub use remotes::{
    Auto, Exchange, LeftOut as LeftOutMachine, MaskedSession, Pulled, PulledSession, Pushed, PushedSession, Remote,
    Rules, SessionElsewhere, Unshared,
};
pub use repair::Repaired;
pub use restore::Restored;
pub use revision::Resolved;
pub use save::{Dropped, Saved, Undone};
pub use search::{FoundSession, FoundTurn, Hit, Needle, Search, Searched, Spelling};
pub use secrets::{FoundSecret, Leaving, Scope, Secrets};
pub use show::{About, Conversation, Pictures, Shown, chunk_items};
pub use stats::{Amounts, By, Question, Stats};
pub use status::{Current, Status, Verified};
pub use strands::Strand;
pub use timeline::{Lifetime, Timeline};
pub use verify::{Checked, Problem};
#[cfg(feature = "watch")]
pub use watch::Watched;
pub use words::fewer;
pub use workspace::{Point, Workspace};

pub use crate::codex::{
    AppServerError, Error as CodexError, HookCommand, HookEvent, HookKind, HookRun, HookTrust, McpServer, Removed,
    home_of, steers, toml_text,
};
pub use crate::rollout::{Elsewhere, Error as RolloutError, Refusal};
pub use crate::store::{
    BrokenSave, Commit, Error as StoreError, Gathered, GitError, LeftOut, Mended, Size, Stray, TakenOff,
};
