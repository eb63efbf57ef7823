//! The words of the command line: verbs, their arguments, and the help that groups them by what a person wants.

use std::ffi::OsString;

use clap::{Args, Command, CommandFactory, Parser, Subcommand};

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

/// The options before a verb that take a value.
const WITH_VALUES: [&str; 3] = ["--codex-home", "--store", "--color"];

/// The command for these words. Where they name a verb, only that one is there: to build all of them takes longer than most do what they are
/// for.
pub fn command_for(words: &[OsString]) -> Command {
    verb_in(words).and_then(alone).unwrap_or_else(command)
}

/// The first word that is no option, nor the value of one.
pub fn verb_in(words: &[OsString]) -> Option<&str> {
    let mut words = words.iter().map(|word| word.to_str().unwrap_or_default());
    while let Some(word) = words.next() {
        match word {
            _ if WITH_VALUES.contains(&word) => drop(words.next()),
            _ if word.starts_with('-') => {}
            verb => return Some(verb),
        }
    }
    None
}

/// The program and its options, without a verb.
#[derive(Parser)]
#[command(name = "codex-git", version, max_term_width = 100)]
struct Bare {
    #[command(flatten)]
    _global: Global,
}

/// Adds a verb's arguments to its command.
type Arguments = fn(Command) -> Command;

/// What adds its arguments to each verb.
const ARGUMENTS: &[(&str, Arguments)] = &[
    ("init", init::InitArgs::augment_args),
    ("record", record::RecordArgs::augment_args),
    #[cfg(unix)]
    ("code", super::commands::code::CodeArgs::augment_args),
    ("save", save::SaveArgs::augment_args),
    ("saves", saves::SavesArgs::augment_args),
    ("fork", fork::ForkArgs::augment_args),
    ("resume", resume::ResumeArgs::augment_args),
    ("restore", restore::RestoreArgs::augment_args),
    ("evict", evict::EvictArgs::augment_args),
    ("log", log::LogArgs::augment_args),
    ("list", list::ListArgs::augment_args),
    ("show", show::ShowArgs::augment_args),
    ("search", search::SearchArgs::augment_args),
    ("secrets", secrets::SecretsArgs::augment_args),
    ("diff", diff::DiffArgs::augment_args),
    ("patch", patch::PatchArgs::augment_args),
    ("blame", blame::BlameArgs::augment_args),
    ("export", export::ExportArgs::augment_args),
    ("graph", graph::GraphArgs::augment_args),
    ("share", share::ShareArgs::augment_args),
    ("import", import::ImportArgs::augment_args),
    ("remote", remote::RemoteArgs::augment_args),
    ("push", push::PushArgs::augment_args),
    ("pull", pull::PullArgs::augment_args),
    ("sync", sync::SyncArgs::augment_args),
    ("clone", clone::CloneArgs::augment_args),
    ("unshare", unshare::UnshareArgs::augment_args),
    ("strands", strands::StrandsArgs::augment_args),
    ("stats", stats::StatsArgs::augment_args),
    ("status", status::StatusArgs::augment_args),
    ("verify", verify::VerifyArgs::augment_args),
    ("gc", gc::GcArgs::augment_args),
    ("doctor", doctor::DoctorArgs::augment_args),
    ("hooks", hooks::HooksArgs::augment_args),
    ("hook", hook::HookArgs::augment_args),
    ("rename", rename::RenameArgs::augment_args),
    ("moved", moved::MovedArgs::augment_args),
    ("config", config::ConfigArgs::augment_args),
    #[cfg(feature = "mcp")]
    ("mcp", super::commands::mcp::McpArgs::augment_args),
    #[cfg(feature = "ui")]
    ("ui", super::commands::ui::UiArgs::augment_args),
    #[cfg(feature = "watch")]
    ("watch", super::commands::watch::WatchArgs::augment_args),
    ("demo", demo::DemoArgs::augment_args),
    ("completions", completions::CompletionsArgs::augment_args),
    ("man", man::ManArgs::augment_args),
];

/// The command with one verb; `None` if there is none of that name.
fn alone(verb: &str) -> Option<Command> {
    let (verb, arguments) = ARGUMENTS.iter().find(|(known, _)| *known == verb)?;
    Some(Bare::command().subcommand(arguments(Command::new(*verb))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn a_verb_alone_takes_and_tells_what_it_does_among_all() {
        let all = command();
        for verb in all.get_subcommands().map(Command::get_name) {
            let help = |command: Command| {
                let words = ["codex-git", verb, "--help"];
                command.try_get_matches_from(words).map_err(|error| error.to_string()).unwrap_err()
            };
            assert_eq!(help(alone(verb).expect(verb)), help(command()), "{verb}");
        }
        assert!(alone("nothing").is_none());
    }

    #[test]
    fn a_verb_is_found_behind_the_options_before_it() {
        let found = |words: &str| {
            let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
            verb_in(&words).map(str::to_owned)
        };
        assert_eq!(found("log save"), Some("log".to_owned()));
        assert_eq!(found("-q --store save --color=always list"), Some("list".to_owned()));
        assert_eq!(found("--codex-home"), None);
        assert_eq!(found("-q --version"), None);
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
