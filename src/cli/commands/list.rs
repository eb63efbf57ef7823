//! `codex-git list`.

use std::borrow::Cow;
use std::path::Path;

use anstyle::Style;
use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::shell::command;
use codex_git::model::text::SUBJECT_WIDTH;
use codex_git::ops::{Listed, Listing, Place, Remote, SessionElsewhere};
use codex_git::{Effect, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::filters::{self, Dates};
use crate::cli::words::{count, end_of, short, tilde};
use crate::cli::{complete, exchange, json, report};
use crate::ui::{Align, BOLD, DIM, NAME, Table, WARN};

/// List sessions, newest first
#[derive(Args)]
pub struct ListArgs {
    /// List those of every directory, not only of this one or the git repository that it is in
    #[arg(short, long)]
    all: bool,
    /// Include sessions started by other sessions
    #[arg(long)]
    subagents: bool,
    /// List what other machines and this one have at a remote [default: the only one, or origin]
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["all", "subagents"], add = ArgValueCompleter::new(complete::remotes))]
    remote: Option<String>,
    #[command(flatten)]
    listed: filters::Listed,
}

/// How many columns the id, the age and the number of turns take, about, and how many are shared by the rest at the least.
const COLUMNS: usize = 38;
const LEAST: usize = 30;

/// In fewer columns a list does without directories.
const NARROW: usize = 60;

/// So many sessions are given whole titles, where there is room: to read a chunk for each row of a longer list costs more than it helps.
const LENGTHENED: usize = 200;

pub fn run(context: &Context, args: &ListArgs) -> Outcome {
    let workspace = context.workspace()?;
    if let Some(name) = &args.remote {
        let remote = workspace.remote(Some(name.as_str()).filter(|name| !name.is_empty()))?;
        return remotely(context, &workspace, args, &remote);
    }
    let is_everywhere = args.all || args.listed.filters.names_a_directory();
    let here = context.here.directory.as_deref().unwrap_or(Path::new("/"));
    let directory = (!is_everywhere).then_some(here);
    let behind = report::catch_up(context, &workspace, directory);
    let Listing { mut sessions, broken, .. } = workspace.listing(directory)?;
    report::broken_sessions(context, &broken);
    report::all_broken_saves(context, &workspace);
    sessions.retain(|session| args.subagents || !session.origin.is_subagent());
    sessions.retain(|session| context.json || !session.is_empty());
    let is_empty = sessions.is_empty();
    let filter = args.listed.filters.filter(context, &workspace);
    sessions.retain(|session| filter.takes_session(session));
    sessions.truncate(args.listed.max_count.unwrap_or(usize::MAX));
    if context.json {
        let object = |session: &Listed| {
            let title = workspace.whole_title(session);
            json::session(session, title.as_deref(), behind.get(&session.id).copied())
        };
        sessions.iter().try_for_each(|session| context.ui.json(object(session)))?;
        return Ok(());
    }
    if is_empty && !is_everywhere {
        let all = workspace.sessions_like("", usize::MAX)?;
        let elsewhere =
            all.iter().filter(|session| session.turns > 0 && (args.subagents || !session.origin.is_subagent())).count();
        let elsewhere = count(elsewhere, "session");
        context.ui.say(format_args!("no sessions in this directory; `codex-git list --all` shows all {elsewhere}"));
        // To find one takes a look at all directories.
        if !context.ui.quiet {
            hint_at_another_place(context, &workspace, here);
        }
    }
    if !is_empty && sessions.is_empty() && !filter.wants_all() {
        context.ui.say("no session matches");
    }
    let is_elsewhere = |session: &Listed| session.cwd.as_deref().is_some_and(|cwd| Path::new(cwd) != here);
    let width = context.ui.width();
    // Where both have no room, what one looks for is the title.
    let names_directories = width.is_none_or(|width| width >= NARROW) && sessions.iter().any(is_elsewhere);
    if width.is_some_and(|width| width > SUBJECT_WIDTH + COLUMNS) {
        sessions.iter_mut().take(LENGTHENED).for_each(|session| session.title = workspace.whole_title(session));
    }
    let dates = Dates::wanted(args.listed.date, &workspace);
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]);
    // A path keeps two fifths of what is left.
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(COLUMNS).max(LEAST) * 2 / 5);
    for session in &sessions {
        let short_of = behind.get(&session.id).copied();
        row(&mut table, (session, short_of), context, dates, names_directories.then_some(room));
    }
    Ok(context.ui.page(|out| table.write(out, width))?)
}

/// Hints at where the sessions of this directory may be.
fn hint_at_another_place(context: &Context, workspace: &Workspace, here: &Path) {
    if let Some(old) = workspace.perhaps_moved_to(here) {
        return context.ui.hint(&format!("{}  # if this directory was there before", command("moved", &[&old, "."])));
    }
    if let Some((old, root)) = workspace.in_another_clone(here) {
        let root = if root == here { ".".to_owned() } else { root.to_string_lossy().into_owned() };
        context.ui.hint(&format!("{}  # sessions of a clone of this repository", command("moved", &[&old, &root])));
    }
}

/// Lists the sessions at a remote, as they are told there.
fn remotely(context: &Context, workspace: &Workspace, args: &ListArgs, remote: &Remote) -> Outcome {
    let sessions = workspace.sessions_at(remote, &exchange::exchange(context, Effect::Pretend))?;
    let filter = args.listed.filters.filter(context, workspace);
    let shown = sessions.iter().filter(|session| !session.line.is_subagent && filter.takes_session_elsewhere(session));
    let shown: Vec<&SessionElsewhere> = shown.take(args.listed.max_count.unwrap_or(usize::MAX)).collect();
    if context.json {
        return shown.iter().try_for_each(|session| Ok(context.ui.json(json::session_elsewhere(session))?));
    }
    if shown.is_empty() {
        context.ui.say("no machine has a session there");
    }
    let dates = Dates::wanted(args.listed.date, workspace);
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]);
    for SessionElsewhere { line, machines, is_here, .. } in shown {
        let parts = [
            (DIM, if *is_here { "" } else { "(only there) " }),
            (DIM, if line.session.is_masked() { "(masked) " } else { "" }),
            (BOLD, line.name.as_deref().unwrap_or_default()),
            (Style::new(), if line.name.is_some() { "  " } else { "" }),
            (Style::new(), besides(line.title.as_deref(), line.name.as_deref()).unwrap_or_default()),
        ];
        table
            .row()
            .cell(NAME, short(line.session))
            .cell(DIM, dates.words(line.changed, context))
            .cell(Style::new(), count(line.turns as usize, "turn"))
            .cell(DIM, machines.join(", "))
            .parts(parts.into_iter().map(|(style, text)| (style, Cow::Borrowed(text))));
    }
    let width = context.ui.width();
    Ok(context.ui.page(|out| table.write(out, width))?)
}

fn row(
    table: &mut Table,
    (session, short_of): (&Listed, Option<u32>),
    context: &Context,
    date: Dates,
    room: Option<usize>,
) {
    let directory = room.map_or_else(String::new, |room| {
        end_of(&tilde(session.cwd.as_deref().unwrap_or_default(), &context.person_home), room)
    });
    table
        .row()
        .cell(NAME, short(session.id))
        .cell(DIM, date.words(session.changed, context))
        .cell(Style::new(), count(session.turns as usize, "turn"))
        .cell(DIM, directory)
        .parts(about(session, short_of));
}

/// What is said of a session besides its numbers; its rollout can be some turns short of the store.
fn about(session: &Listed, short_of: Option<u32>) -> impl Iterator<Item = (Style, Cow<'_, str>)> {
    let owned = |style: Style, words: String| (style, Cow::Owned(words));
    let saves = session.saves.iter().map(move |name| owned(NAME, format!("[{name}] ")));
    let place = match session.place {
        Place::Active => None,
        Place::StoreOnly => Some("only in the store"),
        Place::Unknown => Some("its folder can't be read"),
        place => Some(place.name()),
    };
    let place = place.map(|place| owned(DIM, format!("({place}) ")));
    let behind = short_of
        .map(|turns| owned(WARN, if turns == 0 { "(behind) ".to_owned() } else { format!("(behind {turns}) ") }));
    let fork = if session.id.is_masked() { "masked fork" } else { "fork" };
    let base = session.origin.forked_from.map(|base| owned(DIM, format!("({fork} of {}) ", short(base))));
    let parent = session.origin.parent.map(|parent| owned(DIM, format!("(agent of {}) ", short(parent))));
    // A session that took the name of a save is not called that twice.
    let own = session.name.as_ref().filter(|name| !session.saves.iter().any(|save| save.as_str() == name.as_str()));
    let name = own.map(|name| owned(BOLD, format!("{name}  ")));
    let title = besides(session.title.as_deref(), own.map(String::as_str));
    let title = title.map(|title| (Style::new(), Cow::Borrowed(title)));
    saves.chain(place).chain(behind).chain(base).chain(parent).chain(name).chain(title)
}

/// What a session begins with, where its name does not say it already.
fn besides<'t>(title: Option<&'t str>, name: Option<&str>) -> Option<&'t str> {
    title.filter(|title| Some(*title) != name)
}
