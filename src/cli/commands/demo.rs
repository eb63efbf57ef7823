//! `codex-git demo`: the real commands on a sample codex home, so that a person sees what they do before trusting them.

use std::io;
use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::shown;
use crate::ui::{BOLD, DIM, NAME, RESET};

/// Show what codex-git does, on sample sessions in a temporary folder
///
/// Needs neither Codex nor a codex home, and touches neither.
#[derive(Args)]
pub struct DemoArgs {
    /// Keep the folder
    #[arg(long)]
    keep: bool,
}

/// Two sessions that Codex 0.169 wrote, with its long instructions cut out.
const SAMPLE: [(&str, &str); 2] = [
    (
        "rollout-2026-11-23T02-08-45-01a20629-b203-7383-aa04-4996a75cd109.jsonl",
        include_str!("demo/rollout-2026-11-23T02-08-45-01a20629-b203-7383-aa04-4996a75cd109.jsonl"),
    ),
    (
        "rollout-2026-11-23T02-08-48-01a20629-bd13-7ad0-84ad-fb04ac30e00e.jsonl",
        include_str!("demo/rollout-2026-11-23T02-08-48-01a20629-bd13-7ad0-84ad-fb04ac30e00e.jsonl"),
    ),
];

/// What is shown: a remark, then a command.
const STEPS: [(&str, &[&str]); 8] = [
    ("Keep every session: each becomes a branch, each turn a commit.", &["codex-git", "init", "--quiet"]),
    ("Which sessions are there?", &["codex-git", "list", "--all"]),
    ("What happened in the one about counting words?", &["codex-git", "log", "01a20629-b2"]),
    ("Name the point before its last turn.", &["codex-git", "save", "before-argparse", "01a20629-b2~1"]),
    ("Go back there: a new session, which `codex resume` continues.", &["codex-git", "fork", "before-argparse"]),
    ("What did the conversation look like at that point?", &["codex-git", "show", "before-argparse", "--last", "1"]),
    (
        "It is a git repository, so git works on it.",
        &["git", "--git-dir", "sessions.git", "log", "--oneline", "--graph", "--all"],
    ),
    ("Is every byte there?", &["codex-git", "verify"]),
];

pub fn run(context: &Context, args: &DemoArgs) -> Outcome {
    let failed = |doing| move |error| Failure::Io(doing, error);
    let folder =
        tempfile::Builder::new().prefix("codex-git-demo-").tempdir().map_err(failed("make a temporary folder"))?;
    let home = folder.path();
    lay_out(home).map_err(failed("write the sample sessions"))?;
    for (remark, words) in STEPS {
        step(context, home, remark, words)?;
    }
    context.ui.print(|out| {
        writeln!(out, "\n{BOLD}Now on your own sessions:{RESET}\n")?;
        writeln!(out, "  {NAME}codex-git init{RESET}         keep them")?;
        writeln!(out, "  {NAME}codex-git save NAME{RESET}    name where the current one stands")?;
        writeln!(out, "  {NAME}codex-git fork NAME{RESET}    start again from there")
    })?;
    if args.keep {
        let kept = folder.keep();
        context.ui.say(format_args!("{DIM}the sample codex home: {}{RESET}", shown(&kept)));
    }
    Ok(())
}

fn lay_out(home: &Path) -> io::Result<()> {
    let folder = home.join("sessions/2026/11/23");
    std::fs::create_dir_all(&folder)?;
    SAMPLE.iter().try_for_each(|(name, rollout)| std::fs::write(folder.join(name), rollout))
}

fn step(context: &Context, home: &Path, remark: &str, words: &[&str]) -> Outcome {
    context.ui.print(|out| {
        writeln!(out, "\n{BOLD}# {remark}{RESET}")?;
        writeln!(out, "{NAME}$ {}{RESET}", words.join(" "))
    })?;
    let own = words[0] == "codex-git";
    let program = if own {
        std::env::current_exe().map_err(|error| Failure::Io("find codex-git", error))?
    } else {
        words[0].into()
    };
    let status = Command::new(&program)
        .args(&words[1..])
        .args(own.then_some(["--no-pager", "--no-codex"]).into_iter().flatten())
        .current_dir(home)
        .env("CODEX_HOME", home)
        .env("GIT_PAGER", "cat")
        .env_remove("CODEX_THREAD_ID")
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::Said),
        Err(error) => Err(Failure::Io("run the command", error)),
    }
}
