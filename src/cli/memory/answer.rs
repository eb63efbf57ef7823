//! An answer: text in no more bytes than were asked for, and where to go on reading.

use codex_git::model::text;

/// How many bytes an answer has where nothing else was asked for, and at most.
const BYTES: usize = 4000;
const MOST: usize = 100_000;

/// Fewer than these say nothing.
const LEAST: usize = 200;

/// How many bytes it takes to say that there is more.
const MORE: usize = 100;

/// An answer in the making.
pub struct Answer {
    text: String,
    from: usize,
    most: usize,
}

impl Answer {
    /// An answer of so many bytes, from one of them on.
    pub fn new(most: Option<usize>, from: Option<usize>) -> Self {
        Self { text: String::new(), from: from.unwrap_or(0), most: most.unwrap_or(BYTES).clamp(LEAST, MOST) }
    }

    /// Adds a line. Nothing in it steers a terminal; tabs stay, since code is made of them.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(&text::plain_lines(&line.replace('\n', " ")));
        self.text.push('\n');
    }

    /// Whether more than is told was added already.
    pub fn is_full(&self) -> bool {
        self.text.len() > self.from.saturating_add(self.most)
    }

    /// The part that was asked for, in whole lines where that goes.
    pub fn text(self) -> String {
        let all = self.text.len();
        let start = (self.from.min(all)..=all).find(|at| self.text.is_char_boundary(*at)).unwrap_or(all);
        let rest = &self.text[start..];
        if rest.len() <= self.most {
            return rest.to_owned();
        }
        let room = self.most.saturating_sub(MORE);
        let end = (0..=room).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0);
        let end = rest[..end].rfind('\n').map_or(end, |feed| feed + 1);
        format!(
            "{}… there is more: ask again with `from` {}, or for more with `most_bytes`\n",
            &rest[..end],
            start + end
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end_piece_by_piece() {
        let lines: Vec<String> = (0..400).map(|number| format!("line {number} ä\u{1b}[31m")).collect();
        let (mut from, mut read) = (0, String::new());
        loop {
            let mut answer = Answer::new(Some(1000), Some(from));
            lines.iter().for_each(|line| answer.line(line));
            let text = answer.text();
            assert!(text.len() <= 1000);
            let Some((part, rest)) = text.split_once("… there is more: ask again with `from` ") else {
                read.push_str(&text);
                break;
            };
            read.push_str(part);
            from = rest.split(',').next().unwrap().parse().unwrap();
        }
        assert_eq!(read.lines().count(), 400);
        assert!(read.ends_with("line 399 ä[31m\n"));
    }
}
