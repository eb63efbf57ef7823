//! Filter: which runs of four letters a text may have. Where a filter lacks one, the text has it nowhere, and need not be unpacked.
//!
//! A filter is a table of bits, one for each hash of a run that the text has. It tells no case, so that one serves every search: a letter that
//! is written as another one in the other case counts as that.

use std::io::{self, ErrorKind};

use memchr::memmem;

/// How many letters a run has. Three are in nearly every text, five fill the tables.
const RUN: usize = 4;

/// A table has a bit for so many bytes of text at first, and no more than so many bits.
const BYTES: usize = 4;
const MOST: usize = 1 << 22;

/// It is halved as long as so few of its bits are set: one in so many.
const SPARSE: usize = 8;

/// How many bits a word has.
const WORD: usize = u64::BITS as usize;

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
        let len = (text.len() / BYTES).next_power_of_two().clamp(WORD, MOST);
        // A byte for each bit: to set one waits for no other.
        let mut bits = vec![0_u8; len];
        let shift = shift(len);
        for run in runs(&folded(text)) {
            bits[place(run, shift)] = 1;
        }
        while bits.len() > WORD && ones(&bits) * SPARSE < bits.len() {
            bits = bits.as_chunks::<2>().0.iter().map(|[one, other]| one | other).collect();
        }
        let word = |bits: &[u8; WORD]| bits.iter().rev().fold(0, |word, bit| word << 1 | u64::from(*bit));
        Self { words: bits.as_chunks().0.iter().map(word).collect() }
    }

    /// Whether the text may have some letters one after the other, in whatever case.
    pub fn may_have(&self, letters: &[u8]) -> bool {
        let shift = shift(self.words.len() * WORD);
        runs(&folded(letters)).all(|run| {
            let place = place(run, shift);
            self.words[place / WORD] >> (place % WORD) & 1 == 1
        })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn read(bytes: &[u8]) -> io::Result<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() || !words.len().is_power_of_two() || words.len() > MOST / WORD {
            return Err(ErrorKind::InvalidData.into());
        }
        Ok(Self { words: words.iter().map(|word| u64::from_le_bytes(*word)).collect() })
    }
}

/// A text in small letters, without the odd ones.
fn folded(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_ascii_lowercase();
    for (odd, plain) in ODD {
        if memmem::find(&text, odd.as_bytes()).is_some() {
            text = replaced(&text, odd.as_bytes(), plain.as_bytes());
        }
    }
    text
}

fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let (mut out, mut from) = (Vec::with_capacity(text.len()), 0);
    for at in memmem::find_iter(text, old) {
        out.extend(&text[from..at]);
        out.extend(new);
        from = at + old.len();
    }
    out.extend(&text[from..]);
    out
}

/// The runs of a text, as numbers.
fn runs(text: &[u8]) -> impl Iterator<Item = u32> {
    text.windows(RUN).filter_map(|letters| letters.first_chunk()).map(|letters| u32::from_le_bytes(*letters))
}

/// What a hash is to be shifted by in a table of so many bits.
fn shift(bits: usize) -> u32 {
    u32::BITS - bits.trailing_zeros()
}

/// Where a run stands: the golden ratio's digits spread the runs. In a table of half as many bits, two neighbours are one.
fn place(run: u32, shift: u32) -> usize {
    (run.wrapping_mul(0x9e37_79b1) >> shift) as usize
}

fn ones(bits: &[u8]) -> usize {
    bits.iter().map(|bit| usize::from(*bit)).sum()
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
