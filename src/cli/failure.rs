//! What a command comes to, and why it did not do what was asked.

use std::io;

use codex_git::Error;
#[cfg(feature = "links")]
use codex_git::links;

use super::hints;

/// What a verb comes to.
pub type Outcome = Result<(), Failure>;

/// Why a verb did not do what was asked.
pub enum Failure {
    /// The library's reason.
    Library(Error),
    /// What a link leads to could not be sent or fetched.
    #[cfg(feature = "links")]
    Link(links::Error),
    /// Reading or writing failed outside of it.
    Io(&'static str, io::Error),
    /// The words were wrong: what about them, and how it goes.
    Usage(String, String),
    /// The library's reason why nothing could be looked for; to have found nothing is another outcome.
    Unsearched(Error),
    /// What was to leave was held back: why, and what lets it go.
    Held(String, String),
    /// What was asked for holds nothing.
    Nothing(String),
    /// All was said already.
    Said,
    /// The person left without a choice.
    #[cfg(feature = "ui")]
    Left,
}

impl Failure {
    /// The exit code: 2 where nothing was tried, 130 where the person broke off.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Usage(..) | Self::Unsearched(_) => 2,
            #[cfg(feature = "links")]
            Self::Link(_) => 1,
            Self::Library(_) | Self::Io(..) | Self::Held(..) | Self::Nothing(_) | Self::Said => 1,
            #[cfg(feature = "ui")]
            Self::Left => 130,
        }
    }

    /// The same, from a command that says with 1 that it found nothing.
    pub fn unsearched(self) -> Self {
        match self {
            Self::Library(error) => Self::Unsearched(error),
            other => other,
        }
    }

    /// Whether nothing is left to say.
    pub const fn is_said(&self) -> bool {
        match self {
            Self::Said => true,
            #[cfg(feature = "ui")]
            Self::Left => true,
            _ => false,
        }
    }

    /// Why, and what to do.
    pub fn words(&self) -> (String, Option<String>) {
        match self {
            Self::Library(error) | Self::Unsearched(error) => (error.to_string(), hints::hint(error)),
            #[cfg(feature = "links")]
            Self::Link(error) => (error.to_string(), hints::link_hint(error)),
            Self::Io(doing, error) => (format!("can't {doing}: {error}"), None),
            Self::Held(words, usage) | Self::Usage(words, usage) => (words.clone(), Some(usage.clone())),
            Self::Nothing(words) => (words.clone(), None),
            Self::Said => (String::new(), None),
            #[cfg(feature = "ui")]
            Self::Left => (String::new(), None),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

#[cfg(feature = "links")]
impl From<links::Error> for Failure {
    fn from(error: links::Error) -> Self {
        Self::Link(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io("write the output", error)
    }
}
