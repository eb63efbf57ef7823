//! Secrets in conversations: what they look like, and where they stand in a line of a rollout.
//!
//! [`Rules`] is a table of what is looked for, with a person's own rules at its end. It takes one line of a rollout, or a text, and hands over a
//! [`Finding`] for each secret. What is scanned is what the line says: its strings, decoded, whatever they are wrapped in. A finding keeps its
//! secret to itself: it can be compared by its [`Fingerprint`] and shown masked, and it can't be printed.
//!
//! No I/O. Of the program's other rooms only the model is known here.

mod assigned;
mod base64_run;
mod boundary;
mod finding;
mod fingerprint;
mod found;
mod json;
mod keywords;
mod likely;
mod mask;
mod matcher;
mod own_rule;
mod raw;
mod rule;
mod rules;
mod ruleset;
mod scan;
mod sift;
mod undo;
mod views;

pub use finding::Finding;
pub use fingerprint::{Allowed, Fingerprint, FingerprintKey};
pub use mask::{Mask, ReadyMask};
pub use own_rule::{OwnRule, RuleError};
pub use rule::{Finds, Rule, Tier};
pub use rules::rules;
pub use ruleset::Rules;
