//! Answers, which are Markdown, as markup. HTML in them is text, images are named and never loaded, and only links to the web and to mail
//! addresses lead anywhere.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::markup::Markup;
use crate::model::screen;

/// How deep blocks stand in each other: an answer can nest them without end, and browsers follow with their stacks.
const DEEPEST: usize = 24;

/// How links may begin that lead anywhere.
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// Adds a text in Markdown.
pub(super) fn markdown(out: &mut Markup, text: &str) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer { out, depth: 0, is_head: false, images: 0, links: Vec::new() };
    // The parser would take sequences apart that go as a whole.
    Parser::new_ext(&screen::bare(text), options).for_each(|event| writer.take(event));
}

/// Writes what the parser finds.
struct Writer<'o> {
    out: &'o mut Markup,
    depth: usize,
    /// Whether cells are those of a table's head.
    is_head: bool,
    /// How many images are open: what they say stands in words.
    images: usize,
    /// Whether each open link leads anywhere, and else where it was to lead.
    links: Vec<Option<String>>,
}

impl Writer<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => _ = self.out.text(&text),
            Event::Code(code) => _ = self.out.tags("<code>").text(&code).tags("</code>"),
            Event::InlineMath(math) | Event::DisplayMath(math) => _ = self.out.text(&math),
            Event::FootnoteReference(name) => _ = self.out.tags("[^").text(&name).tags("]"),
            Event::SoftBreak => _ = self.out.tags("\n"),
            Event::HardBreak => _ = self.out.tags("<br>"),
            Event::Rule => _ = self.out.tags("<hr>"),
            Event::TaskListMarker(done) => _ = self.out.tags(if done { "☑ " } else { "☐ " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        if let Some((open, _)) = block(&tag.to_end()) {
            self.depth += 1;
            if self.depth <= DEEPEST {
                match tag {
                    Tag::List(Some(first)) if first != 1 => {
                        self.out.tags("<ol").attribute("start", &first.to_string()).tags(">");
                    }
                    _ => _ = self.out.tags(open),
                }
            }
            return;
        }
        match tag {
            Tag::Emphasis => _ = self.out.tags("<em>"),
            Tag::Strong => _ = self.out.tags("<strong>"),
            Tag::Strikethrough => _ = self.out.tags("<s>"),
            Tag::Link { dest_url, .. } => self.link(&dest_url),
            Tag::Image { dest_url, .. } => {
                self.images += 1;
                self.out.tags("<span class=image>image ").text(&dest_url).tags(": ");
            }
            Tag::TableHead => {
                self.is_head = true;
                self.out.tags("<thead><tr>");
            }
            Tag::TableRow => _ = self.out.tags("<tr>"),
            Tag::TableCell => _ = self.out.tags(if self.is_head { "<th>" } else { "<td>" }),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if let Some((_, close)) = block(&tag) {
            if self.depth <= DEEPEST {
                self.out.tags(close);
            }
            self.depth = self.depth.saturating_sub(1);
            return;
        }
        match tag {
            TagEnd::Emphasis => _ = self.out.tags("</em>"),
            TagEnd::Strong => _ = self.out.tags("</strong>"),
            TagEnd::Strikethrough => _ = self.out.tags("</s>"),
            TagEnd::Link => self.end_link(),
            TagEnd::Image => {
                self.images = self.images.saturating_sub(1);
                self.out.tags("</span>");
            }
            TagEnd::TableHead => {
                self.is_head = false;
                self.out.tags("</tr></thead>");
            }
            TagEnd::TableRow => _ = self.out.tags("</tr>"),
            TagEnd::TableCell => _ = self.out.tags(if self.is_head { "</th>" } else { "</td>" }),
            _ => {}
        }
    }

    fn link(&mut self, address: &str) {
        let leads = SCHEMES.iter().any(|scheme| address.len() > scheme.len() && address.starts_with(scheme));
        if leads && self.images == 0 {
            self.links.push(None);
            self.out.tags("<a").attribute("href", address).tags(" rel=\"noopener noreferrer nofollow\">");
        } else {
            self.links.push(Some(address.to_owned()));
        }
    }

    /// Ends a link; where one would have led that leads nowhere stands behind it.
    fn end_link(&mut self) {
        match self.links.pop() {
            Some(Some(address)) if !address.is_empty() => _ = self.out.tags(" (").text(&address).tags(")"),
            Some(None) => _ = self.out.tags("</a>"),
            _ => {}
        }
    }
}

/// The tags of what can hold other blocks, and of what stands alone. Headings of an answer stand below those of the page.
fn block(tag: &TagEnd) -> Option<(&'static str, &'static str)> {
    Some(match tag {
        TagEnd::Paragraph => ("<p>", "</p>"),
        TagEnd::Heading(level) if *level as usize == 1 => ("<h3>", "</h3>"),
        TagEnd::Heading(level) if *level as usize == 2 => ("<h4>", "</h4>"),
        TagEnd::Heading(_) => ("<h5>", "</h5>"),
        TagEnd::BlockQuote(_) => ("<blockquote>", "</blockquote>"),
        TagEnd::CodeBlock | TagEnd::HtmlBlock => ("<pre class=code><code>", "</code></pre>"),
        TagEnd::List(true) => ("<ol>", "</ol>"),
        TagEnd::List(false) => ("<ul>", "</ul>"),
        TagEnd::Item => ("<li>", "</li>"),
        TagEnd::Table => ("<div class=wide><table>", "</table></div>"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut out = Markup::default();
        markdown(&mut out, text);
        out.as_str().to_owned()
    }

    #[test]
    fn blocks_and_spans_have_their_tags() {
        assert_eq!(shown("# A\nb **c** `<d>`\ne"), "<h3>A</h3><p>b <strong>c</strong> <code>&lt;d&gt;</code>\ne</p>");
        assert_eq!(shown("3. a\n4. b"), "<ol start=\"3\"><li>a</li><li>b</li></ol>");
        assert_eq!(shown("```js\n<x>\n```"), "<pre class=code><code>&lt;x&gt;\n</code></pre>");
        assert_eq!(
            shown("|a|b|\n|-|-|\n|c|d|"),
            "<div class=wide><table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>c</td><td>d</td></tr></table></div>"
        );
    }

    #[test]
    fn html_is_text_and_images_are_named() {
        assert_eq!(shown("\u{1b}[31mred\u{1b}]0;t\u{7}"), "<p>red</p>");
        assert_eq!(shown("<b onclick=x>y</b>"), "<p>&lt;b onclick=x&gt;y&lt;/b&gt;</p>");
        assert_eq!(
            shown("![pic](http://e.org/a.png)"),
            "<p><span class=image>image http://e.org/a.png: pic</span></p>"
        );
    }

    #[test]
    fn only_links_to_the_web_and_to_mail_lead_anywhere() {
        let link = "<p><a href=\"https://e.org/&quot;x\" rel=\"noopener noreferrer nofollow\">a</a></p>";
        assert_eq!(shown("[a](https://e.org/\"x)"), link);
        for address in
            ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "file:///etc/passwd", "//e.org", "#t1"]
        {
            assert_eq!(shown(&format!("[a]({address})")), format!("<p>a ({address})</p>"));
        }
    }

    #[test]
    fn depth_has_an_end() {
        let deep = shown(&format!("{} x", ">".repeat(2000)));
        assert_eq!(deep.matches("<blockquote>").count(), deep.matches("</blockquote>").count());
        assert!(deep.matches("<blockquote>").count() <= DEEPEST && deep.contains('x'));
    }
}
