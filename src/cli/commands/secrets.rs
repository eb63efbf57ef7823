//! `codex-git secrets`.

use anstyle::Style;
use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;
use codex_git::Workspace;
use codex_git::ops::{FoundSecret, Scope, Secrets};
use codex_git::secrets::Tier;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::{count, short, turn};
use crate::cli::{complete, json, report};
use crate::ui::{Align, DIM, NAME, Progress, Table, WARN};

/// Look for passwords, tokens and keys in conversations
///
/// Looks at everything that was recorded of a session, or of all: prompts, answers, commands, outputs, patches, names and saves. A secret is never
/// printed: it is shown masked, with a fingerprint that stands for it. Ends with 1 if something was found that is a secret for sure and was not
/// allowed. What was found clean is not read again.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SecretsArgs {
    #[command(subcommand)]
    verb: Option<SecretsVerb>,
    /// The point up to which the conversation is looked at [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Look at all sessions
    #[arg(short, long, conflicts_with = "revision")]
    all: bool,
    /// Show what may be secrets as well, and end with 1 if there are any
    #[arg(long)]
    strict: bool,
}

#[derive(Subcommand)]
enum SecretsVerb {
    /// Allow a secret to leave
    Allow {
        /// What `codex-git secrets` shows as its fingerprint
        #[arg(value_name = "FINGERPRINT")]
        fingerprint: String,
        /// Why it may leave
        #[arg(short = 'm', long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Hold a secret back again that was allowed
    Disallow {
        /// Its fingerprint, or six digits or more that it begins with
        #[arg(value_name = "FINGERPRINT", add = ArgValueCompleter::new(complete::allowed_secrets))]
        fingerprint: String,
    },
    /// Show what is looked for
    Rules,
}

pub fn run(context: &Context, args: &SecretsArgs) -> Outcome {
    let workspace = context.workspace()?;
    match &args.verb {
        Some(SecretsVerb::Allow { fingerprint, note }) => allow(context, &workspace, fingerprint, note),
        Some(SecretsVerb::Disallow { fingerprint }) => disallow(context, &workspace, fingerprint),
        Some(SecretsVerb::Rules) => rules(context, &workspace),
        None => look(context, &workspace, args),
    }
}

fn allow(context: &Context, workspace: &Workspace, fingerprint: &str, note: &str) -> Outcome {
    let allowed = workspace.allow_secret(fingerprint, note)?;
    context.ui.say(format_args!("allowed {}", allowed.fingerprint));
    if context.json { Ok(context.ui.json(json::allowed_secret(&allowed, true))?) } else { Ok(()) }
}

fn disallow(context: &Context, workspace: &Workspace, fingerprint: &str) -> Outcome {
    let allowed = workspace.disallow_secret(fingerprint)?;
    context.ui.say(format_args!("{} is not allowed any more", allowed.fingerprint));
    if context.json { Ok(context.ui.json(json::allowed_secret(&allowed, false))?) } else { Ok(()) }
}

fn rules(context: &Context, workspace: &Workspace) -> Outcome {
    let rules = workspace.secret_rules()?;
    let own = rules.own().iter().map(|own| (own.id(), Tier::Sure, None));
    let all = rules.table().map(|rule| (rule.id, rule.tier, Some(rule.source))).chain(own);
    if context.json {
        return all
            .into_iter()
            .try_for_each(|(id, tier, source)| Ok(context.ui.json(json::secret_rule(id, tier, source))?));
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
    for (id, tier, source) in all {
        let source = source.unwrap_or("a rule of your own: codex-git config rule");
        table.row().cell(NAME, id).cell(Style::new(), tier.name()).cell(DIM, source);
    }
    let width = context.ui.width();
    Ok(context.ui.page(|out| table.write(out, width))?)
}

fn look(context: &Context, workspace: &Workspace, args: &SecretsArgs) -> Outcome {
    // A rule that can't be used is told before anything is read.
    workspace.secret_rules()?;
    let point = match args.all {
        true => None,
        false => Some(report::resolve(context, workspace, args.revision.as_deref())?.point),
    };
    if point.is_none() {
        report::catch_up(context, workspace, None);
    }
    let mut bar = Progress::new("turns", context.ui.quiet);
    let scope = point.as_ref().map_or(Scope::All, Scope::UpTo);
    let secrets = workspace.secrets(scope, &mut |done, total| bar.at(done, total))?;
    drop(bar);
    let is_strict = args.strict || workspace.gate_is_strict();
    tell(context, &secrets, is_strict)?;
    report::unreadable(context, secrets.unreadable);
    report::broken_sessions(context, &secrets.broken);
    let is_whole = secrets.unreadable == 0 && secrets.broken.is_empty();
    let holds_back = secrets.found.iter().any(|found| found.holds_back(is_strict));
    if holds_back || !is_whole { Err(Failure::Said) } else { Ok(()) }
}

fn tell(context: &Context, secrets: &Secrets, strict: bool) -> Outcome {
    if context.json {
        return secrets.found.iter().try_for_each(|found| Ok(context.ui.json(json::found_secret(found))?));
    }
    let shown: Vec<&FoundSecret> = secrets.found.iter().filter(|found| strict || found.tier == Tier::Sure).collect();
    let mut table = Table::new(&[Align::Left; 6]);
    for found in &shown {
        let style = if found.holds_back(strict) { WARN } else { DIM };
        table
            .row()
            .cell(NAME, short(found.session))
            .cell(Style::new(), turn(found.turn))
            .cell(style, &found.rule)
            .cell(Style::new(), found.places.join(", "))
            .cell(Style::new(), &found.masked)
            .cell(DIM, format!("fingerprint {}{}", found.fingerprint, remarks(found)));
    }
    let width = context.ui.width();
    context.ui.page(|out| table.write(out, width))?;
    context.ui.say(summary(secrets, strict));
    if let Some(first) = shown.iter().find(|found| found.holds_back(strict)) {
        context.ui.hint(&format!("codex-git secrets allow {} --note TEXT  # if it is no secret", first.fingerprint));
    }
    Ok(())
}

/// What is worth a word about a secret.
fn remarks(found: &FoundSecret) -> String {
    let times = (found.times > 1).then(|| count(found.times, "time"));
    let tier = (found.tier == Tier::Maybe).then(|| "may be one".to_owned());
    let allowed = found.allowed.as_deref().map(|note| match codex_git::model::text::plain(note) {
        note if note.is_empty() => "allowed".to_owned(),
        note => format!("allowed: {note}"),
    });
    times.into_iter().chain(tier).chain(allowed).map(|remark| format!("  {remark}")).collect()
}

fn summary(secrets: &Secrets, strict: bool) -> String {
    let sessions = count(secrets.sessions, "session");
    let held = secrets.found.iter().filter(|found| found.holds_back(strict)).count();
    let allowed = secrets.found.iter().filter(|found| found.allowed.is_some()).count();
    let maybe =
        secrets.found.iter().filter(|found| !strict && found.holds_back(true) && !found.holds_back(false)).count();
    let mut words = match held {
        0 => format!("no secret found in {sessions}"),
        _ => format!("{} found in {sessions}", count(held, "secret")),
    };
    if allowed > 0 {
        words.push_str(&format!("; {allowed} allowed"));
    }
    if maybe > 0 {
        words.push_str(&format!("; {} more may be: `--strict` shows them", maybe));
    }
    words
}
