//! Scanning a line of a rollout, or a text.

use super::finding::Finding;
use super::ruleset::Rules;
use super::sift::Sift;

impl Rules {
    /// Hands over the secrets in a line of a rollout, without its line feed.
    pub fn scan_line(&self, line: &[u8], take: &mut dyn FnMut(Finding)) {
        let mut sift = Sift::new(self);
        sift.line(line);
        sift.finish(line, take);
    }

    /// Hands over the secrets in a text.
    pub fn scan_text(&self, text: &str, take: &mut dyn FnMut(Finding)) {
        let mut sift = Sift::new(self);
        sift.text(text.as_bytes());
        sift.finish(text.as_bytes(), take);
    }
}
