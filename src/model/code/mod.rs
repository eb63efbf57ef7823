//! Code snapshots as nouns: the files of a project at one moment of a session, what is said of them, and what is not kept.

mod budget;
mod file_name;
mod left_out;
mod line_changes;
mod moment;
mod quoted_path;
mod refusal;
mod restoring;
mod rule;
mod secret_name;
mod snapshot;

pub use budget::{Budget, Exceeded};
pub use file_name::is_safe;
pub use left_out::{LeftOut, Reason};
pub use line_changes::{line_changes, unified};
pub use moment::CodeMoment;
pub use quoted_path::{quoted, readable, unquoted};
pub use refusal::Refusal;
pub use restoring::{
    EXECUTABLE, Goal, LINK, Left, PLAIN, Spared, Standing, Step, Steps, Version, above, folders_of, lies_in,
};
pub use rule::{Rule, RuleOf};
pub use secret_name::looks_secret;
pub use snapshot::{CODE_FORMAT, Snapshot, TurnKey};
