//! The program `codex`: what it is asked, what it is told, and how this process becomes it.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::{Command, Stdio};

use codex_git::model::piece::MCP_SERVER;
#[cfg(feature = "mcp")]
use codex_git::model::shell::quoted;
use codex_git::model::text;
use codex_git::ops::Hooks;
use codex_git::{SessionId, Workspace};

use super::context::Context;
use super::detached;
use super::failure::{Failure, Outcome};
use super::words::short;
use crate::ui::{DIM, RESET};

/// The version that the program says it has.
pub fn version(context: &Context) -> Option<String> {
    let output =
        Command::new(&context.codex).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.trim().trim_start_matches("codex-cli ").to_owned())
}

/// Has Codex name a session, `only` if it has no name yet; whether that was left to a process of its own. A name is a help, so nobody
/// waits for it, and where Codex is missing there is none.
pub fn name(context: &Context, session: SessionId, name: &str, only: bool) -> bool {
    if !context.has_codex {
        return false;
    }
    let left = detached::rename(&context.home, context.other_store(), session, name, only);
    if let Err(error) = &left {
        tracing::info!(%error, "the session was not named in Codex");
    }
    left.is_ok()
}

/// Has a session lose the name in Codex that a save gave it, if that save is gone.
pub fn take_name_back(context: &Context, workspace: &Workspace, session: SessionId) {
    if let Some(title) = workspace.outlived_name(session) {
        name(context, session, &title, false);
    }
}

/// Whether it is worth to ask Codex something about its home.
pub fn can_be_asked(context: &Context, hooks: &Hooks) -> bool {
    context.has_codex && hooks.was_used()
}

/// Has Codex know this program's MCP server, which those words start.
#[cfg(feature = "mcp")]
pub fn add_server(context: &Context, words: &[String]) -> Outcome {
    let typed: String = words.iter().map(|word| format!(" {}", quoted(word))).collect();
    asked(context, of_servers(context, "add").arg("--").args(words), |why| {
        let by_hand = format!("codex mcp add {MCP_SERVER} --{typed}");
        (format!("Codex was not told of the MCP server: {why}"), by_hand)
    })
}

/// Has Codex forget this program's MCP server.
pub fn remove_server(context: &Context) -> Outcome {
    asked(context, &mut of_servers(context, "remove"), |why| {
        (format!("Codex still knows the MCP server: {why}"), format!("codex mcp remove {MCP_SERVER}"))
    })
}

/// Has Codex do something. `failed` tells what it means that it did not, and what can be typed.
fn asked(context: &Context, command: &mut Command, failed: impl FnOnce(&str) -> (String, String)) -> Outcome {
    let why = match command.output() {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => reason(&String::from_utf8_lossy(&output.stderr)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => "the program `codex` is not there".to_owned(),
        Err(error) => error.to_string(),
    };
    let (words, hint) = failed(&why);
    context.ui.fail(words, Some(hint));
    Err(Failure::Said)
}

/// Why Codex did not do what it was asked: the line that says so, without what only its authors read.
fn reason(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().next().unwrap_or("Codex does not say");
    let line = lines.find_map(|line| line.strip_prefix("Error: ")).unwrap_or(first);
    text::plain(line).into_owned()
}

/// `codex mcp VERB codex-git`, for this codex home.
fn of_servers(context: &Context, verb: &str) -> Command {
    let mut command = Command::new(&context.codex);
    command.args(["mcp", verb, MCP_SERVER]).env("CODEX_HOME", &context.home).stdin(Stdio::null());
    command
}

/// Becomes `codex resume`.
pub fn resume(context: &Context, session: SessionId, args: &[OsString]) -> Outcome {
    let id = session.to_string();
    if context.here.session.is_some() && !io::stdin().is_terminal() {
        context.ui.fail(
            format_args!(
                "can't continue session {}: Codex runs this command, and has no terminal for another Codex",
                short(session)
            ),
            Some(format!("codex resume {id}  # in a terminal")),
        );
        return Err(Failure::Said);
    }
    let extra: String = args.iter().map(|arg| format!(" {}", arg.to_string_lossy())).collect();
    context.ui.say(format_args!("{DIM}codex resume {id}{extra}{RESET}"));
    let mut codex = Command::new(&context.codex);
    codex.arg("resume").arg(&id).args(args);
    if context.foreign_home {
        codex.env("CODEX_HOME", &context.home);
    }
    let error = replace(&mut codex);
    if error.kind() == io::ErrorKind::NotFound {
        context.ui.fail(
            format_args!("can't continue session {}: the program `codex` is not there", short(session)),
            Some(format!("npm install -g @openai/codex, then: codex resume {id}")),
        );
        return Err(Failure::Said);
    }
    Err(Failure::Io("run codex", error))
}

#[cfg(unix)]
fn replace(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

#[cfg(not(unix))]
fn replace(command: &mut Command) -> io::Error {
    match command.status() {
        #[allow(clippy::disallowed_methods, reason = "codex took this process's place; its exit code is ours")]
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
