//! The refs of many sessions in one file, `packed-refs` (`git help pack-refs`): sorted by name, so that one is found without
//! reading them all. A ref in a file of its own goes before the same one in here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::name::is_ref_name;
use crate::disk::regular;
use crate::model::ObjectId;

/// The file in the store's folder.
pub(crate) const NAME: &str = "packed-refs";

/// What the file opens with: its refs are sorted, and every tag's commit is told.
const HEADER: &str = "# pack-refs with: peeled fully-peeled sorted \n";

/// How much is read at a time while a name is looked for; also how near the search must come before it reads line by line.
const WINDOW: u64 = 4096;

/// More than any store's packed refs have.
const MOST: u64 = 1 << 30;

/// A packed ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    pub id: ObjectId,
    /// What a tag stands on in the end; `None` for what is no tag.
    pub peeled: Option<ObjectId>,
}

/// The refs by name, and the lines that are none: they are damaged.
pub(crate) type Lines = (BTreeMap<String, Packed>, Vec<Vec<u8>>);

/// Finds one ref in the repository at `path`.
pub(crate) fn find(path: &Path, name: &str) -> io::Result<Option<ObjectId>> {
    let Some((mut file, start)) = search(path, name)? else { return Ok(all(path)?.get(name).map(|packed| packed.id)) };
    // Its line begins near, and may end after that.
    let bytes = window(&mut file, start, 2 * WINDOW)?;
    let at_end = (bytes.len() as u64) < 2 * WINDOW;
    let near = parse(&bytes).0;
    if let Some(packed) = near.get(name) {
        return Ok(Some(packed.id));
    }
    // A damaged name leads the search astray; then those that were found are not those around this one.
    let goes_past = at_end || near.keys().next_back().is_some_and(|last| last.as_str() > name);
    if begins_before(&near, start, name) && goes_past {
        Ok(None)
    } else {
        Ok(all(path)?.get(name).map(|packed| packed.id))
    }
}

/// The refs below a folder such as `refs/tags/`, and the lines after where it begins that are none. What stands before is not read.
pub(crate) fn read_below(path: &Path, folder: &str) -> io::Result<Lines> {
    let (mut refs, bad) = parse(&bytes_from(path, folder)?);
    refs.retain(|name, _| name.starts_with(folder));
    Ok((refs, bad))
}

/// Tells the refs below a folder, by what their names have after it. What is damaged is left out.
pub(crate) fn each_below(path: &Path, folder: &str, tell: &mut dyn FnMut(&str, ObjectId)) -> io::Result<()> {
    for line in bytes_from(path, folder)?.split(|byte| *byte == b'\n') {
        if let Some((name, id)) = entry(line).and_then(|(name, id)| Some((name.strip_prefix(folder)?, id))) {
            tell(name, id);
        }
    }
    Ok(())
}

/// The bytes of the file from a line on that is at a name or before it.
fn bytes_from(path: &Path, name: &str) -> io::Result<Vec<u8>> {
    let Some((mut file, start)) = search(path, name)? else { return whole(path) };
    let len = file.seek(SeekFrom::End(0))?;
    let bytes = window(&mut file, start, len.min(MOST))?;
    let first = bytes.split(|byte| *byte == b'\n').find_map(entry).map(|(first, _)| first);
    // A damaged name leads the search astray.
    if start == 0 || first.is_some_and(|first| first <= name) { Ok(bytes) } else { whole(path) }
}

fn whole(path: &Path) -> io::Result<Vec<u8>> {
    match regular::read(&path.join(NAME), MOST) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        bytes => bytes,
    }
}

/// Whether refs that were read from `start` on begin at a name or before it.
fn begins_before(refs: &BTreeMap<String, Packed>, start: u64, name: &str) -> bool {
    start == 0 || refs.keys().next().is_some_and(|first| first.as_str() <= name)
}

/// Where to begin to read to come upon a name, near before it; `None` where the file is not sorted.
fn search(path: &Path, name: &str) -> io::Result<Option<(File, u64)>> {
    let mut file = match regular::open(&path.join(NAME)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut range = (0, file.seek(SeekFrom::End(0))?);
    let head = window(&mut file, 0, WINDOW)?;
    if !head.split(|byte| *byte == b'\n').next().is_some_and(|line| line.ends_with(b" sorted ")) {
        return Ok(None);
    }
    while range.1 - range.0 > WINDOW {
        let middle = range.0 + (range.1 - range.0) / 2;
        match name_after(&mut file, middle)? {
            Some((start, found)) if start < range.1 && found.as_bytes() <= name.as_bytes() => range.0 = start,
            // The name's line, if there is one, begins at the middle or before.
            _ => range.1 = middle + 1,
        }
    }
    Ok(Some((file, range.0)))
}

/// All refs of the repository at `path`.
pub(crate) fn all(path: &Path) -> io::Result<BTreeMap<String, Packed>> {
    Ok(read(path)?.0)
}

/// All lines of the repository at `path`.
pub(crate) fn read(path: &Path) -> io::Result<Lines> {
    Ok(parse(&whole(path)?))
}

/// Writes refs as the file has them.
pub(crate) fn write(refs: &BTreeMap<String, Packed>, out: &mut impl Write) -> io::Result<()> {
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

fn parse(bytes: &[u8]) -> Lines {
    let (mut refs, mut bad) = (Vec::new(), Vec::new());
    let mut lines = bytes.split(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let is_end = line.is_empty() && lines.peek().is_none();
        let peeled = || std::str::from_utf8(line.strip_prefix(b"^")?).ok()?.parse().ok();
        if let Some((name, id)) = entry(line) {
            refs.push((name.to_owned(), Packed { id, peeled: None }));
        } else if let (Some((_, packed)), Some(peeled)) = (refs.last_mut(), peeled()) {
            packed.peeled = Some(peeled);
        } else if !(is_end || number == 0 && line.starts_with(b"#")) {
            bad.push(line.to_vec());
        }
    }
    (refs.into_iter().collect(), bad)
}

fn entry(line: &[u8]) -> Option<(&str, ObjectId)> {
    let (id, name) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    Some((name, id.parse().ok()?)).filter(|(name, _)| is_ref_name(name))
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
    fn every_ref_is_found_wherever_a_name_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let refs = packed(500);
        let mut bytes = Vec::new();
        write(&refs, &mut bytes).unwrap();
        for at in (60..bytes.len()).step_by(3037) {
            let mut bad = bytes.clone();
            bad[at] ^= 0x12;
            std::fs::write(folder.path().join(NAME), &bad).unwrap();
            let whole = all(folder.path()).unwrap();
            for (name, packed) in whole.into_iter().filter(|(name, _)| refs.contains_key(name)) {
                assert_eq!(find(folder.path(), &name).unwrap(), Some(packed.id), "{name}, byte {at}");
            }
        }
    }

    #[test]
    fn lines_that_are_no_refs_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let (good, name) = (id(1), "refs/heads/a");
        for bad in
            ["", "#23", "x", "refs/heads/a", &format!("{good} qefs/heads/a"), &format!("{good} {name} {good} {name}")]
        {
            std::fs::write(folder.path().join(NAME), format!("# header \n{good} {name}\n^{good}\n{bad}\n")).unwrap();
            assert_eq!(read(folder.path()).unwrap().1, [bad.as_bytes()]);
        }
    }

    #[test]
    fn no_file_is_no_refs() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find(folder.path(), "refs/heads/a").unwrap(), None);
        assert!(all(folder.path()).unwrap().is_empty());
    }
}
