//! Markup: the one way from text to HTML.
//!
//! Tags are written as literals of this program; whatever comes from anywhere else is text, or the value of an attribute, and is escaped. So no
//! text can become a tag, an attribute or a comment, wherever it stands. What steers a terminal or hides text from the eye goes as well.

use crate::model::screen;

/// A piece of HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Adds tags, as they are.
    pub fn tags(&mut self, tags: &'static str) -> &mut Self {
        self.0.push_str(tags);
        self
    }

    /// Adds text, with its line feeds and tabs.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.escaped(&screen::bare(text), |byte| match byte {
            b'&' => Some("&amp;"),
            b'<' => Some("&lt;"),
            b'>' => Some("&gt;"),
            _ => None,
        })
    }

    /// Adds text on one line.
    pub fn line(&mut self, text: &str) -> &mut Self {
        self.text(&screen::line(text))
    }

    /// Adds an attribute to the tag that is open. A value is on one line.
    pub fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        self.escaped(&screen::line(value), |byte| match byte {
            b'&' => Some("&amp;"),
            b'<' => Some("&lt;"),
            b'>' => Some("&gt;"),
            b'"' => Some("&quot;"),
            _ => None,
        });
        self.0.push('"');
        self
    }

    /// Adds a number.
    pub fn number(&mut self, number: impl Into<i128>) -> &mut Self {
        self.0.push_str(&number.into().to_string());
        self
    }

    /// Adds another piece.
    pub fn add(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn escaped(&mut self, text: &str, escape: impl Fn(u8) -> Option<&'static str>) -> &mut Self {
        let mut written = 0;
        for (at, byte) in text.bytes().enumerate() {
            if let Some(instead) = escape(byte) {
                self.0.push_str(&text[written..at]);
                self.0.push_str(instead);
                written = at + 1;
            }
        }
        self.0.push_str(&text[written..]);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let mut markup = Markup::default();
        markup.tags("<p").attribute("title", "a\" onload=\"x&\n<b>").tags(">").text("<i>&amp;\t\u{1b}[31m'\u{202e}\n");
        assert_eq!(markup.as_str(), "<p title=\"a&quot; onload=&quot;x&amp; &lt;b&gt;\">&lt;i&gt;&amp;amp;\t'\n");
    }
}
