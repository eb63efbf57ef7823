//! Answers, which are Markdown, as lines. HTML in them is text, images are named, addresses stand behind their links.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::layout::Layout;
use super::line::{Line, Style};
use super::table::Table;
use super::wrap::hang;
use crate::model::screen;

/// Before every line of an answer.
const INDENT: &str = "  ";

/// How deep marks of quotes and lists are drawn: an answer can nest them without end.
const DEEPEST: usize = 8;

/// A text in Markdown as lines.
pub(super) fn markdown(text: &str, layout: &Layout) -> Vec<Line> {
    let text = screen::lines(text, 4);
    let mut writer = Writer::new(layout);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    Parser::new_ext(&text, options).for_each(|event| writer.take(event));
    writer.finish()
}

/// What a line stands in.
enum Block {
    Quote,
    /// An entry of a list: its mark, until that is written, and how wide that is.
    Entry {
        mark: Option<String>,
        width: usize,
    },
}

/// Writes blocks as lines.
struct Writer<'l> {
    layout: &'l Layout,
    lines: Vec<Line>,
    /// The line that is being written, before it is wrapped.
    line: Line,
    blocks: Vec<Block>,
    /// The numbers of the lists' next entries; none for lists without.
    lists: Vec<Option<u64>>,
    styles: Vec<Style>,
    /// Addresses of open links, and the width that the line had when they began.
    links: Vec<(String, String)>,
    code: Option<String>,
    table: Option<Table>,
    /// Whether a blank line comes before the next block.
    gap: bool,
}

impl<'l> Writer<'l> {
    fn new(layout: &'l Layout) -> Self {
        Self {
            layout,
            lines: Vec::new(),
            line: Line::default(),
            blocks: Vec::new(),
            lists: Vec::new(),
            styles: Vec::new(),
            links: Vec::new(),
            code: None,
            table: None,
            gap: false,
        }
    }

    fn finish(mut self) -> Vec<Line> {
        self.flush();
        self.lines.into_iter().map(Line::trimmed).collect()
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(code) => self.write(Style::Code, &format!("`{code}`")),
            Event::Html(html) => {
                for line in html.lines() {
                    self.write(Style::Plain, line);
                    self.flush();
                }
            }
            Event::InlineHtml(html) => self.write(Style::Plain, &html),
            Event::SoftBreak => self.write(Style::Plain, " "),
            Event::HardBreak => self.flush(),
            Event::Rule => {
                self.open();
                self.write(Style::Dim, "───");
                self.close();
            }
            Event::TaskListMarker(done) => self.write(Style::Plain, if done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(name) => self.write(Style::Plain, &format!("[^{name}]")),
            Event::InlineMath(math) | Event::DisplayMath(math) => self.write(Style::Plain, &math),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.open(),
            Tag::Heading { .. } => {
                self.open();
                self.styles.push(Style::Strong);
            }
            Tag::BlockQuote(_) => {
                self.open();
                self.blocks.push(Block::Quote);
            }
            Tag::CodeBlock(kind) => {
                self.open();
                // The language tells nothing that the code does not.
                let (CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) = kind;
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.open();
                } else {
                    self.flush();
                }
                self.lists.push(first);
            }
            Tag::Item => self.entry(),
            Tag::Emphasis => self.styles.push(Style::Emphasis),
            Tag::Strong => self.styles.push(Style::Strong),
            Tag::Link { dest_url, .. } => self.links.push((dest_url.into_string(), String::new())),
            Tag::Image { dest_url, .. } => self.write(Style::Plain, &format!("[image {dest_url}: ")),
            Tag::Table(_) => {
                self.open();
                self.table = Some(Table::default());
            }
            Tag::TableHead | Tag::TableRow => self.table.iter_mut().for_each(Table::row),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.close(),
            TagEnd::Heading(_) => {
                self.styles.pop();
                self.close();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.blocks.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => self.code_block(),
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
                self.gap |= self.lists.is_empty();
            }
            TagEnd::Item => {
                self.flush_entry();
                self.blocks.pop();
            }
            TagEnd::Emphasis | TagEnd::Strong => _ = self.styles.pop(),
            TagEnd::Link => self.link(),
            TagEnd::Image => self.write(Style::Plain, "]"),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.line);
                self.table.iter_mut().for_each(|table| table.cell(cell.clone()));
            }
            TagEnd::Table => self.write_table(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match &mut self.code {
            Some(code) => code.push_str(text),
            None => self.write(self.styles.last().copied().unwrap_or_default(), text),
        }
    }

    fn write(&mut self, style: Style, text: &str) {
        self.line.push(style, text);
        self.links.iter_mut().for_each(|(_, words)| words.push_str(text));
    }

    /// The address behind a link, unless it is what the link says.
    fn link(&mut self) {
        let Some((address, words)) = self.links.pop() else { return };
        let told = words == address || format!("mailto:{words}") == address;
        if !told && !address.is_empty() && !address.starts_with('#') {
            self.write(Style::Dim, &format!(" ({address})"));
        }
    }

    /// A block begins: what is open is written, and a blank line if one is due.
    fn open(&mut self) {
        self.flush();
        if std::mem::take(&mut self.gap) && !self.lines.is_empty() {
            let line = self.behind_blocks(false);
            self.lines.push(line);
        }
    }

    fn close(&mut self) {
        self.flush();
        self.gap = true;
    }

    fn entry(&mut self) {
        self.open();
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", number.saturating_sub(1))
            }
            _ => "• ".to_owned(),
        };
        self.blocks.push(Block::Entry { width: mark.chars().count(), mark: Some(mark) });
    }

    /// Writes the entry's line; one that is empty still has its mark.
    fn flush_entry(&mut self) {
        let unwritten = matches!(self.blocks.last(), Some(Block::Entry { mark: Some(_), .. }));
        if unwritten && self.line.is_empty() {
            let line = self.behind_blocks(true);
            self.lines.push(line);
        }
        self.flush();
    }

    /// Writes the open line, wrapped.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            let (first, rest) = (self.behind_blocks(true), self.behind_blocks(false));
            self.lines.extend(hang(&first, &rest, line, self.layout.sentence()));
        }
    }

    /// What stands before a line: its indent, marks of quotes, and of entries those that are not written yet.
    fn behind_blocks(&mut self, with_marks: bool) -> Line {
        let mut line = Line::of(Style::Plain, INDENT);
        for block in self.blocks.iter_mut().take(DEEPEST) {
            match block {
                Block::Quote => line.push(Style::Dim, "│ "),
                Block::Entry { mark, width } => match mark.take_if(|_| with_marks) {
                    Some(mark) => line.push(Style::Plain, &mark),
                    None => line.push(Style::Plain, &" ".repeat(*width)),
                },
            }
        }
        line
    }

    fn code_block(&mut self) {
        let code = self.code.take().unwrap_or_default();
        for line in code.trim_end_matches('\n').split('\n') {
            let first = self.behind_blocks(true).with(Style::Plain, "  ");
            let rest = self.behind_blocks(false).with(Style::Plain, "  ");
            self.lines.extend(self.layout.long(&first, &rest, Line::of(Style::Dim, line)));
        }
        self.gap = true;
    }

    fn write_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        let (first, rest) = (self.behind_blocks(true), self.behind_blocks(false));
        let room = self.layout.sentence().map(|width| width.saturating_sub(first.width()));
        for (number, line) in table.lines(room).into_iter().enumerate() {
            self.lines.push(if number == 0 { &first } else { &rest }.clone().then(&line));
        }
        self.gap = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Fold;

    fn shown(text: &str, width: usize) -> String {
        let layout = Layout { width: Some(width), fold: Fold::Short, every_kind: false };
        markdown(text, &layout).iter().map(|line| line.text() + "\n").collect()
    }

    #[test]
    fn blocks_stand_apart_and_sentences_are_wrapped() {
        assert_eq!(
            shown("# Head\nA **bold** word and `code`.\n\n> quoted words here\n\n---\nend", 20),
            "  Head\n\n  A bold word and\n  `code`.\n\n  │ quoted words\n  │ here\n\n  ───\n\n  end\n"
        );
    }

    #[test]
    fn lists_hang_and_nest() {
        assert_eq!(
            shown("- one two three\n- four\n  - five\n    six\n\n3. a\n4. b", 12),
            "  • one two\n    three\n  • four\n    • five\n      six\n\n  3. a\n  4. b\n"
        );
        assert_eq!(shown("- [x] done\n- [ ] open\n-", 20), "  • [x] done\n  • [ ] open\n  •\n");
        assert_eq!(shown("- a\n\n  more\n\n- b", 20), "  • a\n\n    more\n\n  • b\n");
    }

    #[test]
    fn code_is_cut_and_never_wrapped() {
        assert_eq!(
            shown("```rust\nlet a = 1;\n\n  let long = 1;\n```\nx", 14),
            "    let a = 1;\n\n      let lon…\n\n  x\n"
        );
    }

    #[test]
    fn addresses_stand_behind_their_links_and_html_is_text() {
        assert_eq!(
            shown("[here](http://x.y) <http://a.b> <b>bold</b> ![pic](p.png)", 90),
            "  here (http://x.y) http://a.b <b>bold</b> [image p.png: pic]\n"
        );
        assert_eq!(shown("<div>\n<p>x\n</div>\n", 90), "  <div>\n  <p>x\n  </div>\n");
    }

    #[test]
    fn a_table_has_columns() {
        assert_eq!(shown("| a | bb |\n|---|---|\n| long | x |", 40), "  a     bb\n  long  x\n");
        assert_eq!(shown("| a | b |\n|-|-|\n| a long cell | x |", 12), "  a        b\n  a long…  x\n");
    }

    #[test]
    fn nothing_in_it_steers_a_terminal() {
        assert_eq!(shown("a&#27;[2Jb &#x9b;x `\u{1b}[31mred`", 40), "  a [2Jb  x `red`\n");
    }
}
