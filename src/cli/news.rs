//! What happened to a session besides turns, in words: told once, by the command that records it.

use codex_git::SessionId;
use codex_git::ops::{News, fewer};

use super::context::Context;
use super::words::short;

/// Tells what recording a session found, if it found anything.
pub fn tell(context: &Context, session: SessionId, news: Option<News>) {
    let Some(news) = news else { return };
    let words = format!("session {}", words(session, news));
    match news {
        News::Reverted(_) | News::Joined | News::Behind(_) => context.ui.say(words),
        News::Rewritten | News::MissingBase(_) | News::PutBack => context.ui.warn(words),
    }
}

/// A session and what happened to it.
pub fn words(session: SessionId, news: News) -> String {
    let session = short(session);
    match news {
        News::Reverted(0) => {
            format!("{session} went back to its start; `codex-git log --all-turns {session}` shows what it left behind")
        }
        News::Reverted(turn) => format!(
            "{session} went back to turn {turn}; `codex-git log --all-turns {session}` shows what it left behind"
        ),
        News::Rewritten => format!(
            "{session} was rewritten: its rollout does not continue what was recorded; what it was is kept as `{session}@{{before}}`"
        ),
        News::MissingBase(base) => format!(
            "{session} continues a rollout that is missing ({base}); its earlier turns will be added when that file appears"
        ),
        News::Joined => format!("{session} was joined to the rollout that it goes on from, which has appeared"),
        News::Behind(turns) => format!(
            "{session} has {} in its rollout than in the store; `codex-git restore --advance {session}` adds them",
            fewer(turns)
        ),
        News::PutBack => {
            format!("{session} was written to after it was evicted; its file is back in its place, and recorded")
        }
    }
}

/// What happened, in a word for programs.
pub fn name(news: News) -> &'static str {
    match news {
        News::Reverted(_) => "reverted",
        News::Rewritten => "rewritten",
        News::MissingBase(_) => "missing-base",
        News::Joined => "joined",
        News::Behind(_) => "behind",
        News::PutBack => "put-back",
    }
}
