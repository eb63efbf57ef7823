//! `codex-git hooks`.

use std::io::{self, BufRead, IsTerminal};

use anstyle::Style;
use clap::{Args, Subcommand};
use codex_git::model::text;
use codex_git::ops::Hooks;

use super::context::{Context, count};
use super::{Outcome, json};
use crate::ui::{Align, DIM, NAME, RESET, Table, WARN, age};

/// Have Codex run codex-git, so that turns record themselves
///
/// Codex's hooks are in `hooks.json` of the codex home, and Codex runs none that the person has not trusted. Without a word, this tells how
/// they stand.
#[derive(Args)]
pub struct HooksArgs {
    #[command(subcommand)]
    verb: Option<HooksVerb>,
}

#[derive(Subcommand)]
enum HooksVerb {
    /// Add codex-git's hooks to those that stand there
    Install(InstallArgs),
    /// Take codex-git's hooks out
    Remove,
    /// Tell whether they are installed and trusted, when each ran last, and what went wrong
    Status,
}

/// How hooks are installed.
#[derive(Args)]
pub struct InstallArgs {
    /// Have Codex trust them, without asking
    #[arg(long)]
    pub trust: bool,
}

pub fn run(context: &Context, args: &HooksArgs) -> Outcome {
    let hooks = Hooks::of(&context.home);
    match &args.verb {
        Some(HooksVerb::Install(args)) => install(context, args),
        Some(HooksVerb::Remove) => remove(context, &hooks),
        Some(HooksVerb::Status) | None => status(context, &hooks),
    }
}

/// Installs the hooks, and sees to it that Codex runs them.
pub fn install(context: &Context, args: &InstallArgs) -> Outcome {
    let hooks = Hooks::of(&context.home);
    if hooks.plugin() {
        context.ui.say("hooks: those of the Codex plugin are there; no others are needed");
    } else {
        let changed = hooks.install(&context.hook_command()?)?;
        let done = if changed { "added to" } else { "they stand in" };
        context.ui.say(format_args!("hooks: {done} {}", hooks.path()?.display()));
    }
    if args.trust {
        let trusted = hooks.have_trusted(&context.codex)?;
        context.ui.say(format_args!("Codex trusts codex-git's {} now", count(trusted.len(), "hook")));
        return Ok(());
    }
    offer_trust(context, &hooks);
    Ok(())
}

/// Asks whether Codex is to trust the hooks, where somebody can answer; else tells how.
fn offer_trust(context: &Context, hooks: &Hooks) {
    const LATER: &str =
        "Codex runs them when you have trusted them: at its next start it asks, or: codex-git hooks install --trust";
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) || context.ui.quiet {
        return context.ui.say(LATER);
    }
    match hooks.trust(&context.codex) {
        Ok(known) if known.iter().all(|hook| hook.trusted) && !known.is_empty() => return,
        Ok(_) => {}
        Err(_) => return context.ui.say(LATER),
    }
    context
        .ui
        .ask(format_args!("Codex runs hooks only when you trust them. Have it trust codex-git's? {DIM}[Y/n]{RESET} "));
    let mut answer = String::new();
    let yes = io::stdin().lock().read_line(&mut answer).is_ok_and(|read| read > 0)
        && matches!(answer.trim().to_ascii_lowercase().as_str(), "" | "y" | "yes");
    if !yes {
        return context.ui.say(LATER);
    }
    match hooks.have_trusted(&context.codex) {
        Ok(_) => context.ui.say("trusted: turns record themselves from now on"),
        Err(error) => context.ui.warn(format_args!("{error}; Codex asks at its next start")),
    }
}

fn remove(context: &Context, hooks: &Hooks) -> Outcome {
    let path = hooks.path()?;
    match hooks.remove()? {
        true => context.ui.say(format_args!("hooks: taken out of {}", path.display())),
        false => context.ui.say(format_args!("hooks: there are none of codex-git in {}", path.display())),
    }
    if hooks.plugin() {
        context.ui.say("the Codex plugin brings hooks of its own: codex plugin remove codex-git");
    }
    Ok(())
}

fn status(context: &Context, hooks: &Hooks) -> Outcome {
    let (installed, _) = hooks.events()?;
    let (runs, failed) = hooks.runs();
    let trust = hooks.trust(&context.codex);
    let plugin = hooks.plugin();
    let trusted = |event: &str| {
        let known = trust.as_ref().ok()?;
        Some(known.iter().any(|hook| hook.trusted && hook.event.eq_ignore_ascii_case(event)))
    };
    if context.json {
        for last in &runs {
            let is_in = installed.contains(&last.event);
            context.ui.data(json::hook(last, is_in, plugin, trusted(&last.event)))?;
        }
        return Ok(());
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Left, Align::Left]);
    for last in &runs {
        let is_in = if plugin {
            "plugin"
        } else if installed.contains(&last.event) {
            "installed"
        } else {
            "not installed"
        };
        let is_trusted = trusted(&last.event).map_or("", |yes| if yes { "trusted" } else { "not trusted" });
        let (when, what) = match &last.run {
            Some(run) => (age(run.at, context.unix_now()), run.outcome.clone()),
            None => ("never ran".to_owned(), Ok(String::new())),
        };
        let what = what.map_or_else(|error| (WARN, format!("error: {error}")), |what| (Style::new(), what));
        table.row(vec![
            vec![(NAME, last.event.clone())],
            vec![(Style::new(), is_in.to_owned())],
            vec![(Style::new(), is_trusted.to_owned())],
            vec![(DIM, when)],
            vec![what],
        ]);
    }
    let width = context.ui.width();
    context.ui.page(|out| table.write(out, width))?;
    if let Some(run) = failed {
        let (when, words) = (age(run.at, context.unix_now()), run.outcome.err().unwrap_or_default());
        context.ui.say(format_args!("last error, {when} at {}: {}", text::plain(&run.event), text::plain(&words)));
    }
    if let Err(error) = &trust {
        context.ui.say(format_args!("{DIM}whether they are trusted is not known: {error}{RESET}"));
    } else if installed.is_empty() && !plugin {
        context.ui.say(format_args!("{DIM}hint: codex-git hooks install{RESET}"));
    } else if runs.iter().any(|last| trusted(&last.event) == Some(false)) {
        context.ui.say(format_args!("{DIM}hint: codex-git hooks install --trust{RESET}"));
    }
    context.ui.say(format_args!("{DIM}log: {}{RESET}", hooks.log().display()));
    Ok(())
}
