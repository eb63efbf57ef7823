//! The answers to words for codex-git that were typed as a prompt in Codex: ` /save NAME` and its like.
//!
//! The session is that of the rollout that Codex names. A prompt that codex-git takes makes no turn, so the point is the last turn.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use codex_git::model::shell::command;
use codex_git::model::{PromptCommand, Save, text};
use codex_git::ops::{Point, Undone};
use codex_git::{Effect, Here, SessionId, Workspace};

use super::context::Context;
use super::failure::Failure;
use super::words::short;

/// How many saves are listed.
const LISTED: usize = 15;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(1800);

/// What an answer costs that stops the prompt: Codex's terminal counts the prompt, and the session has none (0.145 to 0.171).
const PRICE: &str = "\nEsc Esc can miss its turn until you quit and `codex resume` this session; !codex-git does the same without that.";

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

/// Does what was typed, in the session of this rollout, or says that it takes too long: Codex waits for the answer, and so does the person.
/// `steers` says that a turn runs.
pub fn in_time(context: Context, command: PromptCommand, rollout: Option<PathBuf>, steers: bool) -> Answer {
    let (give, answer) = channel();
    std::thread::spawn(move || {
        // Nobody takes an answer that comes too late.
        let _ = give.send(answer_to(&context, &command, rollout.as_deref(), steers));
    });
    answer.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        "codex-git is busy: another process holds its store. Nothing is lost; /saves tells what was done, else try again in a moment."
            .to_owned()
            .into()
    })
}

fn answer_to(context: &Context, command: &PromptCommand, rollout: Option<&Path>, steers: bool) -> Answer {
    let here = Standing { rollout, steers };
    let answered = match command {
        PromptCommand::Save(None) => Ok(Answer::from("Usage: /save <name>".to_owned())),
        PromptCommand::Fork(None) => Ok(Answer::from("Usage: /fork <save, session or turn>".to_owned())),
        PromptCommand::Save(Some(name)) => save(context, name, &here),
        PromptCommand::UndoSave(name) => undo(context, name.as_deref(), &here),
        PromptCommand::Saves => saves(context),
        PromptCommand::Fork(Some(revision)) => fork(context, revision, &here),
    };
    let mut answer = answered.unwrap_or_else(|failure| refusal(&failure));
    if !steers {
        answer.words.push_str(PRICE);
    }
    answer.words = text::plain_lines(&answer.words);
    answer
}

fn refusal(failure: &Failure) -> Answer {
    let (words, hint) = failure.words();
    // What is typed here begins with a slash.
    let hint =
        hint.map_or(String::new(), |hint| format!("\nhint: {}", hint.replace("codex-git save before", "/save before")));
    Answer::from(format!("error: {words}{hint}"))
}

fn workspace(context: &Context) -> Result<Workspace, Failure> {
    let workspace = context.workspace()?;
    workspace.set_patience(PATIENCE);
    Ok(workspace)
}

fn not_ready() -> Answer {
    Answer::from("Nothing to save yet: /save works once the first turn of this session has begun.".to_owned())
}

/// Where something was typed: the rollout that Codex names, and whether a turn runs in it.
struct Standing<'a> {
    rollout: Option<&'a Path>,
    steers: bool,
}

impl Standing<'_> {
    /// The session and its last turn, recorded; of a turn that runs, as far as it has come. `None` where there is no turn yet.
    fn point(&self, workspace: &Workspace) -> Result<Option<Point>, Failure> {
        let Some(rollout) = self.rollout.filter(|rollout| rollout.exists()) else { return Ok(None) };
        let recorded = if self.steers {
            workspace.record_path(rollout, Effect::Write)?
        } else {
            workspace.record_ended(rollout)?
        };
        Ok(workspace.head(recorded.session)?.filter(|point| point.message.turn > 0))
    }
}

fn save(context: &Context, name: &str, here: &Standing<'_>) -> Result<Answer, Failure> {
    let (name, note) = with_note(name);
    let name = Workspace::save_name(name)?;
    let workspace = workspace(context)?;
    let Some(point) = here.point(&workspace)? else { return Ok(not_ready()) };
    let saved = workspace.save_with_note(&name, &point, note, context.unix_now())?;
    let Save { session, turn, .. } = saved.save;
    let is_given = workspace.give_name_if_unnamed(session, &name, context.unix_now());
    let mut words = format!("Saved session '{name}' ({session}), turn {turn}.");
    if let Some(before) = saved.before.filter(|before| before.commit != saved.save.commit) {
        let of = if before.session == session { String::new() } else { format!(" of {}", short(before.session)) };
        words.push_str(&format!("\nIt was on turn {}{of} before; /undo-save takes it back there.", before.turn));
    }
    if let Some(path) = saved.save.rollout_path {
        words.push_str(&format!("\n{path}"));
    }
    Ok(Answer { words, naming: is_given.then(|| (session, name.to_string(), true)) })
}

/// The name and the note of `NAME -m NOTE`, as a shell would have them.
fn with_note(typed: &str) -> (&str, Option<&str>) {
    match typed.split_once(" -m ") {
        Some((name, note)) => (name.trim(), Some(note.trim().trim_matches(['"', '\'']))),
        None => (typed, None),
    }
}

fn undo(context: &Context, name: Option<&str>, here: &Standing<'_>) -> Result<Answer, Failure> {
    let workspace = workspace(context)?;
    let name = match (name, here.point(&workspace)?) {
        (Some(name), _) => Workspace::save_name(name)?,
        (None, Some(point)) => match workspace.last_save(point.message.session)? {
            Some(name) => name,
            None => return Ok("There is no save in this session.".to_owned().into()),
        },
        (None, None) => return Ok("There is no save in this session.".to_owned().into()),
    };
    let session = workspace.find_save(&name).ok().and_then(|dropped| dropped.session);
    let undone = workspace.undo_save(&name, Effect::Write)?;
    let outlived = session.and_then(|session| Some((session, workspace.outlived_name(session)?, false)));
    Ok(Answer { words: self::undone(&undone), naming: outlived })
}

fn saves(context: &Context) -> Result<Answer, Failure> {
    let saves = workspace(context)?.saves()?;
    if saves.is_empty() {
        return Ok("No saves yet; /save <name> makes one.".to_owned().into());
    }
    let shown = &saves[..saves.len().min(LISTED)];
    let width = shown.iter().map(|save| text::width(save.name.as_str())).max().unwrap_or(0);
    let line = |save: &Save| {
        let pad = " ".repeat(width - text::width(save.name.as_str()));
        format!("{}{pad}  turn {} of {}  {}", save.name, save.turn, short(save.session), save.subject)
    };
    let mut lines: Vec<String> = shown.iter().map(line).collect();
    if let Some(more) = saves.len().checked_sub(LISTED).filter(|more| *more > 0) {
        lines.push(format!("and {more} more: codex-git saves"));
    }
    Ok(lines.join("\n").into())
}

fn fork(context: &Context, revision: &str, here: &Standing<'_>) -> Result<Answer, Failure> {
    let workspace = workspace(context)?;
    let session = here.point(&workspace)?.map(|point| point.message.session);
    let here = Here { session, directory: None };
    let resolved = workspace.resolve(&here, revision)?;
    let name = workspace.fork_name(&resolved.point, resolved.save.as_ref());
    let forked = workspace.fork(&resolved.point, None, context.now)?;
    let (turn, from, id) = (forked.turn, short(forked.from), forked.session);
    let words = format!(
        "Forked '{revision}': turn {turn} of {from}.\nIn Codex it is '{name}': /resume opens it here, codex resume {id} in a shell."
    );
    Ok(Answer { words, naming: Some((id, name, false)) })
}

/// What taking a save back did.
fn undone(undone: &Undone) -> String {
    let Undone { name, commit, back, .. } = undone;
    match back {
        Some(save) => format!("'{name}' is back on turn {} of {}.", save.turn, short(save.session)),
        None => {
            let again = command("save", &[name.as_str(), &commit.short()]);
            format!("'{name}' is gone; its turn stays. {again} brings it back.")
        }
    }
}
