//! Items as lines.

use super::layout::{Fold, Layout};
use super::line::{Line, Style};
use super::markdown::markdown;
use super::output::{at_most, output};
use super::words::{count, size};
use super::wrap::hang;
use super::{command, patch};
use crate::model::item::{Agent, Image, Review, Step, StepState, What};
use crate::model::screen;

/// How many lines of a summary are shown.
const SUMMARY_LINES: usize = 3;

/// An item as lines; none where it is shown only when everything is.
pub fn item(what: &What, layout: &Layout) -> Vec<Line> {
    match what {
        What::Prompt { text, images } => prompt(&screen::said(text), images, layout),
        What::Answer { text, .. } => markdown(&screen::said(text), layout),
        What::Reasoning { text } if layout.every_kind => reasoning(text, layout),
        What::Command(command) => command::command(command, layout),
        What::Patch(patch) => patch::patch(patch, layout),
        What::Plan { steps } => steps.iter().map(|step| self::step(step, layout)).collect(),
        What::Script { source, output, .. } => script(source, output.as_deref(), layout),
        What::Mcp { server, tool, arguments, result, .. } => {
            call(&format!("{server}.{tool} {arguments}"), result.as_deref(), layout)
        }
        What::Tool { name: Some(name), arguments, output, .. } => {
            call(&format!("{name} {arguments}"), output.as_deref(), layout)
        }
        What::Tool { output, .. } => call("output", output.as_deref(), layout),
        What::Search { query } => vec![remark(&format!("web search: {query}"), layout)],
        What::Image(Image::File { path }) => vec![remark(&format!("looked at {path}"), layout)],
        What::Image(Image::Data { .. }) => vec![remark("looked at an image", layout)],
        What::Agent(agent) => vec![self::agent(agent, layout)],
        What::Compaction { summary } => compaction(summary, layout),
        What::Review(Review::Began) => vec![remark("review began", layout)],
        What::Review(Review::Ended) => vec![remark("review ended", layout)],
        What::Switched { setting, from, to } => vec![remark(&format!("{} {from} → {to}", setting.name()), layout)],
        What::TakenBack { prompts } => warning(
            &format!("taken back: the last {}", count(usize::try_from(*prompts).unwrap_or(usize::MAX), "prompt")),
            layout,
        ),
        What::Stopped { reason } => warning(&format!("stopped: {reason}"), layout),
        What::Failed { message } => warning(&format!("failed: {message}"), layout),
        What::Unknown { kind } if layout.every_kind => vec![remark(&format!("unknown record: {kind}"), layout)],
        What::Reasoning { .. } | What::Unknown { .. } => Vec::new(),
    }
}

fn prompt(text: &str, images: &[Image], layout: &Layout) -> Vec<Line> {
    let (first, rest) = (Line::of(Style::Prompt, "› "), Line::of(Style::Prompt, "  "));
    let mut lines: Vec<Line> = attached(images).into_iter().map(|line| line.fit(layout.width)).collect();
    let text = screen::lines(text, 4);
    for (number, line) in text.trim_end().trim_start_matches('\n').split('\n').enumerate() {
        let first = if number == 0 { &first } else { &rest };
        lines.extend(hang(first, &rest, Line::of(Style::Prompt, line), layout.sentence()));
    }
    lines.into_iter().map(Line::trimmed).collect()
}

/// The images that came with a prompt.
fn attached(images: &[Image]) -> Option<Line> {
    let about = |image: &Image| match image {
        Image::File { path } => screen::line(path.rsplit(['/', '\\']).next().unwrap_or(path)),
        Image::Data { media_type, bytes } => {
            let kind = screen::line(media_type);
            format!("{}, {}", kind.strip_prefix("image/").unwrap_or(&kind), size(*bytes))
        }
    };
    let about: Vec<String> = images.iter().map(about).collect();
    let words = format!("  {} attached ({})", count(images.len(), "image"), about.join("; "));
    (!images.is_empty()).then(|| Line::of(Style::Dim, &words))
}

fn reasoning(text: &str, layout: &Layout) -> Vec<Line> {
    let lines = markdown(text, layout).into_iter().enumerate();
    let dim = |(number, line): (usize, Line)| {
        let text = line.text();
        Line::of(Style::Dim, if number == 0 { "~ " } else { "  " })
            .with(Style::Dim, text.get(2..).unwrap_or_default())
            .trimmed()
    };
    lines.map(dim).collect()
}

fn step(step: &Step, layout: &Layout) -> Line {
    let (mark, style) = match step.state {
        StepState::Done => ("  [x] ", Style::Dim),
        StepState::Active => ("  [>] ", Style::Strong),
        StepState::Pending => ("  [ ] ", Style::Plain),
    };
    Line::of(style, mark).with(style, &screen::line(&step.text)).fit(layout.width)
}

fn script(source: &str, printed: Option<&str>, layout: &Layout) -> Vec<Line> {
    let words = format!("script, {} of JavaScript", count(source.trim_end().split('\n').count(), "line"));
    let mut lines = vec![Line::of(Style::Dim, &format!("• {words}")).fit(layout.width)];
    if layout.fold != Fold::Short {
        lines.extend(output(source, false, layout));
        lines.extend(output(printed.unwrap_or_default(), false, layout));
    }
    lines
}

/// A call of a tool, and what came back.
fn call(words: &str, printed: Option<&str>, layout: &Layout) -> Vec<Line> {
    let mut lines = vec![remark(words, layout)];
    lines.extend(output(printed.unwrap_or_default(), false, layout));
    lines
}

fn remark(words: &str, layout: &Layout) -> Line {
    let mut words = screen::line(words);
    // Of far more than any line, the beginning says as much.
    if words.len() > 4096 && !layout.is_full() {
        words = words.chars().take(1000).chain(['…']).collect();
    }
    Line::of(Style::Plain, "• ").with(Style::Plain, &words).fit(layout.width)
}

fn warning(words: &str, layout: &Layout) -> Vec<Line> {
    let (first, rest) = (Line::of(Style::Warning, "! "), Line::of(Style::Warning, "  "));
    let text = screen::lines(words.trim(), 8);
    let mut lines = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let first = if number == 0 { &first } else { &rest };
        lines.extend(hang(first, &rest, Line::of(Style::Warning, line), layout.sentence()));
    }
    lines.into_iter().map(Line::trimmed).collect()
}

/// An agent: what it was asked, or what it came to.
pub(super) fn agent(agent: &Agent, layout: &Layout) -> Line {
    let first_line =
        |text: &String| screen::lines(text.trim(), 8).split('\n').next().unwrap_or_default().trim().to_owned();
    let name = agent.nickname.as_deref().map(|name| format!(" {}", screen::line(name))).unwrap_or_default();
    let id = agent.session.as_deref().map(|id| format!(" ({})", screen::line(id).chars().take(13).collect::<String>()));
    let task = agent.task.as_ref().map(|task| format!(": {}", first_line(task))).unwrap_or_default();
    let result = agent.result.as_ref().map(|result| format!(": {}", first_line(result))).unwrap_or_default();
    let words = format!("⑂ agent{name}{task}{}{result}", id.unwrap_or_default());
    Line::of(Style::Dim, &words).fit(layout.width)
}

fn compaction(summary: &str, layout: &Layout) -> Vec<Line> {
    let most = if layout.is_full() { usize::MAX } else { SUMMARY_LINES };
    let mut lines = vec![Line::of(Style::Warning, "! compacted")];
    lines.extend(at_most(summary, most, false, layout));
    lines
}
