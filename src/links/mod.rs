//! Bytes that are carried by a link: sealed with a key that is made for them alone, sent to a server that need not be trusted, and fetched again.
//!
//! The key stands behind the `#` of the link, which no program sends to a server. So a server sees how many bytes there are, and nothing else.
//! Only `https` is spoken, and `http` to this machine. It has no word of sessions.

mod error;
mod http;
mod key;
mod link;

pub use error::Error;
pub use http::{MOST_SENT, fetch, send};
pub use key::Key;
pub use link::Link;
