//! `codex-git remote`.

use std::path::Path;

use anstyle::Style;
use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;
use codex_git::Workspace;
use codex_git::model::repository_address::{same_address, shown_address};
use codex_git::model::shell::{command, quoted};
use codex_git::model::{RemoteName, ShareRule, text};
use codex_git::ops::{Auto, HookRun, Hooks, Remote, Rules};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::count;
use crate::cli::{complete, exchange, gate, json};
use crate::ui::{Align, DIM, NAME, Table, age};

/// List the repositories that sessions are shared by, add one, or say what goes there
///
/// Any git repository will do: on a host, on a server of yours, on a stick. Nothing goes there until a rule says so: all, project:HOST/PATH (or
/// project, for this directory's repository), dir:PATH, session:REVISION, or save:NAME.
#[derive(Args)]
pub struct RemoteArgs {
    #[command(subcommand)]
    verb: Option<RemoteVerb>,
}

#[derive(Subcommand)]
enum RemoteVerb {
    /// Add a remote
    Add {
        /// What it is called here
        #[arg(value_name = "NAME")]
        name: String,
        /// Where it is: an address that git takes, or a directory
        #[arg(value_name = "URL")]
        url: String,
        /// Speak protocols that anybody on the way can read and change, too
        #[arg(long)]
        insecure: bool,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Say what goes to a remote and what is taken from it, or where it is
    Set {
        /// The remote
        #[arg(value_name = "NAME", add = ArgValueCompleter::new(complete::remotes))]
        name: String,
        /// Where it is now
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        #[command(flatten)]
        rules: RuleArgs,
        /// Take a rule out
        #[arg(long, value_name = "RULE")]
        drop: Vec<String>,
        /// Speak protocols that anybody on the way can read and change, too
        #[arg(long)]
        insecure: bool,
    },
    /// List the remotes
    List,
    /// Show a remote with its rules
    Show {
        /// The remote [default: the only one, or origin]
        #[arg(value_name = "NAME", add = ArgValueCompleter::new(complete::remotes))]
        name: Option<String>,
    },
    /// Forget a remote; what is there stays there
    #[command(alias = "rm")]
    Remove {
        /// The remote
        #[arg(value_name = "NAME", add = ArgValueCompleter::new(complete::remotes))]
        name: String,
    },
}

/// What can be said of which sessions go and come.
#[derive(Args)]
struct RuleArgs {
    /// Share these sessions
    #[arg(long, value_name = "RULE")]
    share: Vec<String>,
    /// But not these
    #[arg(long, value_name = "RULE")]
    exclude: Vec<String>,
    /// Take only these from there [default: all]
    #[arg(long, value_name = "RULE")]
    take: Vec<String>,
    /// What happens by itself after a turn
    #[arg(long, value_name = "WHEN", value_parser = Auto::WORDS)]
    auto: Option<String>,
    /// It is meant to be the repository of a project itself, whose readers may read the conversations
    #[arg(long)]
    same_repository: bool,
}

pub fn run(context: &Context, args: &RemoteArgs) -> Outcome {
    let workspace = context.workspace()?;
    match &args.verb {
        None | Some(RemoteVerb::List) => list(context, &workspace),
        Some(RemoteVerb::Add { name, url, insecure, rules }) => {
            // A rule that is none is told before anything is written.
            let (parsed, address) = (rules.parse(context, &workspace, None)?, exchange::address(context, url));
            if !rules.same_repository {
                check_project(context, &workspace, (name, &address), rules)?;
            }
            let remote = workspace.add_remote(name, &address, *insecure)?;
            apply(&workspace, &remote, rules, &parsed)?;
            told(context, &workspace, name, true)
        }
        Some(RemoteVerb::Set { name, url, rules, drop, insecure }) => {
            if *insecure {
                workspace.speak_openly(&workspace.remote(Some(name))?.name)?;
            }
            let remote = workspace.remote(Some(name))?;
            let parsed = rules.parse(context, &workspace, Some(&remote.name))?;
            if let Some(url) = url {
                workspace.move_remote(&remote, &exchange::address(context, url))?;
            }
            for typed in drop {
                let rule = exchange::old_rule(context, &workspace, &remote, typed)?;
                if !workspace.drop_rule(&remote.name, &rule)? {
                    let words = format!("`{name}` has no rule `{rule}`");
                    return Err(Failure::Usage(words, format!("codex-git remote show {name}")));
                }
            }
            apply(&workspace, &remote, rules, &parsed)?;
            told(context, &workspace, name, true)
        }
        Some(RemoteVerb::Show { name }) => {
            let remote = workspace.remote(name.as_deref())?;
            told(context, &workspace, remote.name.as_str(), false)
        }
        Some(RemoteVerb::Remove { name }) => {
            let remote = workspace.remote(Some(name))?;
            workspace.remove_remote(&remote.name)?;
            context.ui.say(format_args!("forgot {name}; what is at {} stays there", shown_address(&remote.address)));
            if context.json {
                Ok(context.ui.json(json::remote(&remote, workspace.held_back(&remote.name), true))?)
            } else {
                Ok(())
            }
        }
    }
}

/// A project's own repository is refused before anything is written, as far as it is known here.
fn check_project(context: &Context, workspace: &Workspace, (name, address): (&str, &str), rules: &RuleArgs) -> Outcome {
    let here = context.here.directory.as_deref().and_then(|here| workspace.project_at(here));
    let is_here = here.is_some_and(|here| here.eq_ignore_ascii_case(&same_address(address)));
    if !is_here && !Path::new(address).join(".git").exists() {
        return Ok(());
    }
    let words = format!("`{}` is the repository of a project itself", shown_address(address));
    // With all that was typed.
    let typed = [("share", &rules.share), ("exclude", &rules.exclude), ("take", &rules.take)];
    let option = |(option, value): (&str, &String)| format!(" --{option} {}", quoted(value));
    let rules_again = typed.into_iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    let again: String = rules_again.chain(rules.auto.iter().map(|auto| ("auto", auto))).map(option).collect();
    Err(Failure::Held(words, command(&format!("remote add --same-repository{again} {name}"), &[address])))
}

/// The rules that were typed.
type Parsed = Vec<(Rules, ShareRule)>;

impl RuleArgs {
    fn parse(&self, context: &Context, workspace: &Workspace, remote: Option<&RemoteName>) -> Result<Parsed, Failure> {
        let all = [(Rules::Share, &self.share), (Rules::Exclude, &self.exclude), (Rules::Take, &self.take)];
        let typed = all.into_iter().flat_map(|(rules, typed)| typed.iter().map(move |typed| (rules, typed)));
        typed
            .map(|(rules, typed)| Ok((rules, exchange::new_rule(context, workspace, (remote, rules), typed)?)))
            .collect()
    }
}

fn apply(workspace: &Workspace, remote: &Remote, rules: &RuleArgs, parsed: &Parsed) -> Outcome {
    for (rules, rule) in parsed {
        workspace.add_rule(remote, *rules, rule)?;
    }
    if rules.same_repository {
        workspace.mean_project(&remote.name)?;
    }
    match rules.auto.as_deref().and_then(Auto::parse) {
        Some(auto) => Ok(workspace.set_auto(&remote.name, auto)?),
        None => Ok(()),
    }
}

fn list(context: &Context, workspace: &Workspace) -> Outcome {
    let remotes = workspace.remotes()?;
    if context.json {
        return remotes.iter().try_for_each(|remote| {
            Ok(context.ui.json(json::remote(remote, workspace.held_back(&remote.name), false))?)
        });
    }
    if remotes.is_empty() {
        context.ui.say("there is no remote yet");
        context.ui.hint("codex-git remote add origin URL --share all");
        return Ok(());
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
    for remote in &remotes {
        let shares = match remote.share.len() {
            0 => "nothing is shared with it yet".to_owned(),
            _ => format!("shares {}", rules(&remote.share)),
        };
        let held = match workspace.held_back(&remote.name) {
            0 => String::new(),
            held => format!("; {}", gate::held_back(held)),
        };
        let shares = shares + &held;
        table.row().cell(NAME, &remote.name).cell(Style::new(), shown_address(&remote.address)).cell(DIM, shares);
    }
    let width = context.ui.width();
    Ok(context.ui.page(|out| table.write(out, width))?)
}

/// Shows a remote; `is_new`: as what it was set to just now.
fn told(context: &Context, workspace: &Workspace, name: &str, is_new: bool) -> Outcome {
    let remote = workspace.remote(Some(name))?;
    if context.json {
        return Ok(context.ui.json(json::remote(&remote, workspace.held_back(&remote.name), false))?);
    }
    let mut lines = vec![("where", shown_address(&remote.address))];
    lines.push(("shares", if remote.share.is_empty() { "nothing yet".to_owned() } else { rules(&remote.share) }));
    lines.extend((!remote.exclude.is_empty()).then(|| ("except", rules(&remote.exclude))));
    lines.push(("takes", if remote.take.is_empty() { "all".to_owned() } else { rules(&remote.take) }));
    if remote.auto != Auto::Off {
        lines.push(("auto", remote.auto.word().to_owned()));
        lines.extend(Hooks::of(&context.home).last_exchange(&remote).map(|run| ("last", exchanged(context, &run))));
    }
    let held = workspace.held_back(&remote.name);
    lines.extend((held > 0).then(|| ("held", format!("{}, at the last push", count(held, "session")))));
    let mut table = Table::new(&[Align::Left, Align::Left]);
    for (word, what) in &lines {
        table.row().cell(DIM, *word).cell(Style::new(), what);
    }
    if is_new {
        context.ui.say(format_args!("{NAME}{name}{NAME:#}"));
        lines.iter().for_each(|(word, what)| context.ui.say(format_args!("  {DIM}{word:<7}{DIM:#} {what}")));
    } else {
        let width = context.ui.width();
        context.ui.page(|out| table.write(out, width))?;
    }
    if held > 0 {
        context.ui.hint(&gate::which_are_held(&remote.name));
    }
    if remote.share.is_empty() {
        let share = exchange::share_hint(context, workspace, &remote.name);
        context.ui.hint(&format!("{share}  # then: codex-git push {name}"));
    }
    Ok(())
}

/// When something happened by itself last, and what became of it.
fn exchanged(context: &Context, run: &HookRun) -> String {
    let when = age(run.at, context.unix_now());
    match &run.outcome {
        Ok(_) => when,
        Err(why) => format!("{when}, failed: {}", text::plain(why)),
    }
}

fn rules(rules: &[ShareRule]) -> String {
    let all: Vec<String> = rules.iter().map(|rule| text::plain(&rule.to_string()).into_owned()).collect();
    all.join(", ")
}
