//! What can go wrong with a link. No message holds a link's key.

use std::io;

/// A failure in reading, sending or fetching what a link leads to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is no link of ours.
    #[error("`{text}` is no link of `codex-git share`: {reason}")]
    NotALink {
        /// The text, without what stands behind its `#`.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text is no address that is sent to.
    #[error("`{text}` is no address to send a conversation to: {reason}")]
    NotAServer {
        /// The text, without what can be a secret in it.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// What is behind the link was not sealed with its key, or is not whole.
    #[error("what is at `{0}` can't be opened with the link's key")]
    Sealed(String),
    /// The server answered something else than was asked for.
    #[error("`{place}` answered {status}")]
    Status {
        /// What was asked.
        place: String,
        /// What it answered: a number and its meaning.
        status: String,
    },
    /// The server took what was sent and did not say where it is.
    #[error("`{0}` did not say where it put what was sent: neither its answer nor the header `Location` is an address")]
    NoAddress(String),
    /// There is more of it than is carried by a link.
    #[error("it has more than {most} bytes, which is more than a link carries")]
    TooLarge {
        /// How many it may have.
        most: u64,
    },
    /// The server could not be asked, or its answer could not be read.
    #[error("can't {doing} `{place}`: {said}")]
    Http {
        /// What was tried, a verb.
        doing: &'static str,
        /// Whom.
        place: String,
        /// What went wrong.
        said: String,
    },
    /// The operating system said no.
    #[error("can't {doing}: {source}")]
    Io {
        /// What was tried, a verb.
        doing: &'static str,
        /// What it said.
        source: io::Error,
    },
}

impl Error {
    /// Makes an error of what the system said.
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
