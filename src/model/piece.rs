//! Pieces: the text of a turn as it is searched, one for each prompt, answer, command, output or change of a file.
//!
//! Pieces stand one behind the other in one text. Each has a head, a line of its own that begins with a zero byte; what follows up to the
//! next zero byte is the piece's text, whole lines without anything that steers a screen. So a pattern can run over the text of thousands
//! of turns at once, and `^` and `$` mean what they mean in each line.

use std::fmt::Write;

use super::item::{Agent, Command, Image, Item, Step, StepState, What};
use super::patch::{Change, Edit};
use super::screen;

/// What a piece's head begins with. No text holds it.
pub const HEAD: u8 = 0;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// What the person asked.
    Prompt,
    /// What the model answered.
    Answer,
    /// What the model thought.
    Reasoning,
    /// A command line.
    Command,
    /// What a command printed, or why it was not let run.
    Output,
    /// A change of a file: its path on the first line, its lines with their signs below.
    Patch,
    /// A change of a file that was not let happen.
    RefusedPatch,
    /// A call of any other tool, and what came back.
    Tool,
    /// The summary that replaced the conversation up to here.
    Compaction,
    /// Why the turn failed.
    Failed,
    /// What nobody typed: instructions, surroundings, and what comes before a summary.
    Context,
}

use PieceKind as K;

/// Every kind, with its letter in a head and its name.
const KINDS: [(PieceKind, u8, &str); 11] = [
    (K::Prompt, b'P', "prompt"),
    (K::Answer, b'A', "answer"),
    (K::Reasoning, b'R', "reasoning"),
    (K::Command, b'C', "command"),
    (K::Output, b'O', "output"),
    (K::Patch, b'F', "patch"),
    (K::RefusedPatch, b'f', "patch"),
    (K::Tool, b'T', "tool"),
    (K::Compaction, b'S', "compaction"),
    (K::Failed, b'E', "failed"),
    (K::Context, b'X', "context"),
];

impl PieceKind {
    /// Its name, as people type it and programs read it. A change that was refused is a patch, too.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., name)| name)
    }

    /// The kinds of a name; none for any other word.
    pub fn named(name: &str) -> Vec<Self> {
        KINDS.iter().filter(|(.., own)| *own == name).map(|(kind, ..)| *kind).collect()
    }

    /// Every name there is.
    pub fn names() -> Vec<&'static str> {
        let mut names: Vec<_> = KINDS.iter().map(|(.., name)| *name).collect();
        names.dedup();
        names
    }

    fn of_letter(letter: u8) -> Option<Self> {
        KINDS.iter().find(|(_, own, _)| *own == letter).map(|(kind, ..)| *kind)
    }

    fn letter(self) -> char {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or('?', |(_, letter, _)| char::from(*letter))
    }
}

/// The head of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PieceHead {
    /// What the piece is.
    pub kind: PieceKind,
    /// The line of its chunk that tells it, from 1.
    pub line: usize,
    /// When that was written down, in seconds since 1970.
    pub at: Option<i64>,
}

impl PieceHead {
    /// Reads a head's line, from its zero byte on.
    pub fn read(line: &[u8]) -> Option<Self> {
        let [HEAD, letter, rest @ ..] = line else { return None };
        let (number, at) = std::str::from_utf8(rest).ok()?.split_once(' ')?;
        Some(Self { kind: PieceKind::of_letter(*letter)?, line: number.parse().ok()?, at: at.parse().ok() })
    }

    /// Adds a piece. One without text is none.
    pub fn put(self, text: &str, out: &mut String) {
        let text = screen::bare(text);
        let text = text.trim_end_matches('\n');
        if text.is_empty() {
            return;
        }
        // Writing to a string can't fail.
        let _ = write!(out, "\0{}{} ", self.kind.letter(), self.line);
        let _ = self.at.map_or(Ok(()), |at| write!(out, "{at}"));
        out.push('\n');
        out.push_str(text);
        out.push('\n');
    }
}

/// What the MCP server of this program is called. Codex has the model call it with `_` for `-`.
pub const MCP_SERVER: &str = "codex-git";

/// Adds the pieces of an item.
pub fn put_item(item: &Item, out: &mut String) {
    let mut put = |kind, text: &str| PieceHead { kind, line: item.line, at: item.at }.put(text, out);
    match &item.what {
        What::Prompt { text, .. } => put(K::Prompt, &screen::said(text)),
        What::Answer { text, .. } => put(K::Answer, &screen::said(text)),
        What::Reasoning { text } => put(K::Reasoning, text),
        What::Command(Command { text, output, refused, .. }) => {
            put(K::Command, text);
            [output, refused].into_iter().flatten().for_each(|text| put(K::Output, text));
        }
        What::Patch(patch) => {
            let kind = if patch.is_done() { K::Patch } else { K::RefusedPatch };
            patch.changes.iter().for_each(|change| put(kind, &changed(change)));
            patch.refused.iter().for_each(|reason| put(K::Output, reason));
        }
        What::Compaction { summary } => put(K::Compaction, summary),
        What::Failed { message } => put(K::Failed, message),
        // What was looked for here is no answer to who looks for it.
        What::Mcp { server, .. } if server.replace('_', "-") == MCP_SERVER => {}
        other => put(K::Tool, &called(other)),
    }
}

/// A change as it is searched: the file's paths, then its lines with their signs.
fn changed(change: &Change) -> String {
    let mut text = change.path.clone();
    if let Edit::Update { to: Some(to), .. } = &change.edit {
        text.push_str(MOVED);
        text.push_str(to);
    }
    text.push('\n');
    text.push_str(&change.diff());
    text
}

/// What stands between the paths of a file that moves.
const MOVED: &str = " → ";

/// The paths that the first line of a patch's piece names: before, and after if the file moves.
pub fn paths(line: &str) -> (&str, Option<&str>) {
    line.split_once(MOVED).map_or((line, None), |(path, to)| (path, Some(to)))
}

/// Calls of tools: what was called, with what, and what came back.
fn called(what: &What) -> String {
    let join = |parts: &[&str]| parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match what {
        What::Script { source, output, .. } => join(&[source, &text(output)]),
        What::Mcp { server, tool, arguments, result, .. } => {
            join(&[&format!("{server}.{tool} {arguments}"), &text(result)])
        }
        What::Tool { name, arguments, output, .. } => {
            join(&[format!("{} {arguments}", text(name)).trim(), &text(output)])
        }
        What::Search { query } => query.clone(),
        What::Image(Image::File { path }) => path.clone(),
        What::Plan { steps } => steps.iter().map(step).collect::<Vec<_>>().join("\n"),
        What::Agent(Agent { nickname, task, result, .. }) => {
            join(&[format!("{} {}", text(nickname), text(task)).trim(), &text(result)])
        }
        _ => String::new(),
    }
}

fn step(step: &Step) -> String {
    let state = match step.state {
        StepState::Pending => ' ',
        StepState::Active => '>',
        StepState::Done => 'x',
    };
    format!("[{state}] {}", step.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(what: What) -> String {
        let mut out = String::new();
        put_item(&Item { at: Some(12), line: 3, what }, &mut out);
        out
    }

    #[test]
    fn a_piece_is_a_head_and_whole_lines() {
        let text = told(What::Prompt { text: "a\u{1b}[31mb\u{1b}[0m\0\r\nc".into(), images: Vec::new() });
        assert_eq!(text, "\0P3 12\nab\nc\n");
        let head = PieceHead::read(text.lines().next().unwrap().as_bytes());
        assert_eq!(head, Some(PieceHead { kind: K::Prompt, line: 3, at: Some(12) }));
        assert_eq!(told(What::Prompt { text: "\n".into(), images: Vec::new() }), "");
    }

    #[test]
    fn the_first_versions_wrote_down_no_times() {
        let head = PieceHead { kind: K::Answer, line: 7, at: None };
        let mut text = String::new();
        head.put("yes", &mut text);
        assert_eq!(PieceHead::read(text.lines().next().unwrap().as_bytes()), Some(head));
    }

    #[test]
    fn a_command_and_its_output_are_two_pieces() {
        let command = Command { text: "ls".into(), output: Some("a\nb\n".into()), ..Command::default() };
        assert_eq!(told(What::Command(command)), "\0C3 12\nls\n\0O3 12\na\nb\n");
    }

    #[test]
    fn a_file_that_moves_is_found_by_both_paths() {
        let edit = Edit::Update { to: Some("/b".into()), hunks: Vec::new() };
        assert_eq!(paths(changed(&Change { path: "/a".into(), edit }).trim_end()), ("/a", Some("/b")));
        assert_eq!(paths("/a"), ("/a", None));
    }

    #[test]
    fn every_kind_has_a_letter_and_a_name() {
        for (kind, letter, name) in KINDS {
            assert_eq!(PieceKind::of_letter(letter), Some(kind));
            assert!(PieceKind::named(name).contains(&kind));
        }
    }
}
