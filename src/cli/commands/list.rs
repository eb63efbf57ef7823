//! `codex-git list`.

use std::path::Path;

use anstyle::Style;
use clap::Args;
use codex_git::ops::{Listed, Listing, Place};

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::words::{count, short, tilde};
use crate::cli::{json, report};
use crate::ui::{Align, BOLD, DIM, NAME, Table, age};

/// List sessions, newest first
#[derive(Args)]
pub struct ListArgs {
    /// Those of every directory, not only of this one
    #[arg(short, long)]
    all: bool,
    /// Those that other sessions started, too
    #[arg(long)]
    subagents: bool,
}

pub fn run(context: &Context, args: &ListArgs) -> Outcome {
    let workspace = context.workspace()?;
    let here = if args.all { None } else { Some(context.here.directory.as_deref().unwrap_or(Path::new("/"))) };
    report::catch_up(context, &workspace, here);
    let Listing { mut sessions, broken, all } = workspace.listing(here)?;
    report::broken_sessions(context, &broken);
    report::all_broken_saves(context, &workspace);
    sessions.retain(|session| args.subagents || !session.origin.is_subagent());
    if context.json {
        let object = |session: &Listed| json::session(session, workspace.whole_title(session).as_deref());
        sessions.iter().try_for_each(|session| context.ui.json(object(session)))?;
        return Ok(());
    }
    if sessions.is_empty() {
        let elsewhere = count(all, "session");
        context.ui.say(format_args!("no sessions in this directory; `codex-git list --all` shows all {elsewhere}"));
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]);
    for session in &sessions {
        table.row(row(session, context));
    }
    let width = context.ui.width();
    Ok(context.ui.page(|out| table.write(out, width))?)
}

fn row(session: &Listed, context: &Context) -> Vec<Vec<(Style, String)>> {
    let mut about: Vec<(Style, String)> = session.saves.iter().map(|name| (NAME, format!("[{name}] "))).collect();
    if session.place != Place::Active {
        about.push((
            DIM,
            format!(
                "({}) ",
                if session.place == Place::StoreOnly { "only in the store" } else { session.place.name() }
            ),
        ));
    }
    if let Some(base) = session.origin.forked_from {
        about.push((DIM, format!("(fork of {}) ", short(base))));
    }
    if let Some(parent) = session.origin.parent {
        about.push((DIM, format!("(agent of {}) ", short(parent))));
    }
    if let Some(name) = &session.name {
        about.push((BOLD, format!("{name}  ")));
    }
    about.push((Style::new(), session.title.clone().unwrap_or_default()));
    vec![
        vec![(NAME, short(session.id))],
        vec![(DIM, age(session.changed, context.unix_now()))],
        vec![(Style::new(), count(session.turns as usize, "turn"))],
        vec![(DIM, tilde(session.cwd.as_deref().unwrap_or_default(), &context.person_home))],
        about,
    ]
}
