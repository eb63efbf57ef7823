//! `codex-git evict`.

use std::time::{Duration, SystemTime};

use clap::Args;
use clap_complete::ArgValueCandidates;
use codex_git::Effect;
use codex_git::ops::{Evicted, Wanted};

use super::context::{Context, bytes, count, short};
use super::{Failure, Outcome, complete, json};
use crate::ui::{DIM, NAME, Progress, RESET};

/// Free disk: remove rollouts that the store gives back
///
/// A rollout goes only after all of it was read back from the store and compared. `codex-git resume` and `codex-git restore` bring it
/// back.
#[derive(Args)]
pub struct EvictArgs {
    /// The sessions
    #[arg(value_name = "SESSION", required_unless_present_any = ["older_than", "larger_than"], add = ArgValueCandidates::new(complete::sessions))]
    sessions: Vec<String>,
    /// All that nobody wrote to for so long: 12h, 30d, 8w
    #[arg(long, value_name = "AGE", value_parser = age, conflicts_with = "sessions")]
    older_than: Option<Duration>,
    /// All of at least this size: 500K, 100M, 2G
    #[arg(long, value_name = "SIZE", value_parser = size, conflicts_with = "sessions")]
    larger_than: Option<u64>,
    /// Only tell what would be removed
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub fn run(context: &Context, args: &EvictArgs) -> Outcome {
    let workspace = context.workspace()?;
    context.catch_up(&workspace);
    let sessions = if args.sessions.is_empty() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(context.unix_now()).unwrap_or(0));
        let before = args.older_than.map(|age| now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH));
        workspace.evictable(&Wanted { before, bytes: args.larger_than })?
    } else {
        let resolve = |named: &String| Ok(context.resolve(&workspace, Some(named))?.session);
        args.sessions.iter().map(resolve).collect::<Result<Vec<_>, Failure>>()?
    };
    let effect = if args.dry_run { Effect::Pretend } else { Effect::Write };
    let mut bar = Progress::new("sessions", context.ui.quiet);
    let outcomes = workspace.evict(&sessions, effect, &mut |progress| bar.at(progress.done, progress.total))?;
    drop(bar);
    let (evicted, failed) = context.tell_failed(outcomes);
    tell(context, &evicted, args.dry_run)?;
    failed
}

fn tell(context: &Context, evicted: &[Evicted], dry_run: bool) -> Outcome {
    let what = if dry_run { "would free" } else { "freed" };
    for Evicted { session, bytes: size, .. } in evicted {
        context.ui.say(format_args!("{what} {} {NAME}{}{RESET}", bytes(*size), short(*session)));
    }
    if context.json {
        evicted.iter().try_for_each(|evicted| context.ui.data(json::evicted(evicted, dry_run)))?;
    }
    let total: u64 = evicted.iter().map(|evicted| evicted.bytes).sum();
    let sessions = count(evicted.len(), "session");
    context.ui.say(match evicted {
        [] => "nothing to remove".to_owned(),
        _ => format!("{what} {} of {sessions} {DIM}(codex-git restore brings them back){RESET}", bytes(total)),
    });
    Ok(())
}

/// A number and its unit.
fn measure(text: &str, units: &[(char, u64)]) -> Option<u64> {
    let unit = text.chars().next_back()?;
    let (_, factor) = units.iter().find(|(known, _)| known.eq_ignore_ascii_case(&unit))?;
    text[..text.len() - unit.len_utf8()].parse::<u64>().ok()?.checked_mul(*factor)
}

fn age(text: &str) -> Result<Duration, String> {
    let seconds = measure(text, &[('h', 3600), ('d', 86_400), ('w', 7 * 86_400)]);
    seconds.map(Duration::from_secs).ok_or_else(|| "not an age such as 12h, 30d or 8w".to_owned())
}

fn size(text: &str) -> Result<u64, String> {
    measure(text, &[('k', 1 << 10), ('m', 1 << 20), ('g', 1 << 30)])
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "not a size such as 500K, 100M or 2G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes_have_units() {
        assert_eq!(age("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(size("100M"), Ok(100 << 20));
        assert_eq!(size("12"), Ok(12));
        for wrong in ["", "d", "3", "-1d", "3y", "99999999999999999999w", "3ä"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
        assert!(size("1T").is_err());
    }
}
