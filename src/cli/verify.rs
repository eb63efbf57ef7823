//! `codex-git verify`.

use clap::Args;
use serde_json::json;

use super::context::{Context, count};
use super::{Failure, Outcome};
use crate::ui::Progress;

/// Check every session in the store, byte for byte
///
/// Compares all branches with the format, applies the turn rule to their bytes again, and runs `git fsck --strict`.
#[derive(Args)]
pub struct VerifyArgs {}

pub fn run(context: &Context, _: &VerifyArgs) -> Outcome {
    let workspace = context.workspace()?;
    let mut bar = Progress::new("sessions", context.ui.quiet);
    let checked = workspace.verify(&mut |progress| bar.at(progress.done, progress.total))?;
    drop(bar);
    for problem in &checked.problems {
        if context.json {
            context.ui.data(json!({ "place": problem.place, "problem": problem.what }))?;
        } else {
            context.ui.fail(format_args!("{}: {}", problem.place, problem.what), None);
        }
    }
    if !checked.problems.is_empty() {
        return Err(Failure::Said);
    }
    let (sessions, turns) = (count(checked.sessions, "session"), count(checked.turns, "turn"));
    context.ui.say(format_args!("all is well: {sessions}, {turns}, {} bytes of rollouts", checked.bytes));
    Ok(())
}
