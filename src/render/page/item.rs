//! Items as markup: prompts stand out, commands are a line each that opens, and of everything only what went wrong is warm.

use super::detail::{Detail, after_lines, lines};
use super::diff::patch;
use super::markdown::markdown;
use super::markup::Markup;
use super::output::output;
use crate::model::Picture;
use crate::model::item::{Agent, By, Command, Image, Review, Step, StepState, What};
use crate::model::screen;
use crate::render::words::{count, duration, size};

/// A prompt with more lines than this was pasted, at least in part: what follows is folded.
const PROMPT_LINES: usize = 40;

/// Adds an item, with the pictures that belong to it.
pub(super) fn item(out: &mut Markup, what: &What, pictures: &[Picture], detail: &Detail) {
    match what {
        What::Prompt { text, images } => prompt(out, &screen::said(text), images, pictures),
        What::Answer { text, .. } => {
            out.tags("<div class=answer>");
            markdown(out, &screen::said(text));
            out.tags("</div>");
        }
        What::Reasoning { text } => reasoning(out, text),
        What::Command(command) => self::command(out, command, detail),
        What::Patch(change) => patch(out, change, detail),
        What::Plan { steps } => plan(out, steps),
        What::Script { source, output, .. } => {
            let words = format!("script, {} of JavaScript", count(lines(source.trim_end()), "line"));
            call(out, &words, &[source, output.as_deref().unwrap_or_default()], detail);
        }
        What::Mcp { server, tool, arguments, result, .. } => {
            call(out, &format!("{server}.{tool}"), &[arguments, result.as_deref().unwrap_or_default()], detail);
        }
        What::Tool { name, arguments, output, .. } => {
            let name = name.as_deref().unwrap_or("output");
            call(out, name, &[arguments, output.as_deref().unwrap_or_default()], detail);
        }
        What::Search { query } => line(out, "web search", query),
        What::Image(image) => looked_at(out, image, pictures),
        What::Agent(agent) => self::agent(out, agent),
        What::Compaction { summary } => compaction(out, summary),
        What::Review(Review::Began) => mark(out, "A review began.", ""),
        What::Review(Review::Ended) => mark(out, "The review ended.", ""),
        What::Switched { setting, from, to } => mark(out, setting.name(), &format!("{from} → {to}")),
        What::TakenBack { prompts } => {
            let prompts = count(usize::try_from(*prompts).unwrap_or(usize::MAX), "prompt");
            mark(out, "Taken back:", &format!("the last {prompts}"));
        }
        What::Stopped { reason } => failure(out, "Stopped:", reason),
        What::Failed { message } => failure(out, "Failed:", message),
        What::Unknown { kind } => mark(out, "Unknown record:", kind),
    }
}

fn prompt(out: &mut Markup, text: &str, images: &[Image], pictures: &[Picture]) {
    let text = text.trim_end().trim_start_matches('\n');
    out.tags("<div class=prompt>");
    if lines(text) <= PROMPT_LINES + 1 {
        out.tags("<p>").text(text).tags("</p>");
    } else {
        let end = after_lines(text, PROMPT_LINES / 2);
        let (first, rest) = text.split_at(end);
        out.tags("<p>").text(first).tags("</p><details><summary>");
        out.text(&count(lines(&rest[1..]), "more line")).tags("</summary><p>").text(&rest[1..]).tags("</p></details>");
    }
    self::pictures(out, pictures);
    for image in images.iter().skip(pictures.len()) {
        out.tags("<p class=attached>").text(&about(image)).tags("</p>");
    }
    out.tags("</div>");
}

/// What is told of an image that is not shown.
fn about(image: &Image) -> String {
    match image {
        Image::File { path } => format!("image {}", path.rsplit(['/', '\\']).next().unwrap_or(path)),
        Image::Data { media_type, bytes } => format!("an image ({media_type}, {})", size(*bytes)),
    }
}

fn looked_at(out: &mut Markup, image: &Image, pictures: &[Picture]) {
    let what = match image {
        Image::File { path } => path.clone(),
        image => about(image),
    };
    line(out, "looked at", &what);
    self::pictures(out, pictures);
}

fn pictures(out: &mut Markup, pictures: &[Picture]) {
    for picture in pictures {
        out.tags("<p class=picture><img alt=\"\" loading=lazy").attribute("src", &picture.address()).tags("></p>");
    }
}

/// The first line tells what it is about: Codex writes a headline there.
fn reasoning(out: &mut Markup, text: &str) {
    let text = text.trim();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim().trim_start_matches('#').trim().trim_matches('*');
    if rest.trim().is_empty() {
        out.tags("<p class=thought>").line(first).tags("</p>");
        return;
    }
    out.tags("<details class=thought><summary>").line(first).tags("</summary>");
    markdown(out, rest);
    out.tags("</details>");
}

fn command(out: &mut Markup, command: &Command, detail: &Detail) {
    let failed = command.has_failed();
    let text = command.text.trim();
    let first = text.split('\n').next().unwrap_or_default();
    let printed = command.refused.as_deref().or(command.output.as_deref()).unwrap_or_default();
    let mark = if command.by == By::Person { " data-by=person" } else { "" };
    let mut about = Markup::default();
    about.tags("<code>").line(first).tags("</code>");
    match (command.exit, &command.refused) {
        (_, Some(_)) => _ = about.tags(" <b class=bad>refused</b>"),
        (Some(exit), None) if failed => _ = about.tags(" <b class=bad>exit ").number(exit).tags("</b>"),
        _ => {}
    }
    let printed_lines = lines(printed.trim_end());
    let facts =
        [command.took.and_then(duration), (detail.outputs && printed_lines > 0).then(|| count(printed_lines, "line"))];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    if !facts.is_empty() {
        about.tags(" <small>").text(&facts.join(" · ")).tags("</small>");
    }
    let is_whole = first.len() == text.len();
    if is_whole && (printed_lines == 0 || !detail.outputs) {
        out.tags("<p class=run").tags(mark).tags(">").add(&about).tags("</p>");
        return;
    }
    out.tags("<details class=run").tags(mark).tags("><summary>").add(&about).tags("</summary>");
    if !is_whole {
        out.tags("<pre class=command>").text(text).tags("</pre>");
    }
    output(out, printed, failed, detail);
    out.tags("</details>");
}

/// A call of a tool: what it was given and what came back are folded.
fn call(out: &mut Markup, name: &str, texts: &[&str], detail: &Detail) {
    let texts: Vec<&&str> = texts.iter().filter(|text| detail.outputs && !text.trim().is_empty()).collect();
    if texts.is_empty() {
        out.tags("<p class=\"run call\"><code>").line(name).tags("</code></p>");
        return;
    }
    out.tags("<details class=\"run call\"><summary><code>").line(name).tags("</code>");
    // Short arguments stand beside the name, as a command's do.
    let first = texts[0].trim();
    if first.len() <= 200 && !first.contains('\n') {
        out.tags(" <small>").line(first).tags("</small>");
    }
    out.tags("</summary>");
    texts.into_iter().for_each(|text| output(out, text, false, detail));
    out.tags("</details>");
}

fn plan(out: &mut Markup, steps: &[Step]) {
    out.tags("<ul class=plan>");
    for step in steps {
        out.tags(match step.state {
            StepState::Done => "<li class=done>",
            StepState::Active => "<li class=active>",
            StepState::Pending => "<li>",
        });
        out.line(&step.text).tags("</li>");
    }
    out.tags("</ul>");
}

fn line(out: &mut Markup, name: &'static str, what: &str) {
    out.tags("<p class=\"run call\"><code>").tags(name).tags("</code> ").line(what).tags("</p>");
}

fn agent(out: &mut Markup, agent: &Agent) {
    out.tags("<p class=branch>agent");
    if let Some(name) = &agent.nickname {
        out.tags(" <b>").line(name).tags("</b>");
    }
    for words in [&agent.task, &agent.result].into_iter().flatten() {
        out.tags(": ").line(words);
    }
    if let Some(session) = &agent.session {
        out.tags(" <code>").line(&session.chars().take(13).collect::<String>()).tags("</code>");
    }
    out.tags("</p>");
}

fn compaction(out: &mut Markup, summary: &str) {
    if summary.trim().is_empty() {
        mark(out, "The conversation was compacted here.", "");
        return;
    }
    out.tags("<details class=mark><summary>The conversation was compacted here.</summary>");
    markdown(out, summary);
    out.tags("</details>");
}

fn mark(out: &mut Markup, what: &'static str, words: &str) {
    out.tags("<p class=mark>").tags(what).tags(" ").line(words).tags("</p>");
}

fn failure(out: &mut Markup, what: &'static str, words: &str) {
    out.tags("<p class=\"mark bad\"><b>").tags(what).tags("</b> ").text(words.trim()).tags("</p>");
}
