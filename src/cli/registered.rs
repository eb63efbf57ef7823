//! Whether Codex knows this program's MCP server: having it know it, having it forget it, and telling. What is a person's own is left as it is.

use codex_git::model::piece::MCP_SERVER;
use codex_git::ops::{Hooks, McpServer};

use super::codex;
use super::context::Context;
#[cfg(feature = "mcp")]
use super::failure::Failure;
use super::failure::Outcome;

/// Has Codex start this program as an MCP server.
#[cfg(feature = "mcp")]
pub fn add(context: &Context, hooks: &Hooks) -> Outcome {
    if hooks.plugin() {
        context.ui.say("memory: the Codex plugin brings the MCP server");
        return Ok(());
    }
    let words = words(context)?;
    match hooks.memory()? {
        Some(known) if !known.is_ours() => {
            let words = format!("Codex knows another MCP server as `{MCP_SERVER}`; it was left as it is");
            context.ui.fail(words, Some(format!("codex mcp remove {MCP_SERVER}")));
            Err(Failure::Said)
        }
        Some(known) if !known.enabled => {
            let words = "the MCP server is switched off in Codex's settings; it was left so";
            context.ui.fail(words, Some(format!("take `enabled = false` out of [mcp_servers.{MCP_SERVER}]")));
            Err(Failure::Said)
        }
        Some(known) if known.is_started_by(&words) => {
            context.ui.say("memory: Codex knows the MCP server already");
            Ok(())
        }
        // Codex would write the table anew, and lose what the person added to it.
        Some(_) => {
            let words =
                format!("Codex starts the MCP server in another way; `{MCP_SERVER}` was left as it is in its settings");
            context.ui.fail(words, Some(format!("codex mcp remove {MCP_SERVER}")));
            Err(Failure::Said)
        }
        None => {
            codex::add_server(context, &words)?;
            context.ui.say("memory: Codex can look into earlier conversations from its next start on");
            Ok(())
        }
    }
}

/// The words that start this program as an MCP server.
#[cfg(feature = "mcp")]
fn words(context: &Context) -> Result<Vec<String>, Failure> {
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let mut words = vec![path(&context.program()?)];
    // Codex gives its servers few of its own variables.
    if context.home_is_named {
        words.extend(["--codex-home".to_owned(), path(&context.home)]);
    }
    if let Some(store) = context.other_store() {
        words.extend(["--store".to_owned(), path(store)]);
    }
    words.push("mcp".to_owned());
    Ok(words)
}

/// Has Codex forget this program's MCP server, if it knows it.
pub fn remove(context: &Context, hooks: &Hooks) -> Outcome {
    match hooks.memory()?.filter(McpServer::is_ours) {
        Some(known) if known.enabled => {
            codex::remove_server(context)?;
            context.ui.say("memory: Codex no longer knows the MCP server");
        }
        Some(_) => context.ui.say("memory: the MCP server is switched off in Codex's settings; it was left so"),
        None => {}
    }
    Ok(())
}

/// Tells whether Codex starts the server.
pub fn tell(context: &Context, hooks: &Hooks) {
    let words = match hooks.memory() {
        _ if hooks.plugin() => "the Codex plugin brings the MCP server".to_owned(),
        Ok(None) => return,
        Ok(Some(known)) if !known.is_ours() => format!("Codex knows another MCP server as `{MCP_SERVER}`"),
        Ok(Some(known)) if !known.enabled => "the MCP server is switched off in Codex's settings".to_owned(),
        Ok(Some(_)) => "Codex can look into earlier conversations".to_owned(),
        Err(error) => format!("whether Codex knows the MCP server is not known: {error}"),
    };
    context.ui.say(format_args!("memory: {words}"));
}
