//! Filter: which runs of four letters a text may have. Where a filter lacks one, the text has it nowhere, and need not be unpacked.
//!
//! A filter is a table of bits, one for each hash of a run that the text has. It tells no case, so that one serves every search: a letter that
//! is written as another one in the other case counts as that.

use std::borrow::Cow;
use std::io::{self, ErrorKind};

use memchr::memmem;

/// How many letters a run has. Three are in nearly every text, five fill the tables.
const RUN: usize = 4;

/// A table is for texts of four bytes a bit at first, and has at most so many bits.
const MOST: usize = 1 << 22;

/// It is halved as long as so few of its bits are set: one in so many.
const SPARSE: usize = 8;

/// The letters beyond ASCII whose other case is an ASCII letter.
const ODD: [(&str, &str); 2] = [("\u{212a}", "k"), ("\u{17f}", "s")];

/// What tells that a text lacks something.
#[derive(Debug, PartialEq, Eq)]
pub struct Filter {
    /// As many as a power of two says.
    words: Vec<u64>,
}

impl Filter {
    /// The filter of a text.
    pub(super) fn of(text: &[u8]) -> Self {
        let bits = (text.len() / 4).next_power_of_two().clamp(64, MOST);
        let mut filter = Self { words: vec![0; bits / 64] };
        let mask = bits - 1;
        for hash in hashes(&folded(text)) {
            let bit = hash & mask;
            filter.words[bit / 64] |= 1 << (bit % 64);
        }
        while filter.words.len() > 1 && filter.ones() * SPARSE < filter.words.len() * 64 {
            filter.halve();
        }
        filter
    }

    fn ones(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    fn halve(&mut self) {
        let rest = self.words.split_off(self.words.len() / 2);
        self.words.iter_mut().zip(rest).for_each(|(word, other)| *word |= other);
    }

    /// Whether the text may have some letters one after the other, in whatever case.
    pub fn may_have(&self, letters: &[u8]) -> bool {
        let mask = self.words.len() * 64 - 1;
        hashes(&folded(letters)).all(|hash| {
            let bit = hash & mask;
            self.words[bit / 64] >> (bit % 64) & 1 == 1
        })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn read(bytes: &[u8]) -> io::Result<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() || !words.len().is_power_of_two() {
            return Err(ErrorKind::InvalidData.into());
        }
        Ok(Self { words: words.iter().map(|word| u64::from_le_bytes(*word)).collect() })
    }
}

/// A text without the odd letters.
fn folded(text: &[u8]) -> Cow<'_, [u8]> {
    let mut text = Cow::Borrowed(text);
    for (odd, plain) in ODD {
        if memmem::find(&text, odd.as_bytes()).is_some() {
            let mut out = Vec::with_capacity(text.len());
            let mut from = 0;
            for at in memmem::find_iter(&text, odd.as_bytes()) {
                out.extend(&text[from..at]);
                out.extend(plain.as_bytes());
                from = at + odd.len();
            }
            out.extend(&text[from..]);
            text = Cow::Owned(out);
        }
    }
    text
}

/// The hashes of all runs of a text: the golden ratio's digits spread them.
fn hashes(text: &[u8]) -> impl Iterator<Item = usize> {
    let run = |letters: &[u8; RUN]| u32::from_le_bytes(letters.map(|letter| letter.to_ascii_lowercase()));
    let runs = text.windows(RUN).filter_map(|letters| letters.first_chunk());
    runs.map(move |letters| (u64::from(run(letters)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_text_has_is_never_denied_and_most_of_what_it_lacks_is() {
        let text: String = (0..20_000).map(|number| format!("let value_{number} = Read{number};\n")).collect();
        let filter = Filter::of(text.as_bytes());
        for there in ["value_17", "READ19", "read1", "let", "", " = read2;\nlet v"] {
            assert!(filter.may_have(there.as_bytes()), "{there}");
        }
        for gone in ["kubernetes", "nothing has these words", "valve"] {
            assert!(!filter.may_have(gone.as_bytes()), "{gone}");
        }
        assert!(filter.write().len() < text.len() / 32, "{} of {}", filter.write().len(), text.len());
        assert_eq!(Filter::read(&filter.write()).unwrap(), filter);
        assert!(Filter::read(&[0; 24]).is_err() && Filter::read(&[0; 7]).is_err() && Filter::read(&[]).is_err());
    }

    #[test]
    fn odd_letters_are_those_whose_case_they_are() {
        let filter = Filter::of("mea\u{17f}ured in \u{212a}elvin".as_bytes());
        assert!(filter.may_have(b"measured in kelvin") && filter.may_have("Mea\u{17f}ured".as_bytes()));
    }

    proptest! {
        #[test]
        fn every_part_of_a_text_may_be_in_it(text in "[a-fA-F \u{17f}\u{212a}äÄ\n]{0,200}", from in 0usize..200, len in 0usize..20) {
            let letters: Vec<char> = text.chars().skip(from).take(len).collect();
            let part: String = letters.into_iter().collect();
            let filter = Filter::of(text.as_bytes());
            prop_assert!(filter.may_have(part.as_bytes()));
            prop_assert!(filter.may_have(part.to_ascii_uppercase().as_bytes()));
        }
    }
}
