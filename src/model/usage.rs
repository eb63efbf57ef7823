//! Tokens, by what they are for.

use std::ops::AddAssign;

/// The tokens of a turn, or of several. Codex counts what it sends again with each request as input, most of it cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// What the model was sent, cached or not.
    pub input: u64,
    /// How much of that was cached.
    pub cached: u64,
    /// What the model wrote, reasoning included.
    pub output: u64,
    /// How much of that was reasoning.
    pub reasoning: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.cached += other.cached;
        self.output += other.output;
        self.reasoning += other.reasoning;
    }
}
