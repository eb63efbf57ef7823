//! What a session is in git: its branch, its saves, its trees, its messages. No word of Codex's format.
//!
//! A [`Store`] is a repository that keeps sessions; it has the repository's objects and refs ([`crate::git`]), and says what they mean.

mod adopt;
mod branches;
mod commit;
mod config;
mod configure;
mod delta_base;
mod error;
mod foreign;
mod histories;
mod incoming;
mod index;
mod index_writer;
mod init;
mod leftovers;
mod machine;
mod mend_refs;
mod notes;
mod objects;
mod own_key;
mod pace;
mod parts;
mod readable;
mod rehash;
mod remotes;
mod repack;
mod repository;
mod retry;
mod revision;
mod saves;
mod saves_elsewhere;
mod scratch;
mod session_notes;
mod side;
mod size;
mod strands;
mod stray;
mod suffix;
mod table;
mod text_log;
mod tree;

pub use branches::{Branch, Heads, NewBranch, SessionMove};
pub use commit::Commit;

pub use error::Error;
pub use foreign::TakenOff;
pub use incoming::Incoming;
pub use index::{Index, ReadIndex};
pub use mend_refs::SetBack;
pub use notes::Note;
pub use pace::Pace;
pub use remotes::RemoteSettings;
pub use repack::{Due, Gathered};
pub use repository::Store;
pub use retry::retry;
pub use saves::BrokenSave;
pub use side::{Keeps, Machine, Namespace, Part, Side};
pub use size::Size;
pub use strands::StrandRef;
pub use stray::Stray;
pub use suffix::split_suffix;
pub use table::{Row, Table};
pub use text_log::{Filter, Frame, Known, NewRows, TextLog, TextLogWriter, TextRow, Texts};
pub use tree::SessionTree;

pub use crate::git::bundle::Bundled;
pub use crate::git::damage::Damage;
pub use crate::git::pack::LeftOut;
pub use crate::git::program::{fsck, git_version};
pub use crate::git::shortcut::Shortcut;
pub use crate::git::transport::{Answer, RemoteMove, Transport};
pub use crate::git::work_tree;
pub use crate::git::{Error as GitError, Mended, SharedPack};
