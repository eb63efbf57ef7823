//! Installing codex-git's hooks, and having Codex trust them.

use std::io::{self, BufRead, IsTerminal};

use clap::Args;
use codex_git::Workspace;
use codex_git::ops::Hooks;

use super::codex;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::recording::Off;
#[cfg(feature = "mcp")]
use super::registered;
use super::words::{count, shown};
use crate::ui::{DIM, RESET};

/// How hooks are installed.
#[derive(Args)]
pub struct InstallArgs {
    /// Trust the hooks without asking
    #[arg(long)]
    pub trust: bool,
    /// Also let Codex itself look into earlier conversations (see `codex-git mcp`)
    #[cfg(feature = "mcp")]
    #[arg(long)]
    pub memory: bool,
}

/// Installs the hooks, and sees to it that Codex runs them.
pub fn install(context: &Context, args: &InstallArgs) -> Outcome {
    let hooks = Hooks::of(&context.home);
    if hooks.plugin() {
        context.ui.say("hooks: the Codex plugin's are installed; no others are needed");
    } else {
        let before = hooks.other_store(&context.store);
        let changed = hooks.install(&context.hook_command()?)?;
        let done = if changed { "added to" } else { "already in" };
        context.ui.say(format_args!("hooks: {done} {}", shown(&hooks.path()?)));
        if let Some(before) = before {
            let (before, now) = (shown(&before), shown(&context.store));
            context.ui.say(format_args!("hooks: recorded into {before} before, now into {now}"));
        }
    }
    // What hinders the one does not hinder the other.
    #[cfg(feature = "mcp")]
    let registered = if args.memory { registered::add(context, &hooks) } else { Ok(()) };
    #[cfg(not(feature = "mcp"))]
    let registered = Ok(());
    if let Some(off) = Off::by_settings(&hooks) {
        let words = format_args!("Codex runs no hooks: {}", off.why()).to_string();
        if args.trust {
            context.ui.fail(words, Some(off.hint().to_owned()));
            return Err(Failure::Said);
        }
        context.ui.warn(words);
        context.ui.remedy(off.hint());
        return registered;
    }
    if args.trust {
        let trusted = hooks.have_trusted(&context.codex)?;
        if trusted.is_empty() {
            let path = hooks.path()?;
            let words = format_args!("Codex reads none of the hooks in {}", shown(&path)).to_string();
            context.ui.fail(words, Some("codex  # says at its start what it does not take there".to_owned()));
            return Err(Failure::Said);
        }
        context.ui.say(format_args!("Codex trusts codex-git's {} now", count(trusted.len(), "hook")));
        return registered;
    }
    offer_trust(context, &hooks);
    registered
}

/// Has plain git print conversations, by this program. Where that can't be written, sessions are kept as well.
pub fn have_git_read(context: &Context, workspace: &Workspace) {
    let program = context.program().ok();
    match workspace.make_readable(program.as_deref()) {
        Ok(true) if !workspace.created() => context.ui.say("plain git prints conversations again, by this program"),
        Ok(_) => {}
        Err(error) => context.ui.warn(format_args!("plain git may print JSON instead of conversations: {error}")),
    }
}

/// Asks whether Codex is to trust the hooks, where somebody can answer; else tells how.
fn offer_trust(context: &Context, hooks: &Hooks) {
    let trust = context.ui.command("codex-git hooks install --trust");
    let later = format!("Codex runs them when you have trusted them: at its next start it asks, or: {trust}");
    let known = if codex::can_be_asked(context, hooks) { hooks.trust(&context.codex).ok() } else { None };
    if known.as_ref().is_some_and(|known| known.iter().all(|hook| hook.trusted) && !known.is_empty()) {
        return;
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) || context.ui.quiet {
        return context.ui.say(later);
    }
    if known.is_none() {
        return context.ui.say(later);
    }
    context
        .ui
        .ask(format_args!("Codex runs hooks only when you trust them. Have it trust codex-git's? {DIM}[Y/n]{RESET} "));
    let mut answer = String::new();
    let yes = io::stdin().lock().read_line(&mut answer).is_ok_and(|read| read > 0)
        && matches!(answer.trim().to_ascii_lowercase().as_str(), "" | "y" | "yes");
    if !yes {
        return context.ui.say(later);
    }
    match hooks.have_trusted(&context.codex) {
        Ok(_) => context.ui.say("trusted: turns record themselves from now on"),
        Err(error) => context.ui.warn(format_args!("{error}; Codex asks at its next start")),
    }
}
