//! `codex-git watch`.

use std::future::Future;
use std::io;

use clap::Args;
use codex_git::Workspace;
use codex_git::ops::{LogEntry, Watched};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::service::Manager;
use crate::cli::words::{short, shown};
use crate::cli::{auto, hints, json, news, service};
use crate::ui::{DIM, NAME, RESET};

/// Record turns as they end, without hooks
///
/// Use it instead of hooks. Prints a line for each turn, and runs until you interrupt it.
#[derive(Args)]
pub struct WatchArgs {
    /// Print a service file for the system, and exit
    #[arg(long, value_name = "MANAGER", num_args = 0..=1, default_missing_value = Manager::native())]
    service: Option<Manager>,
}

pub fn run(context: &Context, args: &WatchArgs) -> Outcome {
    if let Some(manager) = args.service {
        return service::print(context, manager);
    }
    let workspace = context.workspace()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Io("begin to watch", error))?;
    let stop = {
        let _inside = runtime.enter();
        interrupted().map_err(|error| Failure::Io("wait for signals", error))?
    };
    context.ui.say(format_args!("{DIM}watching {}; Ctrl-C ends it{RESET}", shown(&context.home)));
    Ok(runtime.block_on(workspace.watch(stop, &mut |watched| tell(context, &workspace, &watched)))?)
}

fn tell(context: &Context, workspace: &Workspace, watched: &Watched) {
    if let Watched::Turn(_) = watched {
        auto::after_turn(context, workspace);
    }
    match watched {
        Watched::Turn(turn) if context.json => {
            // Whoever reads may go away; what is recorded stays recorded.
            let prompt = workspace.prompt(turn).unwrap_or_else(|_| turn.subject.clone());
            let _ = context.ui.json(json::turn(turn, &prompt, None));
        }
        Watched::Turn(turn) if !context.ui.quiet => {
            let _ = context.ui.data(line(turn));
        }
        Watched::Turn(_) => {}
        Watched::News(session, news) => news::tell(context, *session, Some(*news)),
        Watched::Failed(error) => context.ui.fail(error, hints::hint(error)),
    }
}

fn line(turn: &LogEntry) -> String {
    let subject = codex_git::model::text::plain(&turn.subject);
    format!("{NAME}{}{RESET} turn {} {DIM}{}{RESET} {subject}", short(turn.session), turn.turn, turn.status)
}

/// Done when the person or the system wants an end.
#[cfg(unix)]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut end) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = end.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
