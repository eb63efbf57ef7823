//! The nouns: what codex-git talks about, without any I/O.
//!
//! Everything here is a value that is valid once it exists: an id that was parsed, a name that git takes, a turn number that
//! has a place in a tree. The other rooms share these words and nothing else.

mod author;
pub mod blame;
mod chunk;
pub mod code;
pub mod command_line;
mod commit_message;
pub mod config_key;
mod index_line;
pub mod item;
mod leftover;
mod machine;
mod moment;
pub mod moves;
mod object_id;
pub mod patch;
pub mod path;
mod picture;
pub mod piece;
mod prompt_command;
mod remote_name;
pub mod repository_address;
mod save;
mod save_name;
pub mod screen;
mod session_id;
mod share_rule;
pub mod shell;
pub mod text;
mod trailers;
mod turn;
mod usage;

pub use author::Author;
pub use chunk::{CHUNK_LIMIT, ChunkPath, Span, TAIL_LEN, TURN_LIMIT, TurnNumber};
pub use commit_message::{CommitKind, CommitMessage, FORMAT, MessageError, Origin};
pub use index_line::{IndexLine, LONGEST_LINE};
pub use item::{Item, What};
pub use leftover::Leftover;
pub use machine::{MachineId, label};
pub use moment::Moment;
pub use object_id::ObjectId;
pub use picture::Picture;
pub use prompt_command::PromptCommand;
pub use remote_name::RemoteName;
pub use save::{Save, rfc3339};
pub use save_name::{SaveName, SaveNameError};
pub use session_id::SessionId;
pub use share_rule::{SHARE_RULES, ShareRule};
pub use turn::{Kind, Status, TakenBack, TurnFacts};
pub use usage::Usage;
