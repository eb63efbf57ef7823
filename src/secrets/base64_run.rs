//! Runs of base64 in a text that decode to text: what is encoded is scanned as well.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Runs shorter than that hold no secret that is worth the look.
const LEAST: usize = 40;

/// Fewer letters of base64 can be a word.
const LEAST_SPELLED: usize = 8;

/// Of a longer run, as many letters are decoded.
const MOST: usize = 64 << 10;

/// So many letters tell whether a run is text.
const MOST_HEAD: usize = 16;

/// From so many letters on, a run is taken for a picture or for something encrypted.
pub(super) const OPAQUE: usize = 4 << 10;

/// How `-----BEGIN` and `apiVersion` begin in base64.
const KEYS: [&[u8]; 2] = [b"LS0tLS1CRUdJTi", b"YXBpVmVyc2lvb"];

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

/// Hands over what the runs of a text decode to.
pub(super) fn each_decoded(text: &[u8], take: &mut dyn FnMut(&[u8])) {
    each_run(text, LEAST, &mut |_, decoded| take(decoded));
}

/// The same of runs from so many letters on, with the place of each.
pub(super) fn each_run(text: &[u8], least: usize, take: &mut dyn FnMut(Range<usize>, &[u8])) {
    let mut at = least - 1;
    while at < text.len() {
        if !is_letter(text[at]) {
            at += least;
            continue;
        }
        let start = at + 1 - text[..=at].iter().rev().take(least).take_while(|byte| is_letter(**byte)).count();
        let mut end = run_end(text, at);
        if end - start >= least {
            let (run, last) = joined(text, start, end);
            if run.len() < OPAQUE || last > end || is_told(&run) {
                decoded(&run).into_iter().for_each(|text| take(start..last, &text));
            }
            end = last;
        }
        at = end + least;
    }
}

/// What a secret is that is base64 of a text.
pub(super) fn decoded_secret(secret: &[u8]) -> Option<Vec<u8>> {
    let letters = secret.strip_suffix(b"==").or_else(|| secret.strip_suffix(b"=")).unwrap_or(secret);
    (letters.len() >= MOST_HEAD && letters.iter().all(|byte| is_letter(*byte))).then(|| decoded(letters)).flatten()
}

/// The letters that are the same wherever a text stands in what is encoded, for each of the three ways that it can stand.
pub(super) fn in_base64(text: &[u8]) -> Vec<Vec<u8>> {
    let spelled = |before: usize, engine: &GeneralPurpose| {
        let letters = engine.encode([&vec![0; before], text].concat()).into_bytes();
        let (from, to) = ((before * 8).div_ceil(6), (before + text.len()) * 8 / 6);
        letters[from..to].to_vec()
    };
    let ways = (0..3).flat_map(|before| [&PLAIN, &URL].map(|engine| spelled(before, engine)));
    ways.filter(|letters| letters.len() >= LEAST_SPELLED).collect()
}

/// Whether all of a text is base64, and more than anybody typed.
pub(super) fn is_opaque(text: &[u8]) -> bool {
    text.len() >= OPAQUE && !is_told(text) && text.iter().all(|byte| is_letter(*byte) || *byte == b'=')
}

/// Whether a run begins as a key or a file of keys does, however long it is.
fn is_told(run: &[u8]) -> bool {
    KEYS.iter().any(|beginning| run.starts_with(beginning))
}

/// Whether a place is within a run that is a picture or something encrypted.
pub(super) fn is_in_opaque(text: &[u8], at: usize) -> bool {
    let before = text[..at].iter().rev().take(OPAQUE).take_while(|byte| is_letter(**byte)).count();
    let after = text[at..].iter().take(OPAQUE).take_while(|byte| is_letter(**byte)).count();
    before + after >= OPAQUE
}

pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

fn run_end(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take_while(|byte| is_letter(**byte)).count()
}

/// A run with the lines that go on from it, if it is the first of several of the same length; and where the last of them ends.
fn joined(text: &[u8], start: usize, end: usize) -> (Vec<u8>, usize) {
    let (len, mut run, mut end) = (end - start, text[start..end].to_vec(), end);
    while run.len() < MOST {
        let next = end + text[end..].iter().take(2).take_while(|byte| b"\r\n".contains(byte)).count();
        let next_end = run_end(text, next);
        if next == end || next == next_end || next_end - next > len {
            break;
        }
        // A patch marks each line.
        let marked =
            text[next] == text[start] && b"+-".contains(&text[start]) && (start == 0 || text[start - 1] == b'\n');
        run.extend(&text[next + usize::from(marked)..next_end]);
        end = next_end;
        if next_end - next < len {
            break;
        }
    }
    (run, end)
}

/// What a run decodes to, if that is text. Where it begins isn't known for sure: a sign before it may look like one of its letters.
fn decoded(run: &[u8]) -> Option<Vec<u8>> {
    let run = &run[..run.len().min(MOST)];
    (0..4).find_map(|skip| {
        let run = run.get(skip..)?;
        let engine = if run.iter().any(|byte| b"-_".contains(byte)) { &URL } else { &PLAIN };
        let head = engine.decode(run.get(..MOST_HEAD)?).ok()?;
        if !is_text(&head) {
            return None;
        }
        let whole = run.len() - usize::from(run.len() % 4 == 1);
        engine.decode(&run[..whole]).ok().filter(|bytes| is_text(bytes))
    })
}

/// Whether bytes are text: hardly anything in them is not printed.
fn is_text(bytes: &[u8]) -> bool {
    let odd = bytes.iter().filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b | b' '..=b'~')).count();
    odd * 20 <= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each_decoded(text.as_bytes(), &mut |decoded| found.push(String::from_utf8_lossy(decoded).into_owned()));
        found
    }

    #[test]
    fn encoded_text_is_decoded_wherever_it_stands() {
        let text = "the key is hidden in here, twice over and once more";
        let encoded = PLAIN.encode(text);
        for around in [encoded.clone(), format!("a \"{encoded}\" b"), format!("x={encoded}"), format!("\\n{encoded}.")]
        {
            assert_eq!(all(&around), [text], "{around}");
        }
    }

    #[test]
    fn lines_of_one_run_are_put_together() {
        let text = "0123456789 abcdefghi ".repeat(10);
        let encoded = PLAIN.encode(&text);
        for mark in ["", "+"] {
            let lines: Vec<String> =
                encoded.as_bytes().chunks(76).map(|line| format!("{mark}{}", String::from_utf8_lossy(line))).collect();
            assert_eq!(all(&lines.join("\n")), [text.as_str()], "{mark}");
        }
    }

    #[test]
    fn what_is_no_text_is_left_alone() {
        assert_eq!(all(&"some_long_identifier_that_goes_on_and_on/and/a/path/below/it".repeat(2)), [""; 0]);
        assert_eq!(all(&"q9+Zx7".repeat(20)), [""; 0]);
        assert!(is_opaque(&b"QUJD".repeat(2000)) && !is_opaque(b"QUJD"));
        let text = ["x ".to_owned(), "QUJD".repeat(2000), " y".to_owned()].concat();
        assert!(is_in_opaque(text.as_bytes(), 500) && !is_in_opaque(text.as_bytes(), 0));
    }
}
