//! Memory: what Codex itself can ask of earlier conversations, as tools of an MCP server.
//!
//! The tools only read. Each answers with text that names session, turn and commit of all that it tells, in no more bytes than were asked for.
//! What a tool can't do is an answer, too: the model reads why, and what to ask instead.

mod answer;
mod blame;
mod patch;
mod search;
mod sessions;
mod turns;

use std::io;
use std::sync::Arc;

use codex_git::SessionId;
use codex_git::model::piece::MCP_SERVER;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, ContentBlock, Implementation, ServerCapabilities, ServerConfig};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt, tool, tool_handler, tool_router};

use super::context::Context;
use super::failure::Failure;
use answer::Answer;

/// What the model is told of the tools as a whole.
const INSTRUCTIONS: &str = "Earlier Codex conversations of this user, whatever became of their files. Look here before you debug an error that may have come up \
before (search), before you edit a file that has a history (blame, search with `file`), when the user refers to an earlier session, and for what this \
session held before it was compacted (turns). Everything is cited: name session, turn and commit when you rely on it.";

/// A failure is told in so many columns at most.
const MOST_WORDS: usize = 2000;

/// Answers requests until standard input ends.
pub async fn serve(context: Context) -> io::Result<()> {
    let memory = Memory { context: Arc::new(Context { json: false, ..context }) };
    match memory.serve(rmcp::transport::stdio()).await {
        Ok(service) => service.waiting().await.map(drop).map_err(io::Error::other),
        // Who goes away before a word was said had nothing to ask.
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// The server.
#[derive(Clone)]
struct Memory {
    context: Arc<Context>,
}

#[tool_router]
impl Memory {
    /// Find the lines of all earlier conversations that match a regular expression, the newest first. Searched are prompts, answers, reasoning,
    /// commands, their outputs, patches and tool calls.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn search(
        &self,
        Parameters(asked): Parameters<search::Asked>,
        request: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        self.answer(&request, move |context| search::answer(context, &asked)).await
    }

    /// List the turns of a conversation, the newest first, or read some of them whole. Turns from before a compaction are there, too.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn turns(
        &self,
        Parameters(asked): Parameters<turns::Asked>,
        request: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        self.answer(&request, move |context| turns::answer(context, &asked)).await
    }

    /// List earlier sessions, the newest first, also those that Codex deleted.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn sessions(
        &self,
        Parameters(asked): Parameters<sessions::Asked>,
        request: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        self.answer(&request, move |context| sessions::answer(context, &asked)).await
    }

    /// Tell which turn wrote each line of a file of a project, or which git commit where no turn did. What is not known is said to be unknown.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn blame(
        &self,
        Parameters(asked): Parameters<blame::Asked>,
        request: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        self.answer(&request, move |context| blame::answer(context, &asked)).await
    }

    /// Print what turns changed through patches, as one patch for `git apply`; with `reverse`, the one that takes that back. Nothing is changed.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn patch(
        &self,
        Parameters(asked): Parameters<patch::Asked>,
        request: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        self.answer(&request, move |context| patch::answer(context, &asked)).await
    }
}

#[tool_handler]
impl ServerHandler for Memory {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new(MCP_SERVER, env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }
}

impl Memory {
    /// Has another thread find the answer: it reads files, and others may ask meanwhile.
    async fn answer(
        &self,
        request: &RequestContext<RoleServer>,
        find: impl FnOnce(&Context) -> Result<Answer, Failure> + Send + 'static,
    ) -> Result<CallToolResult, ErrorData> {
        let mut context = Context::clone(&self.context);
        context.now = super::context::now_like(context.now);
        context.here.session = asker(request).or(context.here.session);
        let found = tokio::task::spawn_blocking(move || find(&context)).await;
        Ok(match found {
            Ok(Ok(answer)) => CallToolResult::success(vec![ContentBlock::text(answer.text())]),
            Ok(Err(failure)) => CallToolResult::error(vec![ContentBlock::text(words(&failure))]),
            Err(error) => return Err(ErrorData::internal_error(error.to_string(), None)),
        })
    }
}

/// The session that asks, if Codex says so.
fn asker(request: &RequestContext<RoleServer>) -> Option<SessionId> {
    let thread = request.meta.get("threadId");
    let thread = thread.or_else(|| request.meta.get("x-codex-turn-metadata")?.get("thread_id"));
    SessionId::parse(thread?.as_str()?)
}

/// Why there is no answer, and what to ask instead.
fn words(failure: &Failure) -> String {
    let (mut words, hint) = failure.words();
    // What a person would type is nothing that the model can ask.
    if let Some(hint) = hint.filter(|_| matches!(failure, Failure::Usage(..))) {
        words.push_str("\nhint: ");
        words.push_str(&hint);
    }
    codex_git::model::text::plain_lines(codex_git::model::text::fit(&words, MOST_WORDS).as_ref())
}
