//! Going on with a session where it was not before: what Codex is told, and what the person is told of it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use codex_git::model::shell::quoted;
use codex_git::ops::{DirectoryHere, Elsewhere, Point, ProviderHere, Surroundings, toml_text};
use codex_git::{SessionId, Workspace};

use super::codex;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::words::{short, shown};
use crate::ui::{NAME, RESET};

/// Becomes `codex resume`, with the provider and the directory that a session has here. `typed` is what the person adds; that counts more.
pub fn resume(context: &Context, workspace: &Workspace, session: SessionId, typed: &[OsString]) -> Outcome {
    let mut words = match workspace.surroundings_of(session)? {
        Some(was) => words(context, workspace, session, &was, typed)?,
        None => Vec::new(),
    };
    words.extend(typed.iter().cloned());
    codex::resume(context, session, &words)
}

/// Whether Codex is to be told a provider when it resumes a session: else it refuses.
pub fn needs_provider(context: &Context, session: SessionId) -> Result<bool, Failure> {
    let workspace = context.workspace()?;
    let was = workspace.surroundings_of(session)?;
    Ok(was.is_some_and(|was| workspace.overlay(&was, None).provider != ProviderHere::Default))
}

/// What Codex is told beside the session.
fn words(
    context: &Context,
    workspace: &Workspace,
    session: SessionId,
    was: &Surroundings,
    typed: &[OsString],
) -> Result<Vec<OsString>, Failure> {
    let overlay = workspace.overlay(was, context.here.directory.as_deref());
    let mut words: Vec<OsString> = Vec::new();
    match overlay.provider {
        _ if sets_provider(typed) => {}
        ProviderHere::Default => {}
        ProviderHere::Known(name) => {
            context.ui.say(format_args!("with the provider {NAME}{name}{RESET}, as before"));
            words.extend(["-c".into(), format!("model_provider={}", toml_text(&name)).into()]);
        }
        ProviderHere::Missing(name) => return Err(no_provider(context, session, &name)),
    }
    if let Some(place) = place_of(&overlay.directory).filter(|_| !sets_directory(typed)) {
        let was = was.directory.as_deref().map(shown).unwrap_or_default();
        context.ui.say(format_args!("in {NAME}{}{RESET}: `{was}` {}", shown(place), why(&overlay.directory)));
        words.extend(["-C".into(), place.into()]);
    }
    Ok(words)
}

fn place_of(directory: &DirectoryHere) -> Option<&Path> {
    match directory {
        DirectoryHere::There => None,
        DirectoryHere::Moved(place) | DirectoryHere::Cloned(place) | DirectoryHere::Here(place) => Some(place),
    }
}

fn why(directory: &DirectoryHere) -> &'static str {
    match directory {
        DirectoryHere::Moved(_) => "was moved there",
        DirectoryHere::Cloned(_) => "is not there, and this is a clone of its repository",
        DirectoryHere::There | DirectoryHere::Here(_) => "is not there",
    }
}

/// Says that Codex has no such provider, and the two ways to go on.
fn no_provider(context: &Context, session: SessionId, name: &str) -> Failure {
    let session = short(session);
    context.ui.fail(
        format_args!("session {session} was with the provider `{name}`, which Codex does not have here"),
        Some(format!("codex-git fork --resume {session}")),
    );
    // Codex takes no other names in a table's path.
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
        let provider = format!("model_provider={}", toml_text(name));
        let table =
            format!("model_providers.{name}={{name={},base_url=\"URL\",wire_api=\"responses\"}}", toml_text(name));
        context.ui.remedy(&format!("codex-git resume {session} -- -c {} -c {}", quoted(&provider), quoted(&table)));
    }
    Failure::Said
}

fn sets_provider(typed: &[OsString]) -> bool {
    typed.iter().filter_map(|word| word.to_str()).any(|word| {
        // A profile can bring one, too.
        word.contains("model_provider") || word == "-p" || word.starts_with("--profile")
    })
}

fn sets_directory(typed: &[OsString]) -> bool {
    let is_it = |word: &&OsString| {
        let word = OsStr::to_string_lossy(word);
        word == "-C"
            || word == "--cd"
            || word.starts_with("--cd=")
            || (word.starts_with("-C") && !word.starts_with("--"))
    };
    typed.iter().any(|word| is_it(&word))
}

/// What a fork has otherwise than the session that it is of: what the person asked for, else what it needs to be continued here.
pub fn elsewhere(
    context: &Context,
    workspace: &Workspace,
    point: &Point,
    (provider, directory): (Option<&str>, Option<&Path>),
) -> Result<Elsewhere, Failure> {
    if let Some(Err(known)) = provider.map(|name| workspace.check_provider(name)).transpose()? {
        let words = format!("Codex has no provider `{}` here", provider.unwrap_or_default());
        return Err(Failure::Usage(words, format!("one of: {}", known.join(", "))));
    }
    let directory = directory.map(|typed| context.directory(typed)).transpose()?;
    let overlay = workspace.overlay(&workspace.surroundings(point)?, context.here.directory.as_deref());
    let provider = match (provider, overlay.provider) {
        (Some(name), _) => Some(name.to_owned()),
        (None, ProviderHere::Missing(name)) => {
            let own = workspace.default_provider()?;
            context.ui.say(format_args!("with the provider {NAME}{own}{RESET}: Codex does not have `{name}` here"));
            Some(own)
        }
        (None, ProviderHere::Default | ProviderHere::Known(_)) => None,
    };
    let directory = directory.or(match overlay.directory {
        DirectoryHere::Moved(place) => Some(place),
        _ => None,
    });
    let text = |place: std::path::PathBuf| place.to_string_lossy().into_owned();
    Ok(Elsewhere { provider, directory: directory.map(text) })
}
