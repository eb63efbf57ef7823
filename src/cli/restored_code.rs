//! Going back in place, as people see it: the plan, the question, what came of it, and what the conversation does not know.

use std::collections::BTreeMap;

use codex_git::Workspace;
use codex_git::model::code::{Spared, readable};
use codex_git::model::shell::command;
use codex_git::model::text;
use codex_git::ops::code::{CodeRestore, GoingBack, WentBackTo};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::words::{count, shown};
use super::{asking, hints, json, kept_code};
use crate::ui::{DIM, NAME, RESET};

/// So many paths of a kind are named.
const NAMED: usize = 50;

/// How a plan is dealt with.
pub struct How {
    /// Whether it is only shown.
    pub dry_run: bool,
    /// Whether nobody is asked.
    pub yes: bool,
    /// The command that carries it out without asking.
    pub again: String,
    /// The command that goes back in the conversation, too.
    pub fork: Option<String>,
}

/// Shows a plan, asks, and carries it out.
pub fn go(context: &Context, workspace: &Workspace, plan: &GoingBack, how: &How) -> Outcome {
    show(context, plan);
    if how.dry_run {
        workspace.drop_plan(plan)?;
        if context.json {
            return Ok(context.ui.json(json::code_restored(plan, None))?);
        }
        context.ui.say("nothing was changed: this is what would be done");
        return Ok(());
    }
    if plan.steps.is_empty() {
        let went = workspace.go_back(plan, &context.bounds())?;
        if context.json {
            return Ok(context.ui.json(json::code_restored(plan, Some(&went)))?);
        }
        context.ui.say("nothing to put back");
        return Ok(());
    }
    if let Err(failure) = consent(context, plan, how) {
        workspace.drop_plan(plan)?;
        return Err(failure);
    }
    let went = workspace.go_back(plan, &context.bounds())?;
    tell(context, &went, how)?;
    if context.json {
        context.ui.json(json::code_restored(plan, Some(&went)))?;
    }
    if went.failed.is_empty() { Ok(()) } else { Err(Failure::Said) }
}

fn consent(context: &Context, plan: &GoingBack, how: &How) -> Outcome {
    let question = format!("Change {} in {}?", count(plan.steps.len(), "file"), shown(&plan.root));
    match how.yes.then_some(true).or_else(|| asking::ask(context, &question, false)) {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::Nothing("nothing was changed".to_owned())),
        None => Err(Failure::Held("nothing was changed, as there is nobody to ask".to_owned(), how.again.clone())),
    }
}

fn show(context: &Context, plan: &GoingBack) {
    if let Some(when) = plan.undoes {
        let since = crate::ui::age(when, context.unix_now());
        context.ui.say(format_args!("taking back the last restore or undo here: {since}"));
    }
    kept_code::tell_parts(context, plan.seen(), plan.seen());
    if plan.torn {
        context.ui.warn("a command may have changed files while that snapshot was taken");
    }
    if !plan.elsewhere.is_empty() {
        let turns: Vec<String> = plan.elsewhere.iter().map(u32::to_string).collect();
        let noun = if turns.len() == 1 { "turn" } else { "turns" };
        context.ui.say(format_args!("{noun} {} worked in another folder: passed over", turns.join(", ")));
    }
    let mut lines = Vec::new();
    for (path, step) in &plan.steps {
        let mark = match step.word() {
            "add" => "A",
            "delete" => "D",
            _ => "M",
        };
        let more = match () {
            () if plan.merged.contains(path) => "what was changed since stays",
            () if plan.partly.contains(path) => "what the session may not have changed itself stays",
            () if plan.between.contains(path) => "what others changed in it between the turns goes, too",
            () => "",
        };
        lines.push(line(mark, path, more));
    }
    say(context, &lines);
    let mut left: BTreeMap<Spared, Vec<String>> = BTreeMap::new();
    for (path, why) in &plan.spared {
        left.entry(*why).or_default().push(line("-", path, ""));
    }
    for (why, lines) in left {
        context.ui.say(format_args!("left as {}: {why}", if lines.len() == 1 { "it is" } else { "they are" }));
        say(context, &lines);
    }
}

fn line(mark: &str, path: &[u8], more: &str) -> String {
    let path = readable(path);
    let path = text::plain(&path);
    if more.is_empty() { format!("  {mark} {path}") } else { format!("  {mark} {path} {DIM}({more}){RESET}") }
}

fn say(context: &Context, lines: &[String]) {
    lines.iter().take(NAMED).for_each(|line| context.ui.say(line));
    if lines.len() > NAMED {
        context.ui.say(format_args!("  … and {} more; --json names all", lines.len() - NAMED));
    }
}

fn tell(context: &Context, went: &WentBackTo, how: &How) -> Outcome {
    let of = |word: &str| went.done.values().filter(|step| step.word() == word).count();
    let (removed, all) = (of("delete"), went.done.len());
    let mut words = Vec::new();
    if all > removed {
        words.push(format!("put back {}", count(all - removed, "file")));
    }
    if removed > 0 {
        words.push(format!("removed {}", count(removed, "file")));
    }
    if !words.is_empty() {
        context.ui.say(words.join(", "));
    }
    for failed in &went.failed {
        context.ui.fail(&failed.why, hints::code_hint(&failed.why));
    }
    if let Some(fork) = &how.fork {
        context.ui.say(format_args!(
            "the conversation still believes in what was taken back; to go back in both: {NAME}{fork}{RESET}"
        ));
    }
    context.ui.say(format_args!("to take this back: {NAME}{}{RESET}", command("code undo", &[])));
    Ok(())
}

/// The command that forks the conversation where the files went back to; none, if it is there.
pub fn fork_to(workspace: &Workspace, wanted: &CodeRestore) -> Option<String> {
    let last = workspace.head(wanted.session).ok()?.map(|head| head.message.turn);
    let point = match (wanted.before, wanted.point.message.turn) {
        (false, turn) if last == Some(turn) => return None,
        (false, _) => wanted.point.clone(),
        (true, 0 | 1) => return None,
        (true, turn) => workspace.turn_of(&wanted.point, turn - 1).ok()?,
    };
    Some(command("fork", &[&point.id.short()]))
}

/// What is said where no turn came after the one to go back to.
pub fn nothing_after(wanted: &CodeRestore) -> String {
    let CodeRestore { point, .. } = wanted;
    let hint = command("code restore --before", &[&point.id.short()]);
    format!("no turn came after turn {}; to take back what that turn did: {hint}", point.message.turn)
}
