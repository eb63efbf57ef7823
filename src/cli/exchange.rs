//! How the verbs that talk to remotes do it: whether git may ask, and what a person typed for an address or a rule.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};

use codex_git::model::repository_address::is_address;
use codex_git::model::shell::command;
use codex_git::model::{RemoteName, ShareRule};
use codex_git::ops::{Exchange, Remote, Rules};
use codex_git::{Effect, Error, SessionId, Workspace};

use super::context::Context;
use super::failure::Failure;
use super::report;

/// Fewer digits are no beginning of an id, but can be a name.
const SHORTEST: usize = 4;

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

/// The rule that a person typed behind an option: paths are made whole, and sessions found. `example`: what goes, up to the rule.
fn rule(context: &Context, workspace: &Workspace, example: &str, typed: &str) -> Result<ShareRule, Failure> {
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
            ShareRule::Project(here.ok_or_else(|| Failure::Usage(words(), format!("{example} project:HOST/PATH")))?)
        }
        _ => ShareRule::parse(typed).ok_or_else(|| {
            let words = Error::BadShareRule(typed.to_owned()).to_string();
            Failure::Usage(words, format!("{example} all"))
        })?,
    };
    Ok(rule)
}

/// The same of a rule that a remote has and that is to be taken out: a session can be one that only the remote knows.
pub fn old_rule(context: &Context, workspace: &Workspace, remote: &Remote, typed: &str) -> Result<ShareRule, Failure> {
    let rules = remote.share.iter().chain(&remote.exclude).chain(&remote.take);
    let is_like = |rule: &&ShareRule| matches!(rule, ShareRule::Session(_)) && rule.to_string().starts_with(typed);
    let like: BTreeSet<SessionId> = rules.filter(is_like).filter_map(session_of).collect();
    match beginning(typed).filter(|_| !like.is_empty()) {
        Some(beginning) => Ok(ShareRule::Session(the_one(beginning, like)?)),
        None => rule(context, workspace, &format!("codex-git remote set {} --drop", remote.name), typed),
    }
}

/// The same of a rule that is to be added: a save that it names is there, and a session that is to be taken, at the remote or here.
pub fn new_rule(
    context: &Context,
    workspace: &Workspace,
    (remote, rules): (Option<&RemoteName>, Rules),
    typed: &str,
) -> Result<ShareRule, Failure> {
    if let (Rules::Take, Some(beginning)) = (rules, beginning(typed)) {
        return taken(context, workspace, remote, beginning);
    }
    match rule(context, workspace, &example(remote, rules), typed)? {
        // What is kept back must not go once a save is gone or moved.
        ShareRule::Save(name) if rules == Rules::Exclude => {
            let name = workspace.find_save(&name)?.name;
            Ok(ShareRule::Session(report::resolve(context, workspace, Some(name.as_str()))?.session))
        }
        ShareRule::Save(name) => Ok(ShareRule::Save(workspace.find_save(&name)?.name)),
        rule => Ok(rule),
    }
}

/// What a person types before a rule.
fn example(remote: Option<&RemoteName>, rules: Rules) -> String {
    let option = format!("--{}", rules.word());
    remote.map_or_else(|| option.clone(), |remote| format!("codex-git remote set {remote} {option}"))
}

/// What has sessions be shared with a remote: those of this directory's repository, if it is in one.
pub fn share_hint(context: &Context, workspace: &Workspace, remote: &RemoteName) -> String {
    let project = context.here.directory.as_deref().and_then(|here| workspace.project_at(here));
    let rule = project.map_or_else(|| "all".to_owned(), |project| format!("project:{project}"));
    command(&format!("remote set {remote} --share"), &[&rule])
}

/// The rule that takes a session which begins like that: one that the remote has, else one that is here.
fn taken(
    context: &Context,
    workspace: &Workspace,
    remote: Option<&RemoteName>,
    beginning: &str,
) -> Result<ShareRule, Failure> {
    let known = remote.map_or_else(|| Ok(BTreeSet::new()), |remote| workspace.known_at(remote, beginning))?;
    if !known.is_empty() {
        return Ok(ShareRule::Session(the_one(beginning, known)?));
    }
    match rule(context, workspace, "", &format!("session:{beginning}")) {
        Err(Failure::Library(Error::NotFound { .. })) => {
            let at = remote.map_or_else(|| "a remote that is added".to_owned(), |remote| format!("`{remote}`"));
            let words = format!("no session begins with `{beginning}`, neither here nor as far as is known of {at}");
            let list = remote.map_or_else(|| "REMOTE".to_owned(), ToString::to_string);
            Err(Failure::Usage(words, format!("codex-git list --remote {list}  # looks which it has")))
        }
        rule => rule,
    }
}

/// What a rule for a session begins its id with; `None` for any other rule, and for a whole id.
fn beginning(typed: &str) -> Option<&str> {
    let beginning = typed.strip_prefix("session:")?;
    let is_digit = |byte: u8| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_some = beginning.len() >= SHORTEST && beginning.bytes().all(is_digit);
    (is_some && SessionId::parse(beginning).is_none()).then_some(beginning)
}

fn the_one(beginning: &str, matches: BTreeSet<SessionId>) -> Result<SessionId, Error> {
    let mut all = matches.iter();
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(*one),
        _ => Err(Error::Ambiguous { text: beginning.to_owned(), matches: matches.into_iter().collect() }),
    }
}

fn session_of(rule: &ShareRule) -> Option<SessionId> {
    if let ShareRule::Session(session) = rule { Some(*session) } else { None }
}
