//! `codex-git hooks`.

use anstyle::Style;
use clap::{Args, Subcommand};
use codex_git::model::text;
use codex_git::ops::Hooks;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::install::InstallArgs;
use crate::cli::recording::Off;
use crate::cli::words::shown;
use crate::cli::{codex, install, json, recording, registered};
use crate::ui::{Align, DIM, NAME, RESET, Table, WARN, age};

/// Install hooks, so that Codex has each turn recorded
///
/// Codex keeps its hooks in `hooks.json` in its home, and runs only those that you have trusted. Without a subcommand, prints their status.
#[derive(Args)]
pub struct HooksArgs {
    #[command(subcommand)]
    verb: Option<HooksVerb>,
}

#[derive(Subcommand)]
enum HooksVerb {
    /// Add codex-git's hooks
    Install(InstallArgs),
    /// Remove codex-git's hooks
    Remove,
    /// Show whether they are installed and trusted, when each last ran, and what failed
    Status,
}

pub fn run(context: &Context, args: &HooksArgs) -> Outcome {
    let hooks = Hooks::of(&context.home);
    match &args.verb {
        Some(HooksVerb::Install(args)) => {
            // Where the program was moved, git is to find it as Codex is.
            context.workspace().iter().for_each(|workspace| install::have_git_read(context, workspace));
            install::install(context, args)
        }
        Some(HooksVerb::Remove) => remove(context, &hooks),
        Some(HooksVerb::Status) | None => status(context, &hooks),
    }
}

fn remove(context: &Context, hooks: &Hooks) -> Outcome {
    let path = hooks.path()?;
    let codex = codex::can_be_asked(context, hooks).then_some(context.codex.as_path());
    let removed = hooks.remove(codex)?;
    match removed.changed {
        true => context.ui.say(format_args!("hooks: removed from {}", shown(&path))),
        false => context.ui.say(format_args!("hooks: none of codex-git's are in {}", shown(&path))),
    }
    if removed.changed && !removed.kept.is_empty() {
        let events = removed.kept.join(", ");
        context.ui.say(format_args!(
            "an empty entry stays at {events}: Codex knows the hooks behind it by their place, and would not run them at another"
        ));
    }
    if !removed.moved.is_empty() {
        let events = removed.moved.join(", ");
        context.ui.warn(format_args!("Codex may not run hooks of others at {events}: they have another place now"));
        context.ui.remedy("codex  # asks at its start whether to trust them");
    }
    if hooks.plugin() {
        context.ui.say("the Codex plugin brings hooks of its own: codex plugin remove codex-git");
    }
    registered::remove(context, hooks)
}

fn status(context: &Context, hooks: &Hooks) -> Outcome {
    let (installed, _) = hooks.events()?;
    let (runs, failed) = hooks.runs();
    let is_asked = Off::by_settings(hooks).is_none() && codex::can_be_asked(context, hooks);
    let trust = if is_asked { Some(hooks.trust(&context.codex)) } else { None };
    let gone = Off::at_a_glance(hooks).or_else(|| Off::by_store(context, hooks).filter(Off::is_elsewhere));
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
        let row = table.row().cell(NAME, &last.event).cell(Style::new(), is_in).cell(Style::new(), is_trusted);
        row.cell(DIM, when).parts([what]);
    }
    let width = context.ui.width();
    context.ui.page(|out| table.write(out, width))?;
    if let Some(run) = failed {
        let (when, words) = (age(run.at, context.unix_now()), run.outcome.err().unwrap_or_default());
        context.ui.say(format_args!("last error, {when} at {}: {}", text::plain(&run.event), text::plain(&words)));
    }
    registered::tell(context, hooks);
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
