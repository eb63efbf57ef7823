//! `codex-git gc`.

use clap::Args;
use codex_git::Workspace;
use codex_git::ops::Collected;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::{bytes, count};
use crate::cli::{hints, json, report};
use crate::ui::Progress;

/// Compact the store
///
/// Packs loose objects and refs, merges packs, and removes leftovers of crashes and rollouts that were evicted a day ago or longer. Nothing that
/// was recorded is ever dropped; code snapshots that are older than the settings say are. It also runs by itself after every 64 turns, unless `codex-git config autogc` is false.
#[derive(Args)]
pub struct GcArgs {}

pub fn run(context: &Context, _: &GcArgs) -> Outcome {
    let workspace = context.workspace()?;
    let mut bar = Progress::new("objects", context.ui.quiet);
    let collected = workspace.gc(&mut |done, total| bar.at(done, total))?;
    drop(bar);
    let Some(collected) = collected else {
        context.ui.say("another codex-git is already collecting");
        return Ok(());
    };
    let (snapshots, freed) = collect_code(context, &workspace)?;
    if context.json {
        context.ui.json(json::collected(&collected, (snapshots, freed)))?;
    }
    context.ui.say(told(&collected));
    if snapshots > 0 || freed > 0 {
        let forgotten = count(snapshots, "snapshot");
        context.ui.say(format_args!("code: forgot {forgotten} older than the settings say; freed {}", bytes(freed)));
    }
    warn_of_broken(context, &collected);
    report::tell_released(context, &workspace.release(false, None))
}

/// Looks after the code stores. Tells how many snapshots are forgotten, and how many bytes that freed.
fn collect_code(context: &Context, workspace: &Workspace) -> Result<(usize, u64), Failure> {
    #[cfg(unix)]
    return Ok(workspace.collect_code(context.unix_now()).map(|freed| (freed.snapshots, freed.bytes))?);
    #[cfg(not(unix))]
    return Ok((0, 0));
}

/// Names what is broken, and was left as it is.
fn warn_of_broken(context: &Context, Collected { gathered, .. }: &Collected) {
    let objects = gathered.broken.iter().map(|id| format!("object {id}"));
    let packs = gathered.broken_packs.iter().map(|pack| format!("`{}`", pack.display()));
    for what in objects.chain(packs) {
        context.ui.warn(format_args!("{what} is broken, and was left as it is ({})", hints::REPAIR));
    }
}

fn told(collected: &Collected) -> String {
    let Collected { gathered, leftovers, before, after, .. } = collected;
    let mut done = Vec::new();
    let mut add = |number: usize, what: &str, how: &str| {
        if number > 0 {
            done.push(format!("{} {how}", count(number, what)));
        }
    };
    add(gathered.objects, "object", "packed");
    add(gathered.packs, "pack", "merged");
    add(gathered.refs, "ref", "packed");
    add(leftovers.len(), "leftover", "removed");
    let less = before.checked_sub(*after).filter(|less| *less > 0);
    let takes = format!("the store takes {}", bytes(*after));
    let takes = less.map_or(takes.clone(), |less| format!("{takes}, {} less than before", bytes(less)));
    match less {
        Some(_) if done.is_empty() => takes,
        None if done.is_empty() => format!("nothing to do: {takes}"),
        _ => format!("{}: {takes}", done.join(", ")),
    }
}
