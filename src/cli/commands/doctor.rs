//! `codex-git doctor`.

use std::path::Path;

use anstyle::Style;
use clap::Args;
use codex_git::model::shell::{command, quoted};
use codex_git::model::{RemoteName, text};
#[cfg(unix)]
use codex_git::ops::code::code_size;
use codex_git::ops::{Amount, Auto, Checkup, Hidden, Hooks, Remote, Stored, examine};

use crate::cli::code_health::CodeHealth;
use crate::cli::context::{Context, is_on_path};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::recording::Off;
use crate::cli::words::{self, bytes, count, short, shown};
use crate::cli::{codex, gate, hints, json, recording};
use crate::ui::{Align, NAME, Table};

/// So many reasons why sessions are hidden are told.
const REASONS: usize = 5;

/// With more than that, `codex-git gc` is worth it.
const MANY: usize = 1000;

/// Check the installation, its disk use and its problems
///
/// Looks at the codex home, the store, the versions of git and codex, hooks, sizes, rollouts that can't be read, and leftovers. Writes
/// nothing. Fails if something needs your attention.
#[derive(Args)]
pub struct DoctorArgs {}

pub fn run(context: &Context, _: &DoctorArgs) -> Outcome {
    let checkup = examine(&context.home, &context.store);
    let codex = codex::version(context);
    let code = CodeHealth::present(&context.home, context.workspace().ok().as_ref());
    if context.json {
        context.ui.json(json::checkup(&checkup, &code, codex.as_deref(), &context.home, &context.store))?;
    } else {
        let width = context.ui.width();
        let mut table = Table::new(&[Align::Left, Align::Left]);
        for (what, is) in lines(context, &checkup, &code, codex) {
            table.row().cell(NAME, what).cell(Style::new(), is);
        }
        context.ui.page(|out| table.write(out, width))?;
    }
    tell(context, &checkup, &code)
}

fn lines(
    context: &Context,
    checkup: &Checkup,
    code: &CodeHealth,
    codex: Option<String>,
) -> Vec<(&'static str, String)> {
    let none = || "not found".to_owned();
    let Amount { files: rollouts, bytes: raw } = checkup.rollouts;
    let mut lines = vec![
        ("codex-git", env!("CARGO_PKG_VERSION").to_owned()),
        ("git", checkup.git.clone().unwrap_or_else(none)),
        ("codex", codex.unwrap_or_else(none)),
        ("codex home", shown(&context.home)),
        ("rollouts", format!("{}, {}", count(rollouts, "file"), bytes(raw))),
        ("hooks", hooks(context, checkup)),
        ("store", shown(&context.store)),
    ];
    if checkup.held.files > 0 {
        let (Amount { files, bytes: size }, left) = (checkup.held, checkup.held_for);
        let when = match left.as_secs().div_ceil(3600) {
            0 => "`codex-git gc` frees them".to_owned(),
            hours => format!("the first can go in {}", count(hours as usize, "hour")),
        };
        lines.push(("held", format!("{}, {}; {when}", count(files, "evicted file"), bytes(size))));
    }
    if let Ok(Stored { sessions, saves, size, leftovers, hidden, .. }) = &checkup.store {
        let ratio =
            (size.bytes * 100).checked_div(raw).map_or(String::new(), |ratio| format!(", {ratio} % of the rollouts"));
        lines.push(("kept", format!("{}, {}", count(*sessions, "session"), count(*saves, "save"))));
        lines.push(("on disk", format!("{}{ratio}", bytes(size.bytes))));
        let packed = format!("{} in {}", size.packed_objects, count(size.packs, "pack"));
        if size.text_log > 0 {
            lines.push(("text log", format!("{} of that, for `codex-git search`", bytes(size.text_log))));
        }
        lines.push(("objects", format!("{packed}, {} loose", size.loose_objects)));
        lines.push(("leftovers", count(leftovers.len(), "file")));
        if !hidden.is_empty() {
            lines.push(("hidden", format!("{} that Codex does not show here", count(hidden.len(), "session"))));
        }
    }
    for (remote, held) in held_back(context) {
        lines.push(("remote", format!("{} from {remote}", gate::held_back(held))));
    }
    #[cfg(unix)]
    if let Some(told) = code.told() {
        let (_, size) = code_size(&context.home);
        lines.push(("code", format!("{}: {told}", bytes(size))));
    }
    lines
}

fn hooks(context: &Context, checkup: &Checkup) -> String {
    match &checkup.hooks {
        _ if Hooks::of(&context.home).plugin() => "codex-git's plugin brings them".to_owned(),
        Ok((0, _)) => "codex-git is not among them".to_owned(),
        Ok((some, all)) if some < all => format!("codex-git is at {some} of {all} events"),
        Ok(_) => "codex-git is among them".to_owned(),
        Err(_) => "can't be read".to_owned(),
    }
}

fn have(rollouts: usize) -> String {
    format!("{} {}", count(rollouts, "rollout"), if rollouts == 1 { "has" } else { "have" })
}

/// Names the sessions that Codex does not show: for each reason how many there are, and what brings the newest back.
fn tell_hidden(context: &Context, hidden: &[Hidden]) {
    let mut reasons: Vec<(String, &Hidden, usize)> = Vec::new();
    for one in hidden {
        let place = || shown(one.directory.as_deref().unwrap_or(Path::new("")));
        let reason = match &one.provider {
            Some(provider) => format!("with the provider `{provider}`, which Codex does not have here"),
            None => format!("in `{}`, which is gone", place()),
        };
        match reasons.iter_mut().find(|(known, ..)| *known == reason) {
            Some((.., many)) => *many += 1,
            None => reasons.push((reason, one, 1)),
        }
    }
    for (reason, newest, many) in reasons.iter().take(REASONS) {
        context.ui.say(format_args!("{} {}", count(*many, "session"), text::plain(reason)));
        let session = short(newest.session);
        let directory = newest.directory.as_deref().and_then(Path::to_str);
        context.ui.hint(&match (&newest.provider, directory) {
            (None, Some(directory)) => {
                format!("{}  # or: codex-git resume {session}", command("moved", &[directory, "WHERE_IT_IS_NOW"]))
            }
            _ => format!("codex-git fork --resume {session}"),
        });
    }
    if reasons.len() > REASONS {
        context.ui.say(format_args!("… and others (--json names all)"));
    }
}

/// Names a rollout that Codex left without a whole line in it.
fn tell_hollow(context: &Context, path: &Path) {
    context.ui.say(format_args!(
        "`{}` holds no whole line, and no process has it open: nothing is lost if it goes",
        shown(path)
    ));
    if let Some(path) = path.to_str() {
        context.ui.hint(&format!("rm {}", quoted(path)));
    }
}

/// Why turns do not record themselves, and how many sessions that missed.
fn recording(context: &Context) -> Option<(String, String)> {
    let hooks = Hooks::of(&context.home);
    let off = Off::asked(context, &hooks)?;
    let missed = recording::missed(context.workspace().ok().as_ref());
    Some((off.words(&hooks, missed), off.hint().to_owned()))
}

/// The remotes with which something happens by itself, and did not the last time; and why not.
fn failing_remotes(context: &Context) -> Vec<(Remote, String)> {
    let hooks = Hooks::of(&context.home);
    let remotes = context.workspace().ok().and_then(|workspace| workspace.remotes().ok()).unwrap_or_default();
    let automatic = remotes.into_iter().filter(|remote| remote.auto != Auto::Off);
    let failed = |remote: Remote| {
        let why = hooks.last_exchange(&remote)?.outcome.err()?;
        Some((remote, why))
    };
    automatic.filter_map(failed).collect()
}

/// The remotes that sessions go to by themselves, and how many are held back from each.
fn held_back(context: &Context) -> Vec<(RemoteName, usize)> {
    context.workspace().map_or_else(|_| Vec::new(), |workspace| workspace.held_back_by_itself())
}

/// What needs a hand, each with what to do.
fn tell(context: &Context, checkup: &Checkup, code: &CodeHealth) -> Outcome {
    let mut well = true;
    let mut wrong = |words: String, hint: Option<String>| {
        context.ui.fail(words, hint);
        well = false;
    };
    if !checkup.home {
        wrong(format!("there is no codex home at `{}`", shown(&context.home)), Some("codex".to_owned()));
    }
    if checkup.git.is_none() {
        wrong("`git` is not on the path: `verify` and plain `git log` need it".to_owned(), None);
    }
    for error in checkup.unreadable.iter().chain(checkup.hooks.as_ref().err()) {
        wrong(error.to_string(), hints::hint(error));
    }
    for out in checkup.store.iter().flat_map(|stored| &stored.left_out) {
        wrong(format!("a pack is left out, `{}`: {}", out.path.display(), out.reason), Some(hints::REPAIR.to_owned()));
    }
    for error in checkup.store.iter().flat_map(|stored| &stored.unreadable) {
        wrong(error.to_string(), hints::hint(error));
    }
    if let Ok(stored) = &checkup.store {
        if let Some(damage) = &stored.settings_damage {
            let words = format!("git can't read the store's settings, and only some of them count: {damage}");
            wrong(words, Some(hints::settings_hint(&context.store.join("config"))));
        }
        for misfit in &stored.misfits {
            wrong(words::misfit(misfit), Some(command(&format!("config --unset {}", misfit.key), &[&misfit.value])));
        }
    }
    for problem in &code.problems {
        wrong(format!("code: {}: {}", problem.place, problem.what), None);
    }
    if let Some((words, hint)) = recording(context) {
        wrong(words, Some(hint));
    }
    for (remote, why) in failing_remotes(context) {
        let verb = remote.auto.word();
        let words = format!("the last {verb} by itself with `{}` failed: {}", remote.name, text::plain(&why));
        wrong(words, Some(command(verb, &[remote.name.as_str()])));
    }
    if checkup.store.as_ref().is_ok_and(|stored| !stored.program) && !is_on_path("codex-git") {
        let words = "plain git prints JSON instead of conversations: the program that it was to run is gone, and none is on the path";
        wrong(words.to_owned(), Some("codex-git init".to_owned()));
    }
    if let (Ok(stored), false) = (&checkup.store, context.json) {
        tell_hidden(context, &stored.hidden);
        if stored.behind > 0 {
            context.ui.say(format_args!("{} fewer turns than the store", have(stored.behind)));
            context.ui.hint("codex-git restore --advance");
        }
    }
    if !context.json {
        checkup.hollow.iter().for_each(|path| tell_hollow(context, path));
    }
    if let Some((remote, _)) = held_back(context).first() {
        context.ui.hint(&gate::which_are_held(remote));
    }
    match &checkup.store {
        Err(error) => wrong(error.to_string(), hints::hint(error)),
        Ok(stored) if !stored.size.writable => {
            let hint = context.store.to_str().map(|store| format!("ls -ld {}", quoted(store)));
            wrong("the store can't be written".to_owned(), hint);
        }
        Ok(stored) if stored.size.loose_objects > MANY || !stored.leftovers.is_empty() => {
            context.ui.hint("codex-git gc");
        }
        Ok(_) => {}
    }
    if well { Ok(()) } else { Err(Failure::Said) }
}
