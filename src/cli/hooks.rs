//! `codex-git hooks`.

use std::io::{self, BufRead, IsTerminal};

use anstyle::Style;
use clap::{Args, Subcommand};
use codex_git::model::text;
use codex_git::ops::Hooks;

use super::context::{Context, count, shown};
use super::recording::{self, Off};
use super::{Failure, Outcome, json};
use crate::ui::{Align, DIM, NAME, RESET, Table, WARN, age};

/// Have Codex run codex-git, so that turns record themselves
///
/// Codex's hooks are in `hooks.json` of the codex home, and Codex runs none that the person has not trusted. Without a subcommand, prints their
/// status.
#[derive(Args)]
pub struct HooksArgs {
    #[command(subcommand)]
    verb: Option<HooksVerb>,
}

#[derive(Subcommand)]
enum HooksVerb {
    /// Add codex-git's hooks to the others
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
        let done = if changed { "added to" } else { "already in" };
        context.ui.say(format_args!("hooks: {done} {}", shown(&hooks.path()?)));
    }
    if args.trust {
        let trusted = hooks.have_trusted(&context.codex)?;
        if trusted.is_empty() {
            let path = hooks.path()?;
            let words = format_args!("Codex reads none of the hooks in {}", shown(&path)).to_string();
            context.ui.fail(words, Some("codex (says at its start what it does not take there)".to_owned()));
            return Err(Failure::Said);
        }
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
    let known = if context.can_ask_codex(hooks) { hooks.trust(&context.codex).ok() } else { None };
    if known.as_ref().is_some_and(|known| known.iter().all(|hook| hook.trusted) && !known.is_empty()) {
        return;
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) || context.ui.quiet {
        return context.ui.say(LATER);
    }
    if known.is_none() {
        return context.ui.say(LATER);
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
        true => context.ui.say(format_args!("hooks: taken out of {}", shown(&path))),
        false => context.ui.say(format_args!("hooks: there are none of codex-git in {}", shown(&path))),
    }
    if hooks.plugin() {
        context.ui.say("the Codex plugin brings hooks of its own: codex plugin remove codex-git");
    }
    Ok(())
}

fn status(context: &Context, hooks: &Hooks) -> Outcome {
    let (installed, _) = hooks.events()?;
    let (runs, failed) = hooks.runs();
    let trust = if context.can_ask_codex(hooks) { Some(hooks.trust(&context.codex)) } else { None };
    let gone = Off::at_a_glance(hooks);
    let plugin = hooks.plugin();
    let trusted = |event: &str| {
        let known = trust.as_ref()?.as_ref().ok()?;
        Some(known.iter().any(|hook| hook.trusted && hook.event.eq_ignore_ascii_case(event)))
    };
    if context.json {
        for last in &runs {
            let is_in = installed.contains(&last.event);
            context.ui.json(json::hook(last, is_in, plugin, trusted(&last.event)))?;
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
    context.ui.say(format_args!("{DIM}log: {}{RESET}", shown(&hooks.log())));
    if let Some(Err(error)) = &trust {
        context.ui.say(format_args!("{DIM}whether they are trusted is not known: {error}{RESET}"));
    }
    let distrusted = runs.iter().any(|last| trusted(&last.event) == Some(false));
    let off = gone.or_else(|| (distrusted && (plugin || !installed.is_empty())).then_some(Off::Untrusted));
    match off {
        Some(off) => {
            let missed = recording::missed(context.workspace().ok().as_ref());
            context.ui.fail(off.words(hooks, missed), Some(off.hint().to_owned()));
            Err(Failure::Said)
        }
        None if installed.is_empty() && !plugin => {
            context.ui.hint("codex-git hooks install");
            Ok(())
        }
        None => Ok(()),
    }
}
