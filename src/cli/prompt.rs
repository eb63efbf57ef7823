//! The answers to words for codex-git that were typed as a prompt in Codex: ` /save NAME` and its like.
//!
//! The session is that of the rollout that Codex names. A prompt that codex-git takes makes no turn, so the point is the last turn.

use std::path::Path;

use codex_git::model::{PromptCommand, Save, text};
use codex_git::ops::{Point, Undone};
use codex_git::{Here, SessionId, Workspace};

use super::Failure;
use super::context::{Context, count, short};

/// How many saves are listed.
const LISTED: usize = 15;

/// What is said, and what Codex is to be told after that.
pub struct Answer {
    /// What the person reads.
    pub words: String,
    /// A session, the name that it is to have in Codex, and whether only if it has none yet.
    pub naming: Option<(SessionId, String, bool)>,
}

impl From<String> for Answer {
    fn from(words: String) -> Self {
        Self { words, naming: None }
    }
}

/// Does what was typed, in the session of this rollout.
pub fn answer(context: &Context, command: &PromptCommand, rollout: Option<&Path>) -> Answer {
    let answered = match command {
        PromptCommand::Save(None) => Ok(Answer::from("Usage: /save <name>".to_owned())),
        PromptCommand::Fork(None) => Ok(Answer::from("Usage: /fork <save, session or turn>".to_owned())),
        PromptCommand::Save(Some(name)) => save(context, name, rollout),
        PromptCommand::UndoSave(name) => undo(context, name.as_deref(), rollout),
        PromptCommand::Saves => saves(context),
        PromptCommand::Fork(Some(revision)) => fork(context, revision, rollout),
    };
    let mut answer = answered.unwrap_or_else(|failure| refusal(&failure));
    answer.words = text::plain_lines(&answer.words);
    answer
}

fn refusal(failure: &Failure) -> Answer {
    let (words, hint) = failure.words();
    let hint = hint.map_or(String::new(), |hint| format!("\nhint: {hint}"));
    Answer::from(format!("error: {words}{hint}"))
}

fn not_ready() -> Answer {
    Answer::from("Session is not ready yet; try /save again in a moment.".to_owned())
}

/// The session of a rollout and its last turn, recorded. `None` where there is no turn yet.
fn standing(workspace: &Workspace, rollout: Option<&Path>) -> Result<Option<Point>, Failure> {
    let Some(rollout) = rollout.filter(|rollout| rollout.exists()) else { return Ok(None) };
    let session = workspace.record_ended(rollout)?.session;
    Ok(workspace.standing(session)?.filter(|point| point.message.turn > 0))
}

fn save(context: &Context, name: &str, rollout: Option<&Path>) -> Result<Answer, Failure> {
    let name = Workspace::save_name(name)?;
    let workspace = context.workspace()?;
    let Some(point) = standing(&workspace, rollout)? else { return Ok(not_ready()) };
    let saved = workspace.save(&name, &point, context.unix_now())?;
    let Save { session, turn, .. } = saved.save;
    let mut words = format!("Saved session '{name}' ({session}), turn {turn}.");
    if let Some(before) = saved.before.filter(|before| before.commit != saved.save.commit) {
        let of = if before.session == session { String::new() } else { format!(" of {}", short(before.session)) };
        words.push_str(&format!("\nIt was on turn {}{of} before; /undo-save takes it back there.", before.turn));
    }
    if let Some(path) = saved.save.rollout_path {
        words.push_str(&format!("\n{path}"));
    }
    Ok(Answer { words, naming: Some((session, name.to_string(), true)) })
}

fn undo(context: &Context, name: Option<&str>, rollout: Option<&Path>) -> Result<Answer, Failure> {
    let workspace = context.workspace()?;
    let name = match (name, standing(&workspace, rollout)?) {
        (Some(name), _) => Workspace::save_name(name)?,
        (None, Some(point)) => match workspace.last_save(point.message.session)? {
            Some(name) => name,
            None => return Ok("There is no save in this session.".to_owned().into()),
        },
        (None, None) => return Ok("There is no save in this session.".to_owned().into()),
    };
    let undone = workspace.undo_save(&name)?;
    Ok(Answer::from(undone_words(&undone)))
}

/// What taking a save back did.
pub fn undone_words(undone: &Undone) -> String {
    let Undone { name, commit, back } = undone;
    match back {
        Some(save) => format!("'{name}' is back on turn {} of {}.", save.turn, short(save.session)),
        None => format!("'{name}' is gone; its turn stays. codex-git save {name} {} brings it back.", commit.short()),
    }
}

fn saves(context: &Context) -> Result<Answer, Failure> {
    let saves = context.workspace()?.saves()?;
    if saves.is_empty() {
        return Ok("No saves yet; /save <name> makes one.".to_owned().into());
    }
    let line = |save: &Save| format!("{}  turn {} of {}  {}", save.name, save.turn, short(save.session), save.subject);
    let mut lines: Vec<String> = saves.iter().take(LISTED).map(line).collect();
    if let Some(more) = saves.len().checked_sub(LISTED).filter(|more| *more > 0) {
        lines.push(format!("and {}: codex-git saves", count(more, "more")));
    }
    Ok(lines.join("\n").into())
}

fn fork(context: &Context, revision: &str, rollout: Option<&Path>) -> Result<Answer, Failure> {
    let workspace = context.workspace()?;
    let session = standing(&workspace, rollout)?.map(|point| point.message.session);
    let here = Here { session, directory: None };
    let resolved = workspace.resolve(&here, revision)?;
    let name = workspace.fork_name(&resolved.point, resolved.save.as_ref());
    let forked = workspace.fork(&resolved.point, None, context.now)?;
    let (turn, from, id) = (forked.turn, short(forked.from), forked.session);
    let words = format!("Forked '{revision}': turn {turn} of {from}.\nContinue it with: codex resume {id}");
    Ok(Answer { words, naming: Some((id, name, false)) })
}
