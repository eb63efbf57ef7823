//! `codex-git verify`.

use clap::Args;
use codex_git::Workspace;
use codex_git::ops::{Repaired, TakenOff, Verified};

use crate::cli::code_health::CodeHealth;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::{count, short};
use crate::cli::{hints, json};
use crate::ui::Progress;

/// Check every session in the store, byte for byte
///
/// Compares all branches with the format, applies the turn rule to their bytes again, and runs `git fsck --strict`. With `--repair`, what is
/// broken is put right first: from other copies in the store, and by recording the rollouts that are still there once more. Each object is
/// proven by its hash; nothing is removed before all that it held is proven elsewhere. What somebody committed on a session's branch with git is
/// taken off it, and kept. Code snapshots are checked, too, and not repaired.
#[derive(Args)]
pub struct VerifyArgs {
    /// Put right what is broken, as far as other copies and the rollouts go
    #[arg(long)]
    repair: bool,
}

pub fn run(context: &Context, args: &VerifyArgs) -> Outcome {
    let workspace = context.workspace()?;
    if args.repair {
        repair(context, &workspace)?;
    }
    let mut bar = Progress::new("sessions", context.ui.quiet);
    let mut checked = workspace.verify(&mut |progress| bar.at(progress.done, progress.total))?;
    drop(bar);
    let mut code = CodeHealth::proven(&context.home, Some(&workspace));
    workspace.note_verified(Verified { at: context.unix_now(), problems: checked.problems.len() });
    let last = checked.problems.len().saturating_sub(1);
    checked.problems.append(&mut code.problems);
    for (at, problem) in checked.problems.iter().enumerate() {
        if context.json {
            context.ui.json(json::problem(problem))?;
        } else {
            let hint = (at == last && !args.repair).then(|| hints::REPAIR.to_owned());
            context.ui.fail(format_args!("{}: {}", problem.place, problem.what), hint);
        }
    }
    if !checked.problems.is_empty() {
        return Err(Failure::Said);
    }
    if context.json {
        context.ui.json(json::verified(&checked, &code))?;
    }
    let (sessions, turns) = (count(checked.sessions, "session"), count(checked.turns, "turn"));
    context.ui.say(format_args!("all is well: {sessions}, {turns}, {} bytes of rollouts", checked.bytes));
    if let Some(told) = code.told() {
        context.ui.say(format_args!("code: {told}"));
    }
    Ok(())
}

fn repair(context: &Context, workspace: &Workspace) -> Outcome {
    let mut bar = Progress::new("objects", context.ui.quiet);
    let repaired = workspace.repair(&mut |progress| bar.at(progress.done, progress.total))?;
    drop(bar);
    if context.json {
        context.ui.json(json::repaired(&repaired))?;
    }
    context.ui.say(told(&repaired));
    for TakenOff { session, commit, kept, back_on } in &repaired.taken_off {
        let back_on = match back_on {
            Some(tip) => format!("the branch is back on {}", tip.short()),
            None => "nothing of the session is left".to_owned(),
        };
        context.ui.say(format_args!(
            "commit {}, which codex-git did not make, was on the branch of session {}: it is kept as {kept}, and {back_on}",
            commit.short(),
            short(*session)
        ));
    }
    for id in &repaired.lost {
        context.ui.warn(format_args!("object {id} is lost: neither the store nor a rollout has a copy"));
    }
    Ok(())
}

fn told(repaired: &Repaired) -> String {
    let Repaired { recovered, mended, refs, .. } = repaired;
    let lists = refs.iter().filter(|name| *name == "packed-refs").count();
    let parts = [
        (*recovered, "object", "recovered from rollouts"),
        (mended.objects, "object", "written again"),
        (mended.packs, "pack", "written again"),
        (mended.removed, "object", "removed that was broken and that nothing needs"),
        (mended.indexes, "index file", "made again"),
        (refs.len() - lists, "ref", "put back"),
        (repaired.taken_off.len(), "commit", "taken off a branch"),
        (lists, "list of packed refs", "written again"),
    ];
    let done: Vec<String> = parts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, what, how)| format!("{} {how}", count(number, what)))
        .collect();
    if done.is_empty() { "nothing to repair".to_owned() } else { format!("repaired: {}", done.join(", ")) }
}
