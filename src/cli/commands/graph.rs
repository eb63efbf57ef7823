//! `codex-git graph`.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ValueHint;
use codex_git::ops::{Lifetime, Place as Rollout};
use codex_git::render::page::{Band, Bar, Timeline};
use codex_git::{SessionId, Workspace};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::filters::{Dates, Filters};
use crate::cli::outputs::{self, Place};
use crate::cli::paging::{Pages, Wanted};
use crate::cli::report;
use crate::cli::words::{count, shown, tilde};
use crate::ui::Progress;

/// Draw all sessions over time, as a page
///
/// Projects are bands and sessions bars; forks and agents hang below what they began from. `codex-git log --graph` draws turns in the terminal.
#[derive(Args)]
pub struct GraphArgs {
    /// Draw a page for a browser, which is the only form that there is yet
    #[arg(long)]
    html: bool,
    /// Where to write it; - is standard output [default: sessions.html, or standard output if that is no terminal]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "pages")]
    out: Option<PathBuf>,
    /// Write it into this folder as index.html, and a page of each session beside it, which its bar leads to
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pages: Option<PathBuf>,
    /// Replace files that are there
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    filters: Filters,
}

pub fn run(context: &Context, args: &GraphArgs) -> Outcome {
    let workspace = context.workspace()?;
    report::catch_up(context, &workspace, None);
    let timeline = workspace.timeline()?;
    report::broken_sessions(context, &timeline.broken);
    let filter = args.filters.filter(context, &workspace);
    let mut lifetimes = timeline.lifetimes;
    lifetimes.retain(|life| filter.takes_session(&life.listed));
    if lifetimes.is_empty() {
        let words = if filter.wants_all() { "there is no session yet" } else { "no session matches" };
        return Err(Failure::Nothing(words.to_owned()));
    }
    let Some(folder) = &args.pages else {
        let page = page(context, &lifetimes, &HashSet::new()).markup();
        return match Place::of(context, args.out.as_deref(), "sessions.html") {
            Place::Output => outputs::print(|out| Ok(out.write_all(page.as_str().as_bytes())?)),
            Place::File(path) => write(context, &path, args.force, page.as_str()),
        };
    };
    if folder == Path::new("-") {
        let words = "several files can't go to standard output".to_owned();
        return Err(Failure::Usage(words, "codex-git graph --pages DIR".to_owned()));
    }
    let folder = context.whole(&folder.to_string_lossy());
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::Io("make the directory", io::Error::new(error.kind(), format!("`{}`: {error}", shown(&folder))))
    })?;
    let index = folder.join("index.html");
    outputs::free(context, &index, args.force)?;
    let (written, outcome) = pages(context, &workspace, &lifetimes, &folder, args.force);
    write(context, &index, args.force, page(context, &lifetimes, &written).markup().as_str())?;
    context.ui.say(format_args!("with {}; secrets in them go with them", count(written.len(), "page")));
    let older = older_pages(&folder, &written);
    if let Some(one) = older.first() {
        outputs::warn_of_older(context, older.len(), one);
    }
    outcome
}

/// Pages of sessions in a folder that were not written now.
fn older_pages(folder: &Path, written: &HashSet<SessionId>) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let is_older = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".html"));
        name.and_then(SessionId::parse).is_some_and(|session| !written.contains(&session))
    };
    entries.map(|entry| entry.path()).filter(is_older).collect()
}

fn write(context: &Context, path: &Path, force: bool, page: &str) -> Outcome {
    outputs::write(context, path, force, |out| Ok(out.write_all(page.as_bytes())?))?;
    outputs::tell(context, path)
}

/// The name of a session's page.
fn page_name(session: SessionId) -> String {
    format!("{session}.html")
}

/// Writes a page for each session. Gives the sessions that have one now.
fn pages(
    context: &Context,
    workspace: &Workspace,
    lifetimes: &[Lifetime],
    folder: &Path,
    force: bool,
) -> (HashSet<SessionId>, Outcome) {
    let all: HashSet<SessionId> = lifetimes.iter().map(|life| life.listed.id).collect();
    let mut bar = Progress::new("pages", context.ui.quiet);
    let mut outcomes = Vec::new();
    for (done, life) in lifetimes.iter().enumerate() {
        bar.at(done, lifetimes.len());
        let session = life.listed.id;
        outcomes.push(session_page(context, workspace, session, &all, folder, force).map(|()| session));
    }
    drop(bar);
    let (written, outcome) = report::tell_failed(context, outcomes);
    (written.into_iter().collect(), outcome)
}

fn session_page(
    context: &Context,
    workspace: &Workspace,
    session: SessionId,
    all: &HashSet<SessionId>,
    folder: &Path,
    force: bool,
) -> Outcome {
    let Some(point) = workspace.head(session)? else { return Ok(()) };
    let part = |number: usize| if number == 1 { page_name(session) } else { format!("{session}-{number}.html") };
    let page_of = |session| all.contains(&session).then(|| page_name(session));
    let wanted = Wanted { splits: true, part: &part, ..Wanted::whole(&point, &page_of) };
    let mut pages = Pages::of(context, workspace, &wanted)?;
    for number in 0..pages.count() {
        outputs::write(context, &folder.join(part(number + 1)), force, |out| Ok(pages.write(number, out)?))?;
    }
    Ok(())
}

/// The page of sessions, those that have a page of their own leading there.
fn page(context: &Context, lifetimes: &[Lifetime], with_page: &HashSet<SessionId>) -> Timeline {
    let mut bands: Vec<Band> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // The newest come first, and so do their projects.
    for life in lifetimes {
        let name = tilde(life.listed.cwd.as_deref().unwrap_or("no directory"), &context.person_home);
        let at = *places.entry(name).or_insert_with_key(|name| {
            bands.push(Band { name: name.clone(), bars: Vec::new() });
            bands.len() - 1
        });
        bands[at].bars.push(bar(context, life, with_page.contains(&life.listed.id)));
    }
    bands.iter_mut().for_each(|band| band.bars.sort_by_key(|bar| bar.time.0));
    Timeline {
        title: format!("{} in {}", count(lifetimes.len(), "session"), count(bands.len(), "project")),
        maker: format!("codex-git {}", env!("CARGO_PKG_VERSION")),
        bands,
        offset: i64::from(context.now.offset().whole_seconds()),
        day,
    }
}

fn bar(context: &Context, life: &Lifetime, has_page: bool) -> Bar {
    let listed = &life.listed;
    let own = listed.turns.saturating_sub(listed.inherited);
    let title = listed.name.as_ref().or(listed.title.as_ref()).cloned().unwrap_or_default();
    let mut facts = vec![count(own as usize, "turn"), Dates::Local.brief(life.started, context)];
    facts.extend(listed.model.clone());
    Bar {
        id: listed.id.to_string(),
        words: format!("{title}\n{}", facts.join(" · ")),
        time: (life.started, life.ended),
        turns: own,
        from: life.from.map(|(session, moment)| (session.to_string(), moment)),
        is_agent: listed.origin.is_subagent(),
        is_gone: listed.place == Rollout::StoreOnly,
        saves: life.saves.iter().map(|(name, moment)| (name.to_string(), *moment)).collect(),
        page: has_page.then(|| page_name(listed.id)),
    }
}

/// A day in words and its year, by its number since 1970.
fn day(number: i64) -> (String, i32) {
    let moment =
        OffsetDateTime::from_unix_timestamp(number.saturating_mul(86_400)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let form = format_description!("[day padding:none] [month repr:short]");
    (moment.format(form).unwrap_or_default(), moment.year())
}
