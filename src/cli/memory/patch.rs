//! The tool `patch`.

use codex_git::Error;
use codex_git::ops::{Point, Which};
use rmcp::schemars;
use serde::Deserialize;

use super::answer::Answer;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::{range, report};

/// What the model asks.
#[derive(Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// One turn, by a commit that `search` or `turns` named or by a revision such as `@~1`; or `A..B` for all turns after A up to B
    turns: String,
    /// All turns up to that one, from the first on
    #[serde(default)]
    all: bool,
    /// Print the patch that takes the changes back
    #[serde(default)]
    reverse: bool,
    /// Only the files that have this in their path
    path: Option<String>,
    /// How long the answer may be [default: 4000]
    most_bytes: Option<usize>,
    /// Where to go on in the answer, as the end of the one before says
    from: Option<usize>,
}

/// Finds the answer.
pub fn answer(context: &Context, asked: &Asked) -> Result<Answer, Failure> {
    let workspace = context.workspace()?;
    let point = |typed| Ok::<Point, Failure>(report::resolve(context, &workspace, typed)?.point);
    let (which, to) = match range::ends(context, &workspace, &asked.turns) {
        Some([from, to]) => (Which::After(Box::new(point(from)?)), point(to)?),
        None => (if asked.all { Which::All } else { Which::Last }, point(Some(&asked.turns))?),
    };
    let edits = workspace.edits(&which, &to, context.here.directory.as_deref(), asked.reverse)?;
    let is_wanted =
        |path: &str| asked.path.as_deref().is_none_or(|wanted| path.contains(wanted.trim_start_matches("./")));
    let files: Vec<_> = edits.files.iter().filter(|file| is_wanted(file.path())).collect();
    if files.is_empty() {
        return Err(match &asked.path {
            Some(path) if !edits.files.is_empty() => Error::NoEditsThere { path: path.clone() }.into(),
            _ => Error::NoEdits { turns: edits.turns, last: edits.last }.into(),
        });
    }
    let mut answer = Answer::new(asked.most_bytes, asked.from);
    let project = edits.project.as_deref().map(|project| project.display().to_string()).unwrap_or_default();
    answer.line(&format!("# up to commit {}, for `git apply` in {project}", to.id.short()));
    if files.iter().any(|file| file.diff().contains('\r')) {
        answer.line("# carriage returns are left out here: to apply it, run `codex-git patch` in a shell");
    }
    for file in files {
        (file.head() + &file.diff()).lines().for_each(|line| answer.line(line));
    }
    let left_out = edits.left_out.iter().map(|(path, _)| format!("# left out, as it can't be told: {path}"));
    let commands =
        edits.commands.iter().map(|command| format!("# a command that may have changed files, too: {command}"));
    left_out.chain(commands).for_each(|line| answer.line(&line));
    Ok(answer)
}
