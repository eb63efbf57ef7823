//! Bundles: history in one file, as `git bundle` writes it and `git fetch` reads it (`git help gitformat-bundle`).
//!
//! A bundle of ours has one ref and needs nothing else. Of other people's only such ones are taken.

use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};

use super::Error;
use super::program::git_in;
use crate::model::ObjectId;

const SIGNATURE: &[u8] = b"# v2 git bundle\n";

/// More bytes than the lines before the pack of a bundle with one ref have.
const MOST: u64 = 4096;

/// What a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// The name of its ref.
    pub name: String,
    /// The commit that this names.
    pub id: ObjectId,
}

impl Bundled {
    /// Writes a bundle of all that the commit reaches.
    ///
    /// # Errors
    /// When git can't be run, or `out` takes nothing more.
    pub fn write(&self, repository: &Path, out: &mut dyn Write) -> Result<(), Error> {
        let mut packing = git_in(repository);
        // Objects are written as they lie there: another search for deltas would take three times as long for nothing.
        packing.args(["-c", "pack.window=0", "-c", "core.commitGraph=false"]);
        packing.args(["pack-objects", "--stdout", "--revs", "--delta-base-offset", "-q"]);
        packing.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = packing.spawn().map_err(Error::io("run git pack-objects"))?;
        let ended = self.fill(&mut child, out);
        if ended.is_err() {
            // Nobody reads what it writes any more.
            child.kill().ok();
        }
        let done = child.wait_with_output().map_err(Error::io("run git pack-objects"))?;
        ended?;
        if done.status.success() { Ok(()) } else { Err(Error::said("write a bundle", &done.stderr)) }
    }

    fn fill(&self, child: &mut Child, out: &mut dyn Write) -> Result<(), Error> {
        if let Some(mut input) = child.stdin.take() {
            writeln!(input, "{}", self.id).map_err(Error::io("run git pack-objects"))?;
        }
        let write = Error::io("write the bundle");
        out.write_all(SIGNATURE)
            .and_then(|()| writeln!(out, "{} {}\n", self.id, self.name))
            .and_then(|()| child.stdout.as_mut().map_or(Ok(0), |pack| io::copy(pack, out)))
            .map(drop)
            .map_err(write)
    }

    /// Reads the lines that a bundle begins with; what is left is its pack. The error says what is wrong with it.
    ///
    /// # Errors
    /// When it is none, or not one with a single ref that needs nothing else.
    pub fn read(bundle: &mut dyn BufRead) -> Result<Self, String> {
        let mut head = bundle.take(MOST);
        let mut next = || {
            let mut line = Vec::new();
            let read = head.read_until(b'\n', &mut line);
            read.map(|_| line).map_err(|error| error.to_string())
        };
        let is_none = || "it is no bundle of git".to_owned();
        let other = || "it is a bundle of git, but none that `codex-git share` wrote".to_owned();
        match next()?.as_slice() {
            SIGNATURE => {}
            b"# v3 git bundle\n" => return Err(other()),
            b"" => return Err("there is nothing in it".to_owned()),
            _ => return Err(is_none()),
        }
        let line = next()?;
        if line.starts_with(b"-") {
            return Err(other());
        }
        let text = std::str::from_utf8(&line).map_err(|_| is_none())?;
        let (id, name) = text.strip_suffix('\n').and_then(|text| text.split_once(' ')).ok_or_else(is_none)?;
        let id = id.parse().map_err(|_| is_none())?;
        match next()?.as_slice() {
            b"\n" => Ok(Self { name: name.to_owned(), id }),
            _ => Err(other()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    fn read(text: &str) -> Result<Bundled, String> {
        Bundled::read(&mut text.as_bytes())
    }

    #[test]
    fn only_a_bundle_of_one_ref_that_needs_nothing_is_read() {
        let good = format!("# v2 git bundle\n{ID} refs/codex/share/x\n\nPACK");
        let mut rest = good.as_bytes();
        let bundled = Bundled::read(&mut rest).unwrap();
        assert_eq!(
            (bundled.name.as_str(), bundled.id.to_string().as_str(), rest),
            ("refs/codex/share/x", ID, &b"PACK"[..])
        );
        for (text, why) in [
            ("", "nothing in it"),
            ("PACK", "no bundle"),
            ("# v3 git bundle\n@object-format=sha1\n", "none that"),
            (&format!("# v2 git bundle\n-{ID} x\n{ID} refs/x\n\n"), "none that"),
            (&format!("# v2 git bundle\n{ID} refs/x\n{ID} refs/y\n\n"), "none that"),
            ("# v2 git bundle\nzz refs/x\n\n", "no bundle"),
            ("# v2 git bundle\n\n", "no bundle"),
            (&format!("# v2 git bundle\n{ID} {}", "x".repeat(9000)), "no bundle"),
        ] {
            assert!(read(text).unwrap_err().contains(why), "{text:.60}");
        }
    }
}
