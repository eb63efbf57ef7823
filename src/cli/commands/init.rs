//! `codex-git init`.

use clap::Args;
use codex_git::model::shell::quoted;
use codex_git::{Effect, Workspace};

#[cfg(unix)]
use crate::cli::asking;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::install::InstallArgs;
use crate::cli::words::shown;
use crate::cli::{install, json, news, report, words};

/// Create the store, record every session, and install Codex hooks
///
/// The store is a bare git repository, `sessions.git`, in the codex home. The hooks record each turn as it ends. Run again, it records what is new
/// and changes nothing else.
#[derive(Args)]
pub struct InitArgs {
    #[command(flatten)]
    install: InstallArgs,
    /// Do not install hooks
    #[arg(long, conflicts_with = "trust")]
    no_hooks: bool,
}

pub fn run(context: &Context, args: &InitArgs) -> Outcome {
    if context.home_is_named && !context.home.is_dir() {
        return Err(Failure::Usage(
            format!("there is no codex home at `{}`; Codex does not create one there itself", shown(&context.home)),
            context.home.to_str().map_or_else(|| "mkdir".to_owned(), |home| format!("mkdir {}", quoted(home))),
        ));
    }
    let workspace = Workspace::init(&context.home, &context.store)?;
    let made = if workspace.created() { "made the store" } else { "the store already exists:" };
    context.ui.say(format_args!("{made} {}", shown(workspace.store())));
    install::have_git_read(context, &workspace);
    let report = report::record_all(context, &workspace, Effect::Write);
    if context.json {
        report.recorded.iter().try_for_each(|recorded| context.ui.json(json::recorded(recorded)))?;
    }
    if report.failed.is_empty() || !report.recorded.is_empty() {
        context.ui.say(words::recorded(report.turns(), report.changed(), report.recorded.len()));
    }
    report.recorded.iter().for_each(|recorded| news::tell(context, recorded.session, recorded.news));
    if !args.no_hooks {
        install::install(context, &args.install)?;
    }
    #[cfg(unix)]
    offer_code(context, &workspace)?;
    if report.failed.is_empty() || !report.recorded.is_empty() {
        next_steps(context, report.recorded.is_empty(), args.no_hooks);
    }
    workspace.gc_if_due(&report.recorded, Effect::Write);
    report::tell_failures(context, &report)
}

/// Asks once whether the files of projects are to be kept, where somebody can answer.
#[cfg(unix)]
fn offer_code(context: &Context, workspace: &Workspace) -> Outcome {
    use codex_git::model::config_key::CODE;
    use codex_git::ops::code::Switch;
    if !workspace.setting(&CODE).values.is_empty() {
        return Ok(());
    }
    let question = "Keep the project's files at each turn, too? They stay on this machine (`codex-git code`).";
    match asking::ask(context, question, false) {
        None => Ok(()),
        Some(true) => Ok(workspace.switch_code(Switch::On, None)?),
        Some(false) => Ok(workspace.switch_code(Switch::Off, None)?),
    }
}

fn next_steps(context: &Context, empty: bool, no_hooks: bool) {
    let mut steps = vec![
        ("codex-git list --all", "the sessions that are kept now"),
        ("codex-git log", "the turns of the newest session here"),
        ("codex-git save NAME", "name the point where it stands, to fork from it later"),
        ("!codex-git save NAME", "the same, typed in Codex's own terminal, also while a turn runs"),
    ];
    if no_hooks {
        steps.push(("codex-git watch", "record turns as they end; else each command records first"));
    }
    if empty {
        steps[0] = ("codex", "start a session: there is none yet");
    }
    context.ui.say("\nnext:");
    context.ui.steps(&steps);
}
