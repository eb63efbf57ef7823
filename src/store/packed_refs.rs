//! The refs of many sessions in one file, `packed-refs` (`git help pack-refs`): sorted by name, so that one is found without
//! reading them all. A ref in a file of its own goes before the same one in here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::regular;
use crate::model::ObjectId;

/// The file in the store's folder.
pub(super) const NAME: &str = "packed-refs";

/// What the file opens with: its refs are sorted, and every tag's commit is told.
const HEADER: &str = "# pack-refs with: peeled fully-peeled sorted \n";

/// How much is read at a time while a name is looked for; also how near the search must come before it reads line by line.
const WINDOW: u64 = 4096;

/// More than any store's packed refs have.
const MOST: u64 = 1 << 30;

/// A packed ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    pub id: ObjectId,
    /// What a tag stands on in the end; `None` for what is no tag.
    pub peeled: Option<ObjectId>,
}

/// Finds one ref in the store at `path`.
pub(super) fn find(path: &Path, name: &str) -> io::Result<Option<ObjectId>> {
    let mut file = match regular::open(&path.join(NAME)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut range = (0, file.seek(SeekFrom::End(0))?);
    let head = window(&mut file, 0, WINDOW)?;
    if !head.split(|byte| *byte == b'\n').next().is_some_and(|line| line.ends_with(b" sorted ")) {
        return Ok(all(path)?.get(name).map(|packed| packed.id));
    }
    while range.1 - range.0 > WINDOW {
        let middle = range.0 + (range.1 - range.0) / 2;
        match name_after(&mut file, middle)? {
            Some((start, found)) if start < range.1 && found.as_bytes() <= name.as_bytes() => range.0 = start,
            // The name's line, if there is one, begins at the middle or before.
            _ => range.1 = middle + 1,
        }
    }
    // Its line begins in the range, and may end after it.
    let bytes = window(&mut file, range.0, 2 * WINDOW)?;
    Ok(parse(&bytes).remove(name).map(|packed| packed.id))
}

/// All refs of the store at `path`.
pub(super) fn all(path: &Path) -> io::Result<BTreeMap<String, Packed>> {
    match regular::read(&path.join(NAME), MOST) {
        Ok(bytes) => Ok(parse(&bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// Writes refs as the file has them.
pub(super) fn write(refs: &BTreeMap<String, Packed>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    for (name, packed) in refs {
        writeln!(out, "{} {name}", packed.id)?;
        if let Some(peeled) = packed.peeled {
            writeln!(out, "^{peeled}")?;
        }
    }
    Ok(())
}

/// The first ref whose line begins after an offset, and where it begins.
fn name_after(file: &mut File, offset: u64) -> io::Result<Option<(u64, String)>> {
    let bytes = window(file, offset, WINDOW)?;
    let mut start = 0;
    while let Some(len) = memchr::memchr(b'\n', &bytes[start..]) {
        start += len + 1;
        let line = &bytes[start..];
        let line = &line[..memchr::memchr(b'\n', line).unwrap_or(0)];
        if let Some((name, _)) = entry(line) {
            return Ok(Some((offset + start as u64, name.to_owned())));
        }
    }
    Ok(None)
}

fn window(file: &mut File, offset: u64, most: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::with_capacity(most as usize);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> BTreeMap<String, Packed> {
    let mut refs = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some((name, id)) = entry(line) {
            refs.push((name.to_owned(), Packed { id, peeled: None }));
        } else if let (Some((_, packed)), Some(peeled)) = (refs.last_mut(), line.strip_prefix(b"^")) {
            packed.peeled = std::str::from_utf8(peeled).ok().and_then(|id| id.parse().ok());
        }
    }
    refs.into_iter().collect()
}

fn entry(line: &[u8]) -> Option<(&str, ObjectId)> {
    let (id, name) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    Some((name, id.parse().ok()?)).filter(|(name, _)| name.starts_with("refs/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> ObjectId {
        format!("{n:040x}").parse().unwrap()
    }

    fn packed(count: usize) -> BTreeMap<String, Packed> {
        (0..count)
            .map(|n| {
                let peeled = (n % 3 == 0).then(|| id(n + 7));
                (format!("refs/{}/{n:06}", ["heads", "tags"][n % 2]), Packed { id: id(n), peeled })
            })
            .collect()
    }

    #[test]
    fn every_ref_is_found_however_many_there_are() {
        for count in [0, 1, 2, 60, 61, 62, 63, 500, 3000] {
            let folder = tempfile::tempdir().unwrap();
            let refs = packed(count);
            write(&refs, &mut File::create(folder.path().join(NAME)).unwrap()).unwrap();
            assert_eq!(all(folder.path()).unwrap(), refs);
            for (name, packed) in &refs {
                assert_eq!(find(folder.path(), name).unwrap(), Some(packed.id), "{name} of {count}");
            }
            for missing in ["refs/heads/", "refs/heads/000000x", "refs/tags/999999", "refs/a", "refs/z"] {
                assert_eq!(find(folder.path(), missing).unwrap(), None, "{missing} of {count}");
            }
        }
    }

    #[test]
    fn a_file_that_is_not_sorted_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join(NAME),
            format!("{} refs/tags/b\n^{}\n{} refs/heads/a\n", id(1), id(3), id(2)),
        )
        .unwrap();
        assert_eq!(find(folder.path(), "refs/heads/a").unwrap(), Some(id(2)));
        assert_eq!(all(folder.path()).unwrap()["refs/tags/b"].peeled, Some(id(3)));
    }

    #[test]
    fn no_file_is_no_refs() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find(folder.path(), "refs/heads/a").unwrap(), None);
        assert!(all(folder.path()).unwrap().is_empty());
    }
}
