//! A conversation as a Markdown document, as GitHub and editors show it.
//!
//! Answers stand as they are, but for HTML in them, which becomes text, and for links that would run something. Commands are folded, outputs and
//! patches stand in fences that nothing in them can end.

use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::page::{Amount, Detail};
use super::ruler::Ruler;
use super::words::{count, duration, size};
use crate::model::item::{Command, Image, Item, Patch, Review, StepState, What};
use crate::model::patch::{Change, Edit, near};
use crate::model::screen;

/// How often a text is looked at again after HTML in it became text: what stood in it can be Markdown then.
const LOOKS: usize = 8;

/// A turn as Markdown: its head, its prompt as a quote, and what followed.
pub fn turn(ruler: &Ruler, items: &[Item], detail: &Detail) -> String {
    let mut out = String::new();
    head(&mut out, ruler, items);
    for (_, told) in detail.told(items) {
        item(&mut out, &told.what, detail);
    }
    out
}

/// Text that stands for itself in Markdown, on one line.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in screen::line(text).chars() {
        if letter.is_ascii_punctuation()
            && !matches!(letter, '.' | ',' | ':' | ';' | '/' | '\'' | '"' | '?' | '%' | '=' | '(' | ')' | '-' | '+')
        {
            out.push('\\');
        }
        out.push(letter);
    }
    // What would begin a list or a rule doesn't at the end of a line's own start.
    if out.starts_with(['-', '+']) { format!("\\{out}") } else { out }
}

fn head(out: &mut String, ruler: &Ruler, items: &[Item]) {
    let prompt = items.iter().find_map(|item| match &item.what {
        What::Prompt { text, .. } => screen::said(text).trim().lines().next().map(str::to_owned),
        _ => None,
    });
    let prompt = prompt.filter(|prompt| !prompt.trim().is_empty()).unwrap_or_else(|| "(no text)".to_owned());
    let words = crate::model::text::fit(&screen::line(&prompt), 72).into_owned();
    let _ = writeln!(out, "## {} · {}\n", ruler.number, plain(&words));
    let mut facts: Vec<String> = ruler.saves.iter().map(|save| format!("**{}**", plain(save))).collect();
    facts.extend(ruler.warnings.iter().map(|warning| format!("**{}**", plain(warning))));
    let told = [&ruler.when, &ruler.took, &ruler.model, &ruler.tokens];
    facts.extend(told.into_iter().filter(|fact| !fact.is_empty()).map(|fact| plain(fact)));
    let _ = writeln!(out, "{}\n", facts.join(" · "));
}

fn item(out: &mut String, what: &What, detail: &Detail) {
    match what {
        What::Prompt { text, images } => prompt(out, &screen::said(text), images),
        What::Answer { text, .. } => block(out, &safe(&screen::said(text))),
        What::Reasoning { text } => block(out, &quoted(&safe(text))),
        What::Command(command) => self::command(out, command, detail),
        What::Patch(patch) => self::patch(out, patch, detail),
        What::Plan { steps } => {
            let mark = |state| if state == StepState::Done { "x" } else { " " };
            let lines: Vec<String> =
                steps.iter().map(|step| format!("- [{}] {}", mark(step.state), plain(&step.text))).collect();
            block(out, &lines.join("\n"));
        }
        What::Script { source, output, .. } => folded(
            out,
            &format!("script, {} of JavaScript", count(source.trim_end().lines().count(), "line")),
            &[("js", source), ("", output.as_deref().unwrap_or_default())],
            detail,
        ),
        What::Mcp { server, tool, arguments, result, .. } => {
            let texts = [("json", arguments.as_str()), ("", result.as_deref().unwrap_or_default())];
            folded(out, &format!("{server}.{tool}"), &texts, detail);
        }
        What::Tool { name, arguments, output, .. } => {
            let texts = [("", arguments.as_str()), ("", output.as_deref().unwrap_or_default())];
            folded(out, name.as_deref().unwrap_or("output"), &texts, detail);
        }
        What::Search { query } => remark(out, &format!("web search: {query}")),
        What::Image(image) => remark(out, &format!("looked at {}", about(image))),
        What::Agent(agent) => {
            let words = [&agent.nickname, &agent.task, &agent.result, &agent.session].into_iter().flatten();
            let words: Vec<&str> = words.map(String::as_str).collect();
            remark(out, &format!("agent {}", words.join(": ")));
        }
        What::Compaction { summary } => {
            remark(out, "the conversation was compacted here");
            block(out, &quoted(&safe(summary)));
        }
        What::Review(Review::Began) => remark(out, "a review began"),
        What::Review(Review::Ended) => remark(out, "the review ended"),
        What::Switched { setting, from, to } => remark(out, &format!("{} {from} → {to}", setting.name())),
        What::TakenBack { prompts } => remark(out, &format!("taken back: the last {prompts} prompts")),
        What::Stopped { reason } => remark(out, &format!("stopped: {reason}")),
        What::Failed { message } => remark(out, &format!("failed: {message}")),
        What::Unknown { kind } => remark(out, &format!("unknown record: {kind}")),
    }
}

fn block(out: &mut String, text: &str) {
    let text = text.trim_matches('\n');
    if !text.trim().is_empty() {
        let _ = writeln!(out, "{text}\n");
    }
}

fn remark(out: &mut String, words: &str) {
    block(out, &format!("*{}*", plain(words)));
}

fn prompt(out: &mut String, text: &str, images: &[Image]) {
    let text = safe(text.trim_end().trim_start_matches('\n'));
    block(out, &quoted(&broken(&text)));
    for image in images {
        remark(out, &format!("attached: {}", about(image)));
    }
}

fn about(image: &Image) -> String {
    match image {
        Image::File { path } => path.clone(),
        Image::Data { media_type, bytes } => format!("an image ({media_type}, {})", size(*bytes)),
    }
}

fn quoted(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") })
        .collect::<Vec<_>>()
        .join("\n")
}

/// A text whose lines end where they were ended by hand, outside of code.
fn broken(text: &str) -> String {
    let code = ranges(text, |event| matches!(event, Event::Start(Tag::CodeBlock(_) | Tag::Table(_))));
    let (mut out, mut at) = (String::new(), 0);
    for line in text.split_inclusive('\n') {
        out.push_str(line.trim_end_matches('\n'));
        let next = text[at + line.len()..].lines().next().unwrap_or_default();
        if line.ends_with('\n') {
            let ends_a_sentence = !line.trim().is_empty() && !next.trim().is_empty();
            if ends_a_sentence && !code.iter().any(|range| range.contains(&at)) {
                out.push_str("  ");
            }
            out.push('\n');
        }
        at += line.len();
    }
    out
}

fn command(out: &mut String, command: &Command, detail: &Detail) {
    let text = command.text.trim();
    let first = text.lines().next().unwrap_or_default();
    let mut words = first.to_owned();
    match (command.exit, &command.refused) {
        (_, Some(_)) => words.push_str(" · refused"),
        (Some(exit), None) if exit != 0 => _ = write!(words, " · exit {exit}"),
        _ => {}
    }
    if let Some(took) = command.took.and_then(duration) {
        let _ = write!(words, " · {took}");
    }
    let printed = command.refused.as_deref().or(command.output.as_deref()).unwrap_or_default();
    let whole = if first.len() == text.len() { "" } else { text };
    fold(out, &format!("$ {words}"), &[("sh", whole, false), ("", printed, command.has_failed())], detail);
}

fn folded(out: &mut String, words: &str, texts: &[(&str, &str)], detail: &Detail) {
    let texts: Vec<_> =
        texts.iter().map(|(kind, text)| (*kind, if detail.outputs { *text } else { "" }, false)).collect();
    fold(out, words, &texts, detail);
}

/// A line that opens to texts in fences, each with its language and whether it failed.
fn fold(out: &mut String, words: &str, texts: &[(&str, &str, bool)], detail: &Detail) {
    let mut body = String::new();
    for (language, text, failed) in texts.iter().filter(|(_, text, _)| !text.trim().is_empty()) {
        // A command is told whole.
        let whole = Detail::of(Amount::Full);
        let cut = if *language == "sh" { whole.cut(text, false) } else { detail.cut(text, *failed) };
        if cut.first.trim().is_empty() && cut.last.is_empty() {
            continue;
        }
        let text = match cut.left_out {
            None => cut.first.to_owned(),
            Some(left_out) => format!("{}\n… {left_out} left out\n{}", cut.first, cut.last),
        };
        fence(&mut body, language, &text);
    }
    let words = html(&screen::line(words));
    if body.is_empty() {
        block(out, &format!("<code>{words}</code>"));
    } else {
        let _ = writeln!(out, "<details><summary><code>{words}</code></summary>\n\n{body}</details>\n");
    }
}

fn patch(out: &mut String, patch: &Patch, detail: &Detail) {
    for change in &patch.changes {
        let shown = |path: &str| plain(near(path, patch.cwd.as_deref()));
        let what = match &change.edit {
            Edit::Add(_) => "new ",
            Edit::Delete(_) => "deleted ",
            Edit::Update { .. } => "",
        };
        let to = match &change.edit {
            Edit::Update { to: Some(to), .. } => format!(" → {}", shown(to)),
            _ => String::new(),
        };
        let refused = if patch.is_done() { "" } else { " (refused)" };
        block(out, &format!("{what}**{}**{to}{refused}", shown(&change.path)));
        if patch.is_done() && tells(change, detail) {
            fence(out, "diff", &change.diff());
        }
    }
    if let Some(reason) = &patch.refused {
        fold(out, "apply_patch · refused", &[("", reason, true)], detail);
    }
}

/// What a deleted file held says little about the talk.
fn tells(change: &Change, detail: &Detail) -> bool {
    detail.amount == Amount::Full || !matches!(change.edit, Edit::Delete(_))
}

/// Adds a text in a fence that is longer than any in it.
fn fence(out: &mut String, language: &str, text: &str) {
    let text = screen::bare(text);
    let text = text.trim_end();
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(out, "{fence}{language}\n{text}\n{fence}\n");
}

/// A text whose HTML is text, whose links run nothing and whose fences end: as Markdown it says what it said, and nothing behind it is changed.
fn safe(text: &str) -> String {
    let mut text = screen::bare(text).into_owned();
    for _ in 0..LOOKS {
        let mut bad = ranges(&text, |event| match event {
            Event::Html(_) | Event::InlineHtml(_) => true,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => !leads(dest_url),
            _ => false,
        });
        bad.extend(definitions(&text));
        bad.sort_unstable_by_key(|range| range.start);
        if bad.is_empty() {
            return ended(tame(text));
        }
        text = disarmed(&text, &bad);
    }
    // What is still not tame after so many looks was made to be so.
    let mut out = String::new();
    fence(&mut out, "", &text);
    out
}

/// The text with its headings below those of turns, and its images as links: a reader's program would load them.
fn tame(text: String) -> String {
    let change = |(event, range): (Event<'_>, Range<usize>)| match event {
        Event::Start(Tag::Image { .. }) if text[range.start..].starts_with("![") => Some((range.start, "image ", 1)),
        Event::Start(Tag::Heading { level, .. }) if text[range.start..].starts_with('#') => {
            Some((range.start, &"##"[..2.min(6 - level as usize)], 0))
        }
        _ => None,
    };
    let (mut out, mut at) = (String::with_capacity(text.len() + 16), 0);
    for (start, added, gone) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter().filter_map(change) {
        out.push_str(&text[at..start]);
        out.push_str(added);
        at = start + gone;
    }
    out + &text[at..]
}

/// Whether a link leads to the web or to a mail address, or within the document.
fn leads(address: &str) -> bool {
    ["https://", "http://", "mailto:", "#"].iter().any(|start| address.starts_with(start)) || !address.contains(':')
}

/// Where events of a kind stand, in order and apart.
fn ranges(text: &str, is_one: impl Fn(&Event<'_>) -> bool) -> Vec<Range<usize>> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut found: Vec<Range<usize>> = Vec::new();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        if is_one(&event) && found.last().is_none_or(|last| last.end <= range.start) {
            found.push(range);
        }
    }
    found
}

/// Where a text gives words an address, wherever they stand: in a document these would be those of other turns, too.
fn definitions(text: &str) -> Vec<Range<usize>> {
    Parser::new_ext(text, Options::empty()).reference_definitions().iter().map(|(_, of)| of.span.clone()).collect()
}

/// The text with what begins tags and links in some places as text.
fn disarmed(text: &str, places: &[Range<usize>]) -> String {
    let is_escaped = |text: &str| (text.len() - text.trim_end_matches('\\').len()) % 2 == 1;
    let (mut out, mut at) = (String::with_capacity(text.len() + 64), 0);
    for place in places.iter().filter(|place| place.start < place.end) {
        if place.start < at {
            continue;
        }
        out.push_str(&text[at..place.start]);
        for letter in text[place.clone()].chars() {
            match letter {
                '<' => out.push_str("&lt;"),
                // One that is text already stays as it is, however often it is looked at.
                '[' if !is_escaped(&out) => out.push_str("\\["),
                letter => out.push(letter),
            }
        }
        at = place.end;
    }
    out + &text[at..]
}

/// The text with its last fence ended, if it was not.
fn ended(text: String) -> String {
    let options = Options::ENABLE_TABLES;
    let mut open: Option<Range<usize>> = None;
    for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => open = Some(range),
            Event::End(TagEnd::CodeBlock) if range.end < text.trim_end().len() => open = None,
            _ => {}
        }
    }
    let Some(range) = open else { return text };
    let block = text[range].trim_end();
    let first = block.lines().next().unwrap_or_default();
    let mark = first.chars().next().unwrap_or('`');
    let fence: String = first.chars().take_while(|letter| *letter == mark).collect();
    let last = block.lines().skip(1).last().unwrap_or_default().trim_matches([' ', '>', '\t']);
    let is_ended = last.len() >= fence.len() && last.chars().all(|letter| letter == mark);
    if is_ended { text } else { format!("{}\n{fence}", text.trim_end()) }
}

/// A text within a tag.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_and_only_outside_of_code() {
        assert_eq!(safe("a <b>c</b> `<d>`"), "a &lt;b>c&lt;/b> `<d>`");
        assert_eq!(safe("```\n<x>\n```"), "```\n<x>\n```");
        assert_eq!(safe("<div>\n[x](javascript:a)\n</div>"), "&lt;div>\n\\[x](javascript:a)\n&lt;/div>");
    }

    #[test]
    fn links_that_would_run_something_are_text() {
        assert_eq!(safe("[x](javascript:alert(1))"), "\\[x](javascript:alert(1))");
        assert_eq!(safe("a [[b [c](javascript:1)"), "a \\[\\[b \\[c](javascript:1)");
        assert_eq!(safe("[x](https://e.org) [y](a.md)"), "[x](https://e.org) [y](a.md)");
    }

    #[test]
    fn headings_stand_below_the_turn_and_images_are_links() {
        assert_eq!(safe("# a\n\n###### b\n```\n# c\n```"), "### a\n\n###### b\n```\n# c\n```");
        assert_eq!(safe("x ![pic](http://e.org/a.png)"), "x image [pic](http://e.org/a.png)");
    }

    #[test]
    fn a_fence_that_was_left_open_ends_with_its_text() {
        assert_eq!(safe("a\n````sh\nls"), "a\n````sh\nls\n````");
        assert_eq!(safe("a\n```sh\nls\n```"), "a\n```sh\nls\n```");
        assert_eq!(safe("~~~\nls\n~~~\nb"), "~~~\nls\n~~~\nb");
    }

    #[test]
    fn lines_of_a_prompt_end_where_they_did() {
        assert_eq!(broken("a\nb\n\nc\n```\nd\ne\n```"), "a  \nb\n\nc  \n```\nd\ne\n```");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let mut out = String::new();
        fence(&mut out, "sh", "a ```` b\n");
        assert_eq!(out, "`````sh\na ```` b\n`````\n\n");
    }
}
