//! Remotes: git repositories that sessions are pushed to and pulled from, by any number of machines.
//!
//! Each machine has two refs there that nobody else writes: an index, which tells where each of its sessions ends, and a keep, which has those
//! commits among its parents. So no push is ever refused because somebody else pushed, and none is forced. Nothing goes there that no rule
//! names, and nothing that holds a secret for sure. Nothing that comes from there is believed: see [`crate::ops`]' import.

mod elsewhere;
mod fetch;
mod held;
mod lines;
mod linked;
mod masks;
mod moves;
mod one;
mod outgoing;
mod projects;
mod pull;
mod push;
mod saves;
mod selection;
mod settings;
mod shortcut;
mod there;
mod unshare;
mod withdrawn;

pub use elsewhere::SessionElsewhere;
pub use masks::MaskedSession;
pub use pull::{LeftOut, Pulled, PulledSession};
pub use push::{Pushed, PushedSession};
pub use settings::{Auto, Remote, Rules};
pub use unshare::Unshared;

/// How a verb talks to a remote.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// Now, in seconds since 1970.
    pub now: i64,
    /// What the host is called, for others to know this machine by.
    pub host: String,
    /// Whether git may ask the person for names and passwords.
    pub asks: bool,
    /// Whether anything is written, here or there.
    pub effect: super::Effect,
    /// Whether masked forks go in the place of sessions that are held back.
    pub masks: bool,
    /// Whether all is put there again where the remote lost what this machine had pushed.
    pub anew: bool,
}

impl Exchange {
    /// One that writes, and asks nobody.
    pub const fn new(now: i64, host: String) -> Self {
        Self { now, host, asks: false, effect: super::Effect::Write, masks: false, anew: false }
    }
}
