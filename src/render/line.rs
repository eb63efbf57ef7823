//! Lines of styled spans.

use unicode_width::UnicodeWidthChar;

use crate::model::text;

/// How a span looks. What that is on a terminal, or on a page, is decided there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// As all text.
    #[default]
    Plain,
    /// What a person typed.
    Prompt,
    /// A name, such as that of a save.
    Name,
    /// What stands out: commands, paths, headings, numbers of turns.
    Strong,
    /// What is stressed in an answer.
    Emphasis,
    /// Code within a sentence.
    Code,
    /// What stands back: outputs, remarks.
    Dim,
    /// What was looked for.
    Found,
    /// What went wrong.
    Warning,
    /// A new line of a file.
    Added,
    /// A line that goes.
    Removed,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// How it looks.
    pub style: Style,
    /// Its text, which steers no terminal.
    text: String,
}

impl Span {
    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    spans: Vec<Span>,
}

impl Line {
    /// A line in one style.
    pub fn of(style: Style, text: &str) -> Self {
        Self::default().with(style, text)
    }

    /// The line with a piece after it.
    #[must_use]
    pub fn with(mut self, style: Style, text: &str) -> Self {
        self.push(style, text);
        self
    }

    /// Adds a piece.
    pub fn push(&mut self, style: Style, text: &str) {
        let text = text::plain(text);
        match self.spans.last_mut().filter(|last| last.style == style) {
            Some(last) => last.text.push_str(&text),
            None if text.is_empty() => {}
            None => self.spans.push(Span { style, text: text.into_owned() }),
        }
    }

    /// The line with another after it.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        other.spans.iter().for_each(|span| self.push(span.style, &span.text));
        self
    }

    /// Its pieces, in order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Whether there is nothing on it.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// How many columns it takes.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|span| text::width(&span.text)).sum()
    }

    /// The line cut to a number of columns, with an ellipsis where something was cut.
    #[must_use]
    pub fn fit(self, columns: Option<usize>) -> Self {
        match columns {
            Some(columns) if self.width() > columns => self.cut(columns),
            _ => self,
        }
    }

    fn cut(&self, columns: usize) -> Self {
        let Some(mut room) = columns.checked_sub(1) else { return Self::default() };
        let mut kept = Self::default();
        for span in &self.spans {
            let fits = |c: &char| {
                let left = room.checked_sub(c.width().unwrap_or(0));
                room = left.unwrap_or(0);
                left.is_some()
            };
            let part: String = span.text.chars().take_while(fits).collect();
            kept.push(span.style, &part);
            if part.len() < span.text.len() {
                return kept.trimmed().with(span.style, "…");
            }
        }
        kept
    }

    /// The line without blanks at its end.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        while let Some(last) = self.spans.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            self.spans.pop();
        }
        self
    }

    /// The line in one style that stands back.
    #[must_use]
    pub fn dimmed(&self) -> Self {
        Self::of(Style::Dim, &self.text())
    }

    /// Its text, without its styles.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}
