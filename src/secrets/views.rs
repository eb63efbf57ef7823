//! Views: a text with what it is wrapped in taken off, and for each byte the place in the text that it came from.

use memchr::{memchr, memchr2};

use super::undo::{code_len, escape, percent};

/// So many wrappings are taken off, one after the other, and so many views are made of a text at the most.
const DEEP: usize = 4;
const MOST: usize = 12;

/// How a colour begins.
const ESCAPE: u8 = 0x1b;

/// What a text says once something is taken off it.
pub(super) struct View {
    pub bytes: Vec<u8>,
    /// Where each byte came from, and where the text ends.
    pub at: Vec<usize>,
}

impl View {
    /// The text as it is, and as it is once escapes, percent signs and colours are undone, in any order.
    pub fn all(text: &[u8]) -> Vec<Self> {
        let mut views = vec![Self { bytes: text.to_vec(), at: (0..=text.len()).collect() }];
        let (mut from, mut to) = (0, 1);
        for _ in 0..DEEP {
            for known in from..to {
                for undo in [Self::unescaped, Self::without_percents, Self::colourless] {
                    if views.len() < MOST
                        && let Some(view) = undo(&views[known])
                        && views.iter().all(|other| other.bytes != view.bytes)
                    {
                        views.push(view);
                    }
                }
            }
            (from, to) = (to, views.len());
        }
        views
    }

    fn unescaped(&self) -> Option<Self> {
        self.undone(b'\\', |text, out| text.len() - escape(&text[1..], out).len())
    }

    fn without_percents(&self) -> Option<Self> {
        self.undone(b'%', percent)
    }

    fn colourless(&self) -> Option<Self> {
        self.undone(ESCAPE, |text, _| 1 + code_len(&text[1..]))
    }

    /// What is left once something is undone that begins with a byte: `undo` adds what it means, and tells how long it is.
    fn undone(&self, begin: u8, undo: impl Fn(&[u8], &mut Vec<u8>) -> usize) -> Option<Self> {
        memchr(begin, &self.bytes)?;
        let mut view = Self { bytes: Vec::with_capacity(self.bytes.len()), at: Vec::with_capacity(self.at.len()) };
        let mut from = 0;
        while let Some(len) = memchr(begin, &self.bytes[from..]) {
            view.bytes.extend(&self.bytes[from..from + len]);
            view.at.extend(&self.at[from..from + len]);
            let len = from + len;
            from = (len + undo(&self.bytes[len..], &mut view.bytes)).min(self.bytes.len());
            view.at.resize(view.bytes.len(), self.at[len]);
        }
        view.bytes.extend(&self.bytes[from..]);
        view.at.extend(&self.at[from..]);
        Some(view)
    }
}

/// Whether a text can be wrapped in something.
pub(super) fn may_be_wrapped(text: &[u8]) -> bool {
    memchr2(b'\\', b'%', text).is_some() || memchr(ESCAPE, text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_known_by_the_place_it_came_from() {
        let text = br"a\u0062%63\\u0064e";
        let views = View::all(text);
        let whole = views.iter().find(|view| view.bytes == b"abcde").unwrap();
        assert_eq!(whole.at, [0, 1, 7, 10, 17, 18]);
        assert!(views.iter().all(|view| view.at.len() == view.bytes.len() + 1 && view.at.is_sorted()));
        assert_eq!(views[0].bytes, text);
    }

    #[test]
    fn what_is_cut_off_is_undone_as_far_as_it_goes() {
        for text in [&b"a\\"[..], b"a\\u00", b"a%", b"a%4", b"\x1b", b"a\x1b[3", b"%zz"] {
            for view in View::all(text) {
                assert!(
                    view.at.len() == view.bytes.len() + 1 && view.at.iter().all(|at| *at <= text.len()),
                    "{text:?}"
                );
            }
        }
    }
}
