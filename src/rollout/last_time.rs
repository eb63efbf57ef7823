//! When a rollout's last line was written, as the line itself says: the system's time of a file is another one after it was copied or touched.

use std::io::{self, Read, Seek, SeekFrom};

use super::meta::parse_time;
use super::{Compression, RolloutFile};
use crate::disk::regular;

/// So many bytes of its end are read, and so many if its last line is longer than that.
const PIECES: [u64; 2] = [16 << 10, 1 << 20];

/// How a line begins that tells when it was written.
const BEGINS: &[u8] = br#"{"timestamp":""#;

/// When the last line of a rollout was written that says so, in seconds since 1970. `None` where none of the last ones does, and of a packed file.
pub fn last_time(file: &RolloutFile) -> Option<i64> {
    if file.compression != Compression::Plain {
        return None;
    }
    PIECES.iter().find_map(|most| told_in(&end(file, *most).ok()?))
}

fn end(file: &RolloutFile, most: u64) -> io::Result<Vec<u8>> {
    let mut opened = regular::open(&file.path)?;
    let len = opened.metadata()?.len();
    opened.seek(SeekFrom::Start(len.saturating_sub(most)))?;
    let mut bytes = Vec::new();
    opened.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The time that the last line tells, of those that begin in some bytes.
fn told_in(bytes: &[u8]) -> Option<i64> {
    let begins = memchr::memmem::rfind_iter(bytes, BEGINS);
    let at = begins.filter(|at| at.checked_sub(1).is_none_or(|before| bytes[before] == b'\n'));
    at.filter_map(|at| {
        let rest = &bytes[at + BEGINS.len()..];
        let text = &rest[..memchr::memchr(b'"', rest)?];
        parse_time(std::str::from_utf8(text).ok()?)
    })
    .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_tells_its_time_counts() {
        let line = |time: &str| format!("{{\"timestamp\":\"{time}\",\"type\":\"x\"}}\n");
        let two = line("2026-11-22T22:56:19.078Z") + &line("2026-11-22T22:56:20Z");
        assert_eq!(told_in(two.as_bytes()), Some(1_795_388_180));
        let other = format!("{two}{{\"type\":\"y\",\"text\":\"{{\\\"timestamp\\\":\\\"2030-01-01T00:00:00Z\\\"\"}}\n");
        assert_eq!(told_in(other.as_bytes()), Some(1_795_388_180));
        assert_eq!(told_in(b"{\"id\":\"x\",\"timestamp\":\"2026-11-22T22:56:19Z\"}\n"), None);
        assert_eq!(told_in(b""), None);
    }
}
