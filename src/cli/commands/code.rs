//! `codex-git code`: keeping a project's files at each turn. What was kept is shown by `cli/kept_code.rs`.

mod restore;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;
use codex_git::Workspace;
use codex_git::model::code::quoted as path_quoted;
use codex_git::model::shell::{command, quoted};
use codex_git::model::text;
use codex_git::ops::code::{Freed, Switch, Wanted};

use self::restore::{HowArgs, RestoreArgs};
use crate::cli::code_changes::{self, Wish};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::measures::age;
use crate::cli::words::{bytes, count, shown};
use crate::cli::{asking, complete, json, kept_code, report};
use crate::ui::{NAME, RESET};

/// Keep the project's files at each turn, and look at what was kept
///
/// Off until you switch it on. Then two code snapshots are taken for each turn: of the files as before it and as after it. They stay on this machine,
/// in a code store of the project's own, and never get into what is pushed or shared. Only `code restore` and `code undo` write into the project.
/// Without a subcommand, prints how things stand. `codex-git fork REVISION --worktree` goes back to a turn in a new folder, `code restore` in place.
#[derive(Args)]
pub struct CodeArgs {
    #[command(subcommand)]
    verb: Option<CodeVerb>,
}

#[derive(Subcommand)]
enum CodeVerb {
    /// Keep files from now on, of every project that Codex works in
    On {
        /// Only of this project
        #[arg(long)]
        here: bool,
        /// Keep no file, only which commit the project was at
        #[arg(long)]
        light: bool,
    },
    /// Keep files no longer; what was kept stays
    Off {
        /// Only of this project
        #[arg(long)]
        here: bool,
    },
    /// Keep this project's files as they are now
    Snap {
        /// List the snapshots that are of no turn: those that were asked for, and those from before each restore
        #[arg(short, long)]
        list: bool,
    },
    /// Leave files out of this project's snapshots from now on
    Ignore {
        /// What to leave out, written as in .gitignore; it counts more than all other rules [default: list what is left out]
        #[arg(value_name = "PATTERN", required_if_eq("remove", "true"))]
        pattern: Option<String>,
        /// Leave it out no longer
        #[arg(long)]
        remove: bool,
    },
    /// Show what each turn changed
    Log {
        /// The session [default: the current one]
        #[arg(value_name = "SESSION", add = ArgValueCompleter::new(complete::revisions))]
        session: Option<String>,
        /// Show only the newest of them
        #[arg(short = 'n', long, value_name = "N")]
        max_count: Option<usize>,
    },
    /// Show the files of a snapshot, or print one of them
    Show {
        /// The turn
        #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
        revision: String,
        /// The file
        #[arg(value_name = "PATH")]
        path: Option<OsString>,
        /// As before the turn, not as after it
        #[arg(long)]
        before: bool,
    },
    /// Show how files differ: between two turns, or between one and now
    Diff {
        /// The turn to compare with [default: what the last turn changed]
        #[arg(value_name = "A", add = ArgValueCompleter::new(complete::revisions))]
        from: Option<String>,
        /// The other turn [default: the files as they are now]
        #[arg(value_name = "B", add = ArgValueCompleter::new(complete::revisions))]
        to: Option<String>,
        /// Show only how many lines change in each file
        #[arg(long)]
        stat: bool,
        /// Only these files and folders
        #[arg(last = true, value_name = "PATH")]
        paths: Vec<String>,
    },
    /// Put back in place what the turns after one changed
    ///
    /// Files that the session's turns after that one changed become what they were before, if they still are as the turns left them. What somebody
    /// changed since stays, and so does all that no turn changed. The folder is kept as it is first: `codex-git code undo` takes the restore back.
    Restore(RestoreArgs),
    /// Take the last restore in this project back; a second time, do it again
    Undo {
        #[command(flatten)]
        how: HowArgs,
    },
    /// Remove snapshots for good, with all that only they had
    Forget(ForgetArgs),
    /// Remove snapshots that are old, and pack the others closely
    Prune,
}

/// What to forget.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
struct ForgetArgs {
    /// The snapshots of this session; of one turn with --turn
    #[arg(value_name = "SESSION", group = "what", add = ArgValueCompleter::new(complete::revisions))]
    session: Option<String>,
    /// Only this turn of it
    #[arg(short, long, value_name = "N", requires = "session")]
    turn: Option<u32>,
    /// All of this project
    #[arg(long, group = "what")]
    here: bool,
    /// A file or a folder in all snapshots of this project
    #[arg(long, value_name = "PATH", group = "what")]
    path: Option<OsString>,
    /// All that are at least this old, of every project: 12h, 30d, 8w; those of saves stay
    #[arg(long, value_name = "AGE", value_parser = age, group = "what")]
    older_than: Option<Duration>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub fn run(context: &Context, args: &CodeArgs) -> Outcome {
    let workspace = context.workspace()?;
    match &args.verb {
        None => kept_code::state(context, &workspace),
        Some(CodeVerb::On { here, light }) => {
            let switch = if *light { Switch::Light } else { Switch::On };
            turn(context, &workspace, switch, *here)
        }
        Some(CodeVerb::Off { here }) => turn(context, &workspace, Switch::Off, *here),
        Some(CodeVerb::Snap { list: true }) => kept_code::others(context, &workspace),
        Some(CodeVerb::Snap { list: false }) => snap(context, &workspace),
        Some(CodeVerb::Ignore { pattern: None, .. }) => kept_code::ignored(context, &workspace),
        Some(CodeVerb::Ignore { pattern: Some(pattern), remove }) => ignore(context, &workspace, pattern, *remove),
        Some(CodeVerb::Log { session, max_count }) => {
            let resolved = report::resolve(context, &workspace, session.as_deref())?;
            kept_code::tell_given_up(context, &workspace);
            let turns = workspace.code_log(resolved.session, &resolved.point, *max_count)?;
            code_changes::log(context, &turns, (resolved.point.message.turn, *max_count))
        }
        Some(CodeVerb::Show { revision, path, before }) => {
            let wanted = if *before { Wanted::Before } else { Wanted::After };
            kept_code::show(context, &workspace, (revision, wanted), path.as_deref())
        }
        Some(CodeVerb::Diff { from, to, stat, paths }) => {
            let wish = Wish { from: from.as_deref(), to: to.as_deref(), paths, stat: *stat };
            code_changes::diff(context, &workspace, &wish)
        }
        Some(CodeVerb::Restore(args)) => restore::run(context, &workspace, args),
        Some(CodeVerb::Undo { how }) => restore::undo(context, &workspace, how),
        Some(CodeVerb::Forget(args)) => forget(context, &workspace, args),
        Some(CodeVerb::Prune) => freed(context, workspace.prune_code(context.unix_now())?),
    }
}

fn turn(context: &Context, workspace: &Workspace, switch: Switch, here: bool) -> Outcome {
    let root = if here { Some(kept_code::root(context)?) } else { None };
    workspace.switch_code(switch, root.as_deref())?;
    if let Some(root) = root.as_deref().filter(|_| switch != Switch::Off) {
        workspace.try_code_again(root, &context.bounds())?;
    }
    let of = root.map_or_else(|| "every project that Codex works in".to_owned(), |root| shown(&root));
    context.ui.say(match switch {
        Switch::On => format!("from now on, the files of {of} are kept at each turn"),
        Switch::Light => format!("from now on, the commit of {of} is noted at each turn, and no file is kept"),
        Switch::Off => format!("the files of {of} are no longer kept; what was kept stays until it is old, or: codex-git code forget --here"),
    });
    let others = if here || switch != Switch::Off { Vec::new() } else { workspace.code_roots() };
    if !others.is_empty() {
        let others: Vec<String> = others.iter().map(|path| shown(Path::new(path))).collect();
        context.ui.say(format_args!("those of {} are, as `code on --here` said there", others.join(", ")));
    }
    if context.json { kept_code::state(context, workspace) } else { Ok(()) }
}

fn snap(context: &Context, workspace: &Workspace) -> Outcome {
    let taken = workspace.snapshot(kept_code::here(context)?, &context.bounds(), context.unix_now())?;
    if context.json {
        return Ok(context.ui.json(json::code_snapshot(&taken))?);
    }
    let files = count(usize::try_from(taken.snapshot.files).unwrap_or(usize::MAX), "file");
    let new = if taken.unchanged { "nothing new".to_owned() } else { format!("{} new", bytes(taken.new)) };
    context.ui.say(format_args!("kept {files}, {new}: {NAME}{}{RESET}", taken.commit.short()));
    kept_code::tell_left_out(context, &taken.snapshot);
    Ok(())
}

fn ignore(context: &Context, workspace: &Workspace, pattern: &str, remove: bool) -> Outcome {
    if pattern.trim().is_empty() || pattern.contains('\n') {
        let words = "a pattern is one line, as in .gitignore".to_owned();
        return Err(Failure::Usage(words, "codex-git code ignore '/data/'".to_owned()));
    }
    let named = text::plain(pattern);
    if remove {
        if !workspace.ignore_code_no_longer(kept_code::here(context)?, &context.bounds(), pattern)? {
            return Err(Failure::Nothing(format!("`{named}` is no pattern that snapshots of this project leave out")));
        }
        context.ui.say(format_args!("snapshots of this project have what `{named}` matches again, from now on"));
    } else {
        workspace.ignore_code(kept_code::here(context)?, &context.bounds(), pattern)?;
        let is_anchored = pattern.trim_end_matches('/').contains('/');
        let from =
            if is_anchored { format!(", seen from {}", shown(&kept_code::root(context)?)) } else { String::new() };
        context.ui.say(format_args!("snapshots of this project leave out `{named}` from now on{from}"));
    }
    if context.json { kept_code::state(context, workspace) } else { Ok(()) }
}

fn forget(context: &Context, workspace: &Workspace, args: &ForgetArgs) -> Outcome {
    let question = format!("Nothing brings forgotten snapshots back. Forget {}?", args.meant());
    asking::confirm(context, args.yes, &question, &args.typed())?;
    if let Some(text) = &args.session {
        let resolved = report::resolve(context, workspace, Some(text))?;
        let turn = args.turn.map(|turn| workspace.turn_of(&resolved.point, turn)).transpose()?;
        return freed(context, workspace.forget_code_of(resolved.session, turn.as_ref())?);
    }
    if let Some(age) = args.older_than {
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        return freed(context, workspace.forget_code_before(context.unix_now().saturating_sub(age))?);
    }
    let Some(typed) = &args.path else {
        return freed(context, workspace.forget_code_here(kept_code::here(context)?, &context.bounds(), None)?);
    };
    let path = &kept_code::below_root(context, &kept_code::root(context)?, typed)?;
    if path.is_empty() {
        let words = "that is all of the project".to_owned();
        return Err(Failure::Usage(words, "codex-git code forget --here".to_owned()));
    }
    let done = workspace.forget_code_here(kept_code::here(context)?, &context.bounds(), Some(path))?;
    if done.changed == 0 && !done.is_finished {
        let words =
            format!("no snapshot of this project has `{}`, seen from its root", text::plain(&path_quoted(path)));
        return Err(Failure::Nothing(words));
    }
    let words = "the next snapshot has it again if it is there";
    match pattern_of(path) {
        Some(pattern) => context.ui.say(format_args!("{words}, unless: {}", command("code ignore", &[&pattern]))),
        None => context.ui.say(words),
    }
    freed(context, done)
}

impl ForgetArgs {
    /// The same command with --yes.
    fn typed(&self) -> String {
        let (turn, path) =
            (self.turn.map(|turn| turn.to_string()), self.path.as_ref().map(|path| path.to_string_lossy()));
        let age = self.older_than.map(|age| format!("{}h", age.as_secs() / 3600));
        let given = [("--turn", turn.as_deref()), ("--path", path.as_deref()), ("--older-than", age.as_deref())];
        let given =
            given.iter().filter_map(|(option, value)| Some(format!(" {}", quoted(&format!("{option}={}", (*value)?)))));
        let verb = format!("code forget --yes{}{}", if self.here { " --here" } else { "" }, given.collect::<String>());
        command(&verb, &self.session.as_deref().into_iter().collect::<Vec<_>>())
    }

    /// What is to be forgotten, in words.
    fn meant(&self) -> String {
        match (&self.session, self.turn, self.older_than, &self.path) {
            (Some(session), Some(turn), ..) => format!("those of turn {turn} of {}", text::plain(session)),
            (Some(session), None, ..) => format!("all of {}", text::plain(session)),
            (None, _, Some(_), _) => "all that are that old, of every project".to_owned(),
            (None, _, None, Some(path)) => {
                format!("`{}` in all of this project", text::plain(&path_quoted(path.as_bytes())))
            }
            (None, _, None, None) => "all of this project".to_owned(),
        }
    }
}

/// The pattern that matches a path and no other; none where no line can say it.
fn pattern_of(path: &[u8]) -> Option<String> {
    let path = std::str::from_utf8(path).ok().filter(|path| !path.contains(char::is_control))?;
    let mut pattern = String::from("/");
    for letter in path.chars() {
        if matches!(letter, '\\' | '*' | '?' | '[' | ']') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    if let Some(rest) = pattern.strip_suffix(' ') {
        pattern = format!("{rest}\\ ");
    }
    Some(pattern)
}

fn freed(context: &Context, freed: Freed) -> Outcome {
    if context.json {
        return Ok(context.ui.json(json::code_freed(freed))?);
    }
    let changed = match freed.changed {
        0 => String::new(),
        changed => format!(", changed {}", count(changed, "snapshot")),
    };
    context.ui.say(format_args!(
        "forgot {}{changed}; freed {}",
        count(freed.snapshots, "snapshot"),
        bytes(freed.bytes)
    ));
    Ok(())
}
