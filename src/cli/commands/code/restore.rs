//! `codex-git code restore` and `code undo`: what is wanted. How the plan is shown and carried out is in `cli/restored_code.rs`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::shell::command;
use codex_git::ops::code::{CodeAt, CodeRestore, GoingBack, RestoreError};
use codex_git::{Error, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::kept_code::{self, here, root};
use crate::cli::restored_code::{self, How};
use crate::cli::{complete, report};

/// What to restore.
#[derive(Args)]
pub struct RestoreArgs {
    /// The turn to go back to, or the id of a snapshot [default: the last turn of the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// These files and folders exactly as they were then, whoever changed them
    #[arg(value_name = "PATH", conflicts_with = "all")]
    paths: Vec<OsString>,
    /// As before the turn, not as after it
    #[arg(long)]
    before: bool,
    /// All files of the project exactly as they were then, whoever changed them
    #[arg(long)]
    all: bool,
    /// Where a file was changed since, keep that and take out only what the turns changed, if these are different lines
    #[arg(long, conflicts_with = "all")]
    merge: bool,
    #[command(flatten)]
    how: HowArgs,
}

/// How it is gone about.
#[derive(Args)]
pub struct HowArgs {
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Goes back to a turn, or to a snapshot.
pub fn run(context: &Context, workspace: &Workspace, args: &RestoreArgs) -> Outcome {
    args.how.check(context, workspace)?;
    let paths = args.paths(context)?;
    let resolved = match report::resolve(context, workspace, args.revision.as_deref()) {
        Ok(resolved) => resolved,
        Err(failure) => {
            let at = args.snapshot(context, workspace)?.ok_or(failure)?;
            let plan = args.plan_of(context, workspace, (at, &paths))?;
            return restored_code::go(context, workspace, &plan, &args.how.with(args.typed(&["--yes"]), None));
        }
    };
    let wanted = CodeRestore {
        session: resolved.session,
        point: workspace.pass_over_own_turns(resolved.point),
        before: args.before,
        paths,
        all: args.all,
        merge: args.merge,
    };
    let plan = workspace.plan_restore(&wanted, here(context)?, &context.bounds(), context.unix_now());
    let plan = plan.map_err(|error| match error {
        Error::Restore(RestoreError::Lacking { .. }) => {
            let all = args.typed(&["--all", "--dry-run"]);
            Failure::Held(error.to_string(), format!("{all}  # makes all files what they were then"))
        }
        error => error.into(),
    })?;
    let how = args.how.with(args.typed(&["--yes"]), restored_code::fork_to(workspace, &wanted));
    if plan.steps.is_empty() && plan.spared.is_empty() && plan.turns.is_empty() && !args.all && args.paths.is_empty() {
        context.ui.say(restored_code::nothing_after(&wanted));
    }
    restored_code::go(context, workspace, &plan, &how)
}

/// Takes the last restore back.
pub fn undo(context: &Context, workspace: &Workspace, how: &HowArgs) -> Outcome {
    how.check(context, workspace)?;
    let plan = workspace.plan_code_undo(here(context)?, &context.bounds(), context.unix_now())?;
    restored_code::go(context, workspace, &plan, &how.with(command("code undo --yes", &[]), None))
}

impl RestoreArgs {
    /// The paths, seen from the project's root.
    fn paths(&self, context: &Context) -> Result<Vec<Vec<u8>>, Failure> {
        let root = if self.paths.is_empty() { PathBuf::new() } else { root(context)? };
        self.paths.iter().map(|path| kept_code::below_root(context, &root, path)).collect()
    }

    /// The snapshot of this project whose id was typed.
    fn snapshot(&self, context: &Context, workspace: &Workspace) -> Result<Option<CodeAt>, Failure> {
        let Some(text) = &self.revision else { return Ok(None) };
        Ok(workspace.snapshot_like(here(context)?, &context.bounds(), text)?)
    }

    /// Plans to have files as in a snapshot. It says what they were, not which of them somebody changed.
    fn plan_of(
        &self,
        context: &Context,
        workspace: &Workspace,
        (at, paths): (CodeAt, &[Vec<u8>]),
    ) -> Result<GoingBack, Failure> {
        let id = at.kept.commit.short();
        if self.before || self.merge {
            let words = "--before and --merge are about a turn, and that is a snapshot".to_owned();
            return Err(Failure::Usage(words, command("code restore --all", &[&id])));
        }
        if paths.is_empty() && !self.all {
            let words = "that is a snapshot, and no turn: name the files, or take all".to_owned();
            return Err(Failure::Usage(words, command("code restore --all", &[&id])));
        }
        let now = context.unix_now();
        Ok(workspace.plan_restore_of((at, paths), here(context)?, &context.bounds(), now)?)
    }

    /// The same command with more options.
    fn typed(&self, more: &[&str]) -> String {
        let takes_all = more.contains(&"--all");
        let given = [("--before", self.before), ("--all", self.all), ("--merge", self.merge && !takes_all)];
        let given = given.into_iter().filter(|(_, given)| *given).map(|(option, _)| option);
        let options = given.chain(more.iter().copied()).map(|option| format!(" {option}"));
        let paths = self.paths.iter().map(|path| path.to_string_lossy());
        let words: Vec<_> = self.revision.iter().map(|revision| revision.into()).chain(paths).collect();
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        command(&format!("code restore{}", options.collect::<String>()), &words)
    }
}

impl HowArgs {
    /// Whether nobody works where files are to change. A plan alone changes none.
    fn check(&self, context: &Context, workspace: &Workspace) -> Outcome {
        match workspace.check_nobody_works(here(context)?, &context.bounds()) {
            Err(error) if self.dry_run => {
                context.ui.say(format_args!("{error}; once it has, the plan may be another"));
                Ok(())
            }
            checked => Ok(checked?),
        }
    }

    fn with(&self, again: String, fork: Option<String>) -> How {
        How { dry_run: self.dry_run, yes: self.yes, again, fork }
    }
}
