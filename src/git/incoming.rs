//! Packs from elsewhere: taken in by the person's `git`, which checks every object and every link, into a repository that nobody else reads; and
//! looked over before anything of theirs is read whole.
//!
//! A pack can be small and unpack to terabytes. So git gets no more time than a pack of that size needs, and no object is read of which the
//! header says that it is larger than any of ours.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::Error;
use super::headers::{Header, Headers};
use super::odb::Odb;
use super::pack::keep::Kept;
use super::program::{ALLOC_LIMIT, git_in};
use crate::disk::durable::sync_folder;
use crate::model::ObjectId;

/// The time that git gets for a pack: so much, and a second for each megabyte.
const PATIENCE: Duration = Duration::from_secs(60);
const A_SECOND: u64 = 1 << 20;

/// A pack with more objects is no conversation.
const MOST_OBJECTS: u32 = 8_000_000;

/// What a pack begins with: four letters, a version, and how many objects it has.
const HEAD: usize = 12;

/// How often git is asked whether it is done.
const ASKED: Duration = Duration::from_millis(5);

/// A pack that was taken in.
pub(crate) struct Arrived(PathBuf);

/// Takes a pack in. `most`: how many bytes it may have.
///
/// # Errors
/// When git can't be run, refuses the pack, or takes too long; what stands in the repository then is of no use.
pub(crate) fn take_in(repository: &Path, pack: &mut dyn Read, most: u64) -> Result<Arrived, Error> {
    let mut indexing = git_in(repository);
    indexing.args(["-c", "pack.indexVersion=2", "-c", "core.bigFileThreshold=16m", "-c", "core.fsync=all"]);
    indexing.env(ALLOC_LIMIT.0, ALLOC_LIMIT.1);
    indexing.args(["index-pack", "--stdin", "--fix-thin", "--strict"]).arg(format!("--max-input-size={most}"));
    // What it complains of can be more than a pipe holds.
    let mut complaints = tempfile::tempfile().map_err(Error::io("run git index-pack"))?;
    let stderr = complaints.try_clone().map_err(Error::io("run git index-pack"))?;
    indexing.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
    let mut child = indexing.spawn().map_err(Error::io("run git index-pack"))?;
    let given = give(&mut child, pack);
    if given.is_err() {
        child.kill().ok();
    }
    let done = child.wait_with_output().map_err(Error::io("run git index-pack"))?;
    given?;
    if !done.status.success() {
        return Err(Error::said("take the pack in", &end_of(&mut complaints)));
    }
    let told = String::from_utf8_lossy(&done.stdout);
    let name = told.split_whitespace().last().filter(|name| name.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let name = name.ok_or_else(|| Error::said("take the pack in", b"git did not say what the pack is called"))?;
    Ok(Arrived(repository.join("objects/pack").join(format!("pack-{name}.pack"))))
}

/// Gives it the pack, and waits until it has made something of it.
fn give(child: &mut Child, pack: &mut dyn Read) -> Result<(), Error> {
    let mut input = child.stdin.take().ok_or_else(|| Error::said("run git index-pack", b"it takes no input"))?;
    let (mut given, mut taken) = (0, Duration::ZERO);
    let mut piece = vec![0; 1 << 16];
    let mut head = Vec::with_capacity(HEAD);
    pack.take(HEAD as u64).read_to_end(&mut head).map_err(Error::io("read the pack"))?;
    if let [.., a, b, c, d] = head[..]
        && u32::from_be_bytes([a, b, c, d]) > MOST_OBJECTS
    {
        return Err(Error::said("take the pack in", b"it says that it has more objects than any conversation"));
    }
    let mut pack = head.chain(pack);
    loop {
        let read = pack.read(&mut piece).map_err(Error::io("read the pack"))?;
        if read == 0 {
            break;
        }
        let since = Instant::now();
        match input.write_all(&piece[..read]) {
            Ok(()) => given += read as u64,
            // It says why itself.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => return Err(Error::io("run git index-pack")(error)),
        }
        taken += since.elapsed();
        is_in_time(taken, given)?;
    }
    drop(input);
    let since = Instant::now();
    while child.try_wait().map_err(Error::io("run git index-pack"))?.is_none() {
        is_in_time(taken + since.elapsed(), given)?;
        std::thread::sleep(ASKED);
    }
    Ok(())
}

fn is_in_time(taken: Duration, bytes: u64) -> Result<(), Error> {
    if taken > PATIENCE + Duration::from_secs(bytes / A_SECOND) {
        return Err(Error::said("take the pack in", b"it takes longer than a pack of that size needs"));
    }
    Ok(())
}

/// The last that a program complained of.
fn end_of(complaints: &mut File) -> Vec<u8> {
    let mut end = Vec::new();
    let len = complaints.metadata().map_or(0, |data| data.len());
    let read =
        complaints.seek(SeekFrom::Start(len.saturating_sub(4096))).and_then(|_| complaints.read_to_end(&mut end));
    read.map_or_else(|error| error.to_string().into_bytes(), |_| end)
}

impl Arrived {
    /// The packs that stand in a repository.
    pub fn all_in(repository: &Path) -> Result<Vec<Self>, Error> {
        let failed = || Error::io("list the packs that came");
        let entries = match fs::read_dir(repository.join("objects/pack")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed())?,
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
        let is_pack = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "idx");
        let packs = paths.map_err(failed())?.into_iter().filter(is_pack);
        Ok(packs.map(|index| Self(index.with_extension("pack"))).collect())
    }

    /// What the headers of its objects say.
    ///
    /// # Errors
    /// When git can't be run or says something else.
    pub fn headers(&self, repository: &Path) -> Result<Vec<Header>, Error> {
        let ids = self.ids()?;
        let told = Headers::of(repository).of_all(&ids.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        // One that stands there twice is told once.
        let told: BTreeMap<ObjectId, Header> = told.into_iter().flatten().map(|header| (header.id, header)).collect();
        if told.len() != ids.len() {
            return Err(Error::said("look the pack over", b"git did not tell of every object in it"));
        }
        Ok(told.into_values().collect())
    }

    fn ids(&self) -> Result<Vec<ObjectId>, Error> {
        let index = super::pack::reader::PackFile::open(&self.0.with_extension("idx"));
        index.and_then(|index| index.ids()).map_err(Error::io("read the index of the pack"))
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        self.0.metadata().map_or(0, |data| data.len())
    }

    /// Puts the pack among those of another repository. Until the result goes, git leaves it alone there.
    ///
    /// # Errors
    /// When it can't be put there.
    pub fn put_into(self, odb: &Odb) -> Result<Option<Kept>, Error> {
        let io = || Error::io("put the pack in place");
        let folder = odb.pack_folder();
        fs::create_dir_all(&folder).map_err(io())?;
        let place = folder.join(self.0.file_name().unwrap_or_default());
        let kept = Kept::new(&place).map_err(io())?;
        // A pack counts once its index is there, so that comes last.
        for extension in ["pack", "rev", "idx"] {
            let from = self.0.with_extension(extension);
            if from.exists() {
                fs::rename(&from, place.with_extension(extension)).map_err(io())?;
            }
        }
        sync_folder(&folder);
        odb.reopen_packs()?;
        Ok(kept)
    }
}
