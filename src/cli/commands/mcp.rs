//! `codex-git mcp`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::memory;

/// Let Codex itself look into earlier conversations, as an MCP server on standard input and output
///
/// It gives Codex five tools, which only read: `search`, `turns`, `sessions`, `blame` and `patch`. `codex-git hooks install --memory` registers it; the
/// plugin does, too. It runs until its input ends.
#[derive(Args)]
pub struct McpArgs {}

pub fn run(context: &Context, _: &McpArgs) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Io("begin to serve", error))?;
    let served = runtime.block_on(memory::serve(context.clone()));
    // Input that nobody writes to any more is still waited for by a thread of the runtime.
    runtime.shutdown_background();
    served.map_err(|error| Failure::Io("serve", error))
}
