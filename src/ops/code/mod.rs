//! The files of a project beside the conversation: kept at each turn where a person asked for that, shown, compared, forgotten, and given back
//! in a new folder together with a fork, or put back in place.

mod after_turn;
mod at;
mod attribution;
mod between;
mod bytes;
mod changes;
mod check;
mod error;
mod file_change;
mod folder;
mod forget;
mod goals;
mod going_back;
mod idle;
mod restore;
mod restore_error;
mod span;
mod state;
mod stores;
mod switch;
mod take;
mod undo;

pub use at::{CodeAt, Wanted};
pub use changes::TurnChange;
pub use check::{CheckedCode, check_code};
pub use error::SnapshotError;
pub use file_change::{Content, FileChange, Happened};
pub use going_back::{GoingBack, WentBackTo};
pub use restore::CodeRestore;
pub use restore_error::{Lack, RestoreError};
pub use state::{CodeState, StoreState, code_size};
pub use switch::Switch;

pub use crate::code::{
    Bounds, CheckedStore, Closely, CodeStore, Error as CodeError, Freed, History, Kept as KeptSnapshot, NewFolder,
    Root, Taken, TakenOver, Unrestored,
};
