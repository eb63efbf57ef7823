//! How the verbs that talk to remotes do it: whether git may ask, and what a person typed for an address or a rule.

use std::io::{self, IsTerminal};

use codex_git::model::ShareRule;
use codex_git::model::repository_address::is_address;
use codex_git::ops::{Exchange, Rules};
use codex_git::{Effect, SessionId, Workspace};

use super::context::Context;
use super::failure::Failure;
use super::report;

/// How a verb talks to remotes.
pub fn exchange(context: &Context, effect: Effect) -> Exchange {
    let mut exchange = Exchange::new(context.now.unix_timestamp(), context.host.clone());
    exchange.asks = io::stdin().is_terminal();
    exchange.effect = effect;
    exchange
}

/// The address that a person typed: a directory is made whole.
pub fn address(context: &Context, typed: &str) -> String {
    if is_address(typed) || typed.is_empty() || typed.starts_with('-') {
        return typed.to_owned();
    }
    context.whole(typed).to_string_lossy().into_owned()
}

/// The rule that a person typed: paths are made whole, and sessions found.
pub fn rule(context: &Context, workspace: &Workspace, typed: &str) -> Result<ShareRule, Failure> {
    let (kind, rest) = typed.split_once(':').unwrap_or((typed, ""));
    let rule = match (kind, rest) {
        ("dir", path) => ShareRule::Directory(context.whole(path).to_string_lossy().into_owned()),
        // One that is only elsewhere is named in full.
        ("session", revision) if SessionId::parse(revision).is_none() => {
            ShareRule::Session(report::resolve(context, workspace, Some(revision))?.session)
        }
        ("project", "" | ".") => {
            let here = context.here.directory.as_deref().and_then(|here| workspace.project_at(here));
            let words = || "this directory is in no repository that was cloned from elsewhere".to_owned();
            ShareRule::Project(here.ok_or_else(|| Failure::Usage(words(), "--share project:HOST/PATH".to_owned()))?)
        }
        _ => ShareRule::parse(typed).ok_or_else(|| codex_git::Error::BadShareRule(typed.to_owned()))?,
    };
    Ok(rule)
}

/// The same of a rule that is to be added: a save that it names is there.
pub fn new_rule(context: &Context, workspace: &Workspace, rules: Rules, typed: &str) -> Result<ShareRule, Failure> {
    match rule(context, workspace, typed)? {
        // What is kept back must not go once a save is gone or moved.
        ShareRule::Save(name) if rules == Rules::Exclude => {
            let name = workspace.find_save(&name)?.name;
            Ok(ShareRule::Session(report::resolve(context, workspace, Some(name.as_str()))?.session))
        }
        ShareRule::Save(name) => Ok(ShareRule::Save(workspace.find_save(&name)?.name)),
        rule => Ok(rule),
    }
}
