//! Watching git while it talks to a remote: it is given up when it gets nowhere, takes too long, or lets in more than any store has.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::Error;
use super::said::count_in;

/// Git is given up that gets nowhere for so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// More comes in at once only from somebody who wants to fill the disk.
const MOST_BYTES: u64 = 8 << 30;

/// What nobody waits for takes no longer.
const DEADLINE: Duration = Duration::from_secs(60 * 60);

/// How often is looked at what it does.
const LOOK: Duration = Duration::from_millis(200);

/// The end of what it says tells why it failed.
const END: usize = 64 << 10;

/// How git gets on.
pub(super) struct Watch<'r> {
    /// Whether a person sits there, and may take their time to answer.
    has_a_person: bool,
    repository: &'r Path,
    began: Instant,
    /// When it got on last.
    since: Instant,
    looked: Instant,
    /// How many bytes the packs had at first, and had last.
    bytes: (u64, u64),
    counted: Option<(usize, usize)>,
    said: Vec<u8>,
}

impl<'r> Watch<'r> {
    pub fn new(has_a_person: bool, repository: &'r Path) -> Self {
        let (now, bytes) = (Instant::now(), bytes_in(repository));
        let bytes = (bytes, bytes);
        Self { has_a_person, repository, began: now, since: now, looked: now, bytes, counted: None, said: Vec::new() }
    }

    /// Reads what git says until it ends, and gives the end of that.
    pub fn until_it_ends(
        mut self,
        child: &mut Child,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<u8>, Error> {
        let Some(said) = listen(child) else { return Ok(Vec::new()) };
        loop {
            match said.recv_timeout(LOOK) {
                Ok(piece) => self.hear(&piece, progress),
                Err(RecvTimeoutError::Disconnected) => return Ok(self.said),
                // What it started can outlive it, and hold on to what it would say.
                Err(RecvTimeoutError::Timeout) if matches!(child.try_wait(), Ok(Some(_))) => return Ok(self.said),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.looked.elapsed() >= LOOK {
                self.look()?;
            }
        }
    }

    fn hear(&mut self, piece: &[u8], progress: &mut dyn FnMut(usize, usize)) {
        let counted = count_in(piece).or(self.counted);
        // Words alone are no work, unless a person answers them.
        if counted != self.counted || self.has_a_person {
            self.since = Instant::now();
        }
        self.counted = counted;
        counted.into_iter().for_each(|(done, total)| progress(done, total));
        self.said.extend(piece);
        let len = self.said.len();
        self.said.drain(..len.saturating_sub(END));
    }

    fn look(&mut self) -> Result<(), Error> {
        self.looked = Instant::now();
        let bytes = bytes_in(self.repository);
        if bytes != self.bytes.1 {
            (self.bytes.1, self.since) = (bytes, self.looked);
        }
        let given_up = |why: &str| Err(Error::said("go on with the remote", why.as_bytes()));
        if bytes.saturating_sub(self.bytes.0) > MOST_BYTES {
            return given_up("it sends more than any store has");
        }
        if self.since.elapsed() > PATIENCE {
            return given_up("it says nothing any more");
        }
        if !self.has_a_person && self.began.elapsed() > DEADLINE {
            return given_up("it takes too long");
        }
        Ok(())
    }
}

/// What a process says, piece by piece.
fn listen(child: &mut Child) -> Option<Receiver<Vec<u8>>> {
    let (give, taken) = channel();
    let mut stderr = child.stderr.take()?;
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = stderr.read(&mut piece) {
            if give.send(piece[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    Some(taken)
}

/// How many bytes the packs of a repository have, those on their way among them.
fn bytes_in(repository: &Path) -> u64 {
    let folder: PathBuf = repository.join("objects/pack");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum()
}
