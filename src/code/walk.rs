//! A look at all files of a root: what is there, what changed since the last look, and the bytes of that.
//!
//! Folders are opened one below the other, by descriptors and never through a link, so a name that becomes a link meanwhile leads nowhere. A
//! file whose stamp is that of the last look is not opened. Nothing is written but into the code store.

use std::cell::OnceCell;
use std::ffi::CStr;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::fs::{AtFlags, Dir, DirEntry, FileType, Mode, OFlags, fstat, openat, statat};

use super::Error;
use super::below::sorted;
use super::content;
use super::files::{File, Folder, Kept, Known, Name, Stamp, device};
use super::git_folder::are_of_git_folder;
use super::ignored::{Rules, Verdict, nested_rules};
use super::keeper::Keeper;
use super::root::Root;
use crate::git::project::Project;
use crate::model::ObjectId;
use crate::model::code::{Budget, Exceeded, LeftOut, Reason, Rule, is_safe, looks_secret};

/// Folders deeper than that are left out: each that is open takes a descriptor.
const DEEPEST: usize = 400;
/// More than any file of ignore rules has.
const MOST_RULES: u64 = 4 << 20;

/// A look that is going on.
pub(super) struct Walk<'w, 'p> {
    pub keeper: &'w mut Keeper<'p>,
    pub project: &'p Project,
    pub root: &'w Root,
    pub budget: &'w Budget,
    pub began: Instant,
    /// When the last look began, in nanoseconds since 1970.
    pub looked: i64,
    /// Whether the rules outside of the root's folders are those of the last look.
    pub same_rules: bool,
    /// The paths that the project's index has, once somebody asked.
    pub tracked: OnceCell<Vec<Vec<u8>>>,
    pub seen: Seen,
}

/// What a look found beside the files that it keeps.
#[derive(Default)]
pub(super) struct Seen {
    pub left_out: Vec<LeftOut>,
    /// Files that not everybody may read, with their permissions.
    pub closed: Vec<(Vec<u8>, u32)>,
    /// The rules outside of the root's folders.
    pub rules: Vec<Rule>,
    pub files: u64,
    /// The limit that it went over, if it did: what it has then is not all.
    pub exceeded: Option<Exceeded>,
    device: u64,
}

/// A folder on the way.
struct Place<'a> {
    /// The path below the root, without a slash at its end.
    path: &'a [u8],
    rules: Rules,
    /// Whether all rules that count here are those of the last look.
    same_rules: bool,
    /// Whether only what the index has is kept here: the folder itself is ignored.
    only_tracked: bool,
    depth: usize,
}

/// A file or a link that is looked at.
struct Spot<'a> {
    folder: BorrowedFd<'a>,
    place: &'a Place<'a>,
    name: Name,
    /// What the last look found there.
    known: Option<File>,
    stamp: Stamp,
    is_excused: bool,
}

impl Spot<'_> {
    /// Its path below the root.
    fn path(&self) -> Vec<u8> {
        joined(self.place.path, &self.name)
    }
}

/// A file that was read: its id, when that was its id, and where its bytes are.
type Read = (ObjectId, Stamp, Kept);

/// How a name comes to be kept.
enum Admitted {
    /// The rules let it through.
    Freely,
    /// The index has it, or something below it, although it is ignored.
    Excused,
    No,
}

impl Walk<'_, '_> {
    /// Looks at all files. `old` is what the last look found.
    pub fn all(&mut self, rules: Rules, old: Folder) -> Result<Folder, Error> {
        let how = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let opened = rustix::fs::open(self.root.path(), how, Mode::empty());
        let root = opened.map_err(Error::io("look into", self.root.path()))?;
        self.seen.device = device(&fstat(&root).map_err(Error::io("look into", self.root.path()))?);
        let place = Place { path: b"", rules, same_rules: self.same_rules, only_tracked: false, depth: 0 };
        self.folder(root, place, old).map_err(Error::io("keep files of", self.root.path()))
    }

    fn folder(&mut self, folder: OwnedFd, place: Place<'_>, old: Folder) -> std::io::Result<Folder> {
        let mut entries = Dir::new(folder)?;
        let names = sorted(&mut entries)?;
        let folder = entries.fd()?;
        if !place.path.is_empty() && are_of_git_folder(&names) && !self.keeper.head.has(place.path, b"HEAD") {
            self.leave_out(place.path.to_vec(), 0, Reason::Repository);
            return Ok(Folder::default());
        }
        let mut found = old.anew();
        let place = self.enter(folder, place, &names, old.rules, &mut found);
        let counts = (old.files.len(), old.folders.len());
        let mut known = Known::from(old);
        for name in &names {
            if self.is_over() {
                found.tree = None;
                known.carry_over(&mut found, self.looked);
                return Ok(found);
            }
            self.entry(folder, &place, name, &mut known, &mut found)?;
        }
        // All that was found is as it was by now, or the tree is gone: so as many are the same.
        if (found.files.len(), found.folders.len()) != counts {
            found.tree = None;
        }
        Ok(found)
    }

    /// The folder's own rules, beside those above.
    fn enter<'a>(
        &self,
        folder: BorrowedFd<'_>,
        mut place: Place<'a>,
        names: &[DirEntry],
        old: Option<Stamp>,
        found: &mut Folder,
    ) -> Place<'a> {
        let has = |wanted: &CStr| names.binary_search_by(|entry| entry.file_name().cmp(wanted)).is_ok();
        let depth = if place.path.is_empty() { 0 } else { place.path.len() + 1 };
        if !place.path.is_empty() && has(c".git") {
            place.rules = place.rules.within_nested();
            if let Some(rules) = nested_rules(folder).map(|text| place.rules.with(depth, &text)).filter(Rules::has_last)
            {
                // No stamp of theirs is kept: each look asks them anew.
                (place.rules, place.same_rules, found.tree) = (rules, false, None);
            }
        }
        if has(c".gitignore")
            && let Ok((text, stamp)) = content::read(folder, b".gitignore", MOST_RULES)
        {
            place.rules = place.rules.with(depth, &text);
            found.rules = Some(stamp);
        }
        if old != found.rules || old.is_some_and(|rules| !rules.is_settled(self.looked)) {
            place.same_rules = false;
            found.tree = None;
        }
        place
    }

    fn entry(
        &mut self,
        folder: BorrowedFd<'_>,
        place: &Place<'_>,
        entry: &DirEntry,
        known: &mut Known,
        found: &mut Folder,
    ) -> std::io::Result<()> {
        let (name, bytes) = (entry.file_name(), entry.file_name().to_bytes());
        if !is_safe(bytes) {
            // Git's own folder is no file of the project's.
            if !bytes.eq_ignore_ascii_case(b".git") {
                self.leave_out(joined(place.path, bytes), 0, Reason::Name);
            }
            return Ok(());
        }
        if entry.file_type() == FileType::Directory {
            return self.below(folder, place, name, known.folder(bytes), found);
        }
        let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { return Ok(()) };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => self.below(folder, place, name, known.folder(bytes), found),
            kind @ (FileType::RegularFile | FileType::Symlink) => {
                let (same, known) = known.file(bytes).unzip();
                let (name, stamp) = (same.unwrap_or_else(|| bytes.into()), Stamp::of(&stat));
                let mut spot = Spot { folder, place, name, known, stamp, is_excused: false };
                let Some(is_excused) = self.is_admitted(&spot) else { return Ok(()) };
                spot.is_excused = is_excused;
                if kind == FileType::Symlink { self.link(spot, found) } else { self.file(spot, found) }
            }
            // Sockets, pipes and devices have no bytes of their own.
            _ => Ok(()),
        }
    }

    fn below(
        &mut self,
        folder: BorrowedFd<'_>,
        place: &Place<'_>,
        name: &CStr,
        known: Option<(Name, Folder)>,
        found: &mut Folder,
    ) -> std::io::Result<()> {
        let path = joined(place.path, name.to_bytes());
        let (same, known) = known.unzip();
        let only_tracked = match self.admit(place, &path, true, known.as_ref().is_some_and(Folder::is_free)) {
            Admitted::No => return Ok(()),
            Admitted::Excused => true,
            Admitted::Freely => false,
        };
        let how = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let opened = (place.depth < DEEPEST).then(|| openat(folder, name, how, Mode::empty()));
        let Some(Ok(below)) = opened else {
            self.leave_out(path, 0, Reason::Unreadable);
            return Ok(());
        };
        if fstat(&below).is_ok_and(|stat| device(&stat) != self.seen.device) {
            self.leave_out(path, 0, Reason::Elsewhere);
            return Ok(());
        }
        let place = Place {
            path: &path,
            rules: place.rules.clone(),
            same_rules: place.same_rules && !only_tracked,
            only_tracked,
            depth: place.depth + 1,
        };
        let below = self.folder(below, place, known.unwrap_or_default())?;
        if below.files.is_empty() && below.folders.is_empty() {
            return Ok(());
        }
        if below.tree.is_none() {
            found.tree = None;
        }
        found.folders.push((same.unwrap_or_else(|| name.to_bytes().into()), below));
        Ok(())
    }

    fn file(&mut self, spot: Spot<'_>, found: &mut Folder) -> std::io::Result<()> {
        let (folder, path, stamp, is_excused) = (spot.folder, spot.place.path, spot.stamp, spot.is_excused);
        let (name, most) = (&*spot.name, self.budget.file);
        let known = spot.known.filter(|file| !file.is_link && file.stamp == stamp && stamp.is_settled(self.looked));
        if let Some(file) = known
            && (file.kept == Kept::Yes
                || file.kept == Kept::No && self.keeper.is_kept(path, name, file.id)
                || file.kept == Kept::Never && self.keeper.head.blob(path, name) != Some(file.id))
        {
            let kept = if file.kept == Kept::No { Kept::Yes } else { file.kept };
            self.add(found, spot, File { kept, is_excused, ..file });
            return Ok(());
        }
        let read = match stamp.size > most {
            _ if looks_secret(name) => self.secret(folder, path, name),
            true => self.large(folder, path, name, stamp),
            false => match content::read(folder, name, most) {
                Ok((bytes, stamp)) => self.keeper.keep(path, name, &bytes).map(|(id, kept)| Ok((id, stamp, kept)))?,
                Err(reason) => Err(reason),
            },
        };
        // It was read again, so what is noted of it is to be newer than what it was read for.
        found.tree = None;
        match read {
            Ok((id, stamp, kept)) => self.add(found, spot, File { stamp, id, kept, is_link: false, is_excused }),
            Err(reason) => self.leave_out(spot.path(), stamp.size, reason),
        }
        if self.keeper.new > self.most_new() {
            self.seen.exceeded = Some(Exceeded::New(self.most_new()));
        }
        Ok(())
    }

    /// A file that is too large to be stored: it is kept only if HEAD has it as it is.
    fn large(&mut self, folder: BorrowedFd<'_>, path: &[u8], name: &[u8], stamp: Stamp) -> Result<Read, Reason> {
        let blob = self.keeper.head.blob(path, name).ok_or(Reason::TooLarge)?;
        if self.keeper.head.size(blob) != Some(stamp.size) {
            return Err(Reason::TooLarge);
        }
        let (id, stamp) = self.id(folder, name)?;
        Ok((id, stamp, if id == blob { Kept::Yes } else { Kept::Never }))
    }

    /// A file that looks like a secret: the same, and what HEAD does not have is left out.
    fn secret(&mut self, folder: BorrowedFd<'_>, path: &[u8], name: &[u8]) -> Result<Read, Reason> {
        let blob = self.keeper.head.blob(path, name).ok_or(Reason::Secret)?;
        let (id, stamp) = self.id(folder, name)?;
        if id == blob { Ok((id, stamp, Kept::Yes)) } else { Err(Reason::Secret) }
    }

    fn id(&self, folder: BorrowedFd<'_>, name: &[u8]) -> Result<(ObjectId, Stamp), Reason> {
        content::id(folder, name, &|| self.began.elapsed() > self.budget.time)
    }

    fn link(&mut self, spot: Spot<'_>, found: &mut Folder) -> std::io::Result<()> {
        let (stamp, is_excused) = (spot.stamp, spot.is_excused);
        match content::link(spot.folder, &spot.name) {
            Ok(target) => {
                let (id, kept) = self.keeper.keep(spot.place.path, &spot.name, &target)?;
                self.add(found, spot, File { stamp, id, kept, is_link: true, is_excused });
            }
            Err(reason) => self.leave_out(spot.path(), stamp.size, reason),
        }
        Ok(())
    }

    /// Whether a file is kept, and if so, whether only because the project's index or commit has it. What is left out for its name is told.
    fn is_admitted(&mut self, spot: &Spot<'_>) -> Option<bool> {
        let was_free = spot.known.is_some_and(|file| !file.is_excused);
        if was_free && spot.place.same_rules {
            return Some(false);
        }
        let is_excused = match self.admit(spot.place, &spot.path(), false, false) {
            Admitted::No => return None,
            Admitted::Excused => true,
            Admitted::Freely => false,
        };
        if !looks_secret(&spot.name) {
            return Some(is_excused);
        }
        if self.keeper.head.has(spot.place.path, &spot.name) {
            return Some(true);
        }
        self.leave_out(spot.path(), spot.stamp.size, Reason::Secret);
        None
    }

    fn admit(&self, place: &Place<'_>, path: &[u8], is_folder: bool, was_free: bool) -> Admitted {
        if was_free && place.same_rules {
            return Admitted::Freely;
        }
        let verdict = place.rules.verdict(path, is_folder);
        let is_kept = verdict == Verdict::Kept && !place.only_tracked;
        match verdict {
            Verdict::Forbidden => Admitted::No,
            _ if is_kept => Admitted::Freely,
            _ if self.is_tracked(path, is_folder) => Admitted::Excused,
            _ => Admitted::No,
        }
    }

    /// Whether the project's index has a path, or one below it.
    fn is_tracked(&self, path: &[u8], is_folder: bool) -> bool {
        let tracked = self.tracked.get_or_init(|| self.project.tracked());
        let wanted = if is_folder { [path, b"/"].concat() } else { path.to_vec() };
        let at = tracked.partition_point(|known| *known < wanted);
        tracked.get(at).is_some_and(|known| if is_folder { known.starts_with(&wanted) } else { *known == wanted })
    }

    fn add(&mut self, found: &mut Folder, spot: Spot<'_>, file: File) {
        self.seen.files += 1;
        if file.kept == Kept::Never {
            self.leave_out(spot.path(), file.stamp.size, Reason::TooLarge);
        } else if let Some(permissions) = file.stamp.closed().filter(|_| !file.is_link) {
            self.seen.closed.push((spot.path(), permissions));
        }
        if spot.known != Some(file) {
            found.tree = None;
        }
        found.files.push((spot.name, file));
    }

    fn leave_out(&mut self, path: Vec<u8>, bytes: u64, reason: Reason) {
        self.seen.left_out.push(LeftOut { path, bytes, reason });
    }

    fn most_new(&self) -> u64 {
        if self.root.is_repository() { self.budget.new } else { self.budget.loose_new }
    }

    /// Whether a limit was reached: nothing more is looked at then.
    fn is_over(&mut self) -> bool {
        let most = if self.root.is_repository() { self.budget.files } else { self.budget.loose_files };
        if self.seen.exceeded.is_none() && self.seen.files > most {
            self.seen.exceeded = Some(Exceeded::Files(most));
        }
        if self.seen.exceeded.is_none() && self.began.elapsed() > self.budget.time {
            self.seen.exceeded = Some(Exceeded::Time(self.budget.time));
        }
        self.seen.exceeded.is_some()
    }
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    match folder {
        b"" => name.to_vec(),
        folder => [folder, b"/", name].concat(),
    }
}
