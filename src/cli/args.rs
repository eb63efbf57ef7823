//! The words of the command line: verbs, their arguments, and the help that groups them by what a person wants.

use clap::{Command, CommandFactory, Parser, Subcommand};

use super::commands::{
    blame, clone, completions, config, demo, diff, doctor, evict, export, fork, gc, graph, hook, hooks, import, init,
    list, log, man, moved, patch, pull, push, record, remote, rename, restore, resume, save, saves, search, secrets,
    share, show, stats, status, strands, sync, unshare, verify,
};
use super::global::Global;

/// Version control for Codex CLI conversations
#[derive(Parser)]
#[command(name = "codex-git", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What can be done.
#[derive(Subcommand)]
pub enum Verb {
    Init(init::InitArgs),
    Record(record::RecordArgs),
    #[cfg(unix)]
    Code(super::commands::code::CodeArgs),
    Save(save::SaveArgs),
    Saves(saves::SavesArgs),
    Fork(fork::ForkArgs),
    Resume(resume::ResumeArgs),
    Restore(restore::RestoreArgs),
    Evict(evict::EvictArgs),
    Log(log::LogArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Search(search::SearchArgs),
    Secrets(secrets::SecretsArgs),
    Diff(diff::DiffArgs),
    Patch(patch::PatchArgs),
    Blame(blame::BlameArgs),
    Export(export::ExportArgs),
    Graph(graph::GraphArgs),
    Share(share::ShareArgs),
    Import(import::ImportArgs),
    Remote(remote::RemoteArgs),
    Push(push::PushArgs),
    Pull(pull::PullArgs),
    Sync(sync::SyncArgs),
    Clone(clone::CloneArgs),
    Unshare(unshare::UnshareArgs),
    Strands(strands::StrandsArgs),
    Stats(stats::StatsArgs),
    Status(status::StatusArgs),
    Verify(verify::VerifyArgs),
    Gc(gc::GcArgs),
    Doctor(doctor::DoctorArgs),
    Hooks(hooks::HooksArgs),
    #[command(hide = true)]
    Hook(hook::HookArgs),
    Rename(rename::RenameArgs),
    Moved(moved::MovedArgs),
    Config(config::ConfigArgs),
    #[cfg(feature = "mcp")]
    Mcp(super::commands::mcp::McpArgs),
    #[cfg(feature = "ui")]
    Ui(super::commands::ui::UiArgs),
    #[cfg(feature = "watch")]
    Watch(super::commands::watch::WatchArgs),
    Demo(demo::DemoArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Verb {
    /// Whether it is about sessions, and not about codex-git itself.
    pub fn works_on_sessions(&self) -> bool {
        use Verb::{Completions, Config, Demo, Doctor, Hook, Hooks, Init, Man, Status};
        !matches!(
            self,
            Init(_) | Config(_) | Doctor(_) | Status(_) | Hooks(_) | Hook(_) | Demo(_) | Completions(_) | Man(_)
        )
    }
}

/// The verbs by what they are for.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Keep sessions", &["init", "record", "code", "hooks", "watch", "mcp", "verify", "evict", "gc", "doctor"]),
    ("Name a point and go back to it", &["save", "saves", "fork", "resume", "restore", "rename", "moved"]),
    (
        "Look at sessions",
        &[
            "ui", "list", "log", "show", "search", "diff", "patch", "blame", "export", "secrets", "graph", "stats",
            "status",
        ],
    ),
    ("Carry sessions elsewhere", &["clone", "remote", "push", "pull", "sync", "unshare", "strands", "share", "import"]),
    ("Try it and set it up", &["config", "demo", "completions", "man"]),
];

/// The command with its help.
pub fn command() -> Command {
    let command = Cli::command();
    let mut help = String::from("{about}\n\n{usage-heading} {usage}\n");
    for (title, verbs) in GROUPS {
        help.push_str(&format!("\n{title}:\n"));
        for verb in verbs {
            // A build can leave a verb out.
            let Some(found) = command.find_subcommand(verb) else { continue };
            help.push_str(&format!(
                "  {verb:<12} {}\n",
                found.get_about().map(ToString::to_string).unwrap_or_default()
            ));
        }
    }
    help.push_str("\nA <REVISION> is a save, a session id or its beginning, `@` (the current session), a turn's number, or what\n");
    help.push_str(
        "git takes; `~2` goes two turns back. `codex-git <COMMAND> --help` tells more.\n\nOptions:\n{options}",
    );
    command.help_template(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_verb_stands_in_one_group_of_the_help() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, verbs)| verbs.iter().copied()).collect();
        let command = Cli::command();
        let mut verbs: Vec<&str> =
            command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(Command::get_name).collect();
        grouped.sort_unstable();
        verbs.sort_unstable();
        assert_eq!(grouped, verbs);
    }
}
