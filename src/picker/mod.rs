//! The picker as such: which sessions are listed, which is selected, what is typed, and what each key comes to.
//!
//! Nothing here reads, draws or writes: keys and what was read come in, and out comes what to draw and what is wished for.
//! So all of it can be tried without a terminal. Texts are kept as they are; who draws them passes them through [`codex_git::render::Line`].

mod edit;
mod entry;
mod key;
mod keymap;
mod page;
mod panes;
mod press;
mod query;
mod questions;
mod request;
mod state;
mod tree;
mod view;

pub use entry::Entry;
pub use key::Key;
pub use keymap::{BINDINGS, Pane};
pub use page::{Page, Wanted, What};
pub use panes::Panes;
pub use request::{Choice, Deed, Done, Wish};
pub use state::{Listing, Mode, Picker, Purpose};
pub use tree::Branch;
