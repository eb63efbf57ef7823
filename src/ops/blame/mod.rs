//! Blame: which turn wrote each line of a file.
//!
//! All patches that touched the file, of every turn in the store, and all that the project's commits say of it, are played in the order of their
//! times up to the file as it is ([`crate::model::blame`]). Lines that no turn wrote have git's own answer.

mod places;
mod renamed;
mod source;
mod telling;
mod timeline;
mod turns;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::project::repository_of;
use super::{Error, LogEntry, Workspace};
use crate::disk::regular;
use crate::model::blame::{Event, Origin, Ran, suspects, trace};
use crate::model::command_line::is_formatter;
use crate::model::moves::Moves;
use crate::model::patch::Change;
use crate::store::work_tree::{self, Version};
use places::{Key, Places};
pub use source::{BlamedLine, Source};
use telling::{Asked, Telling, head_of};
use timeline::Timeline;
use turns::{Toucher, Wanted};

/// The largest file that is read.
const LARGEST: u64 = 64 << 20;

/// Bytes in which a file that is no text shows that.
const START: usize = 8000;

/// The folder of a codex home in which Codex makes work trees, each in a folder of its own (0.171).
const MADE: &str = "worktrees";

/// What is asked.
#[derive(Clone, Debug)]
pub struct BlameQuestion {
    /// The file, from the root of the file system on.
    pub file: PathBuf,
    /// Directories that were elsewhere: where they were, and where they are; those that the store's settings name are known.
    pub was: Vec<(String, String)>,
    /// Whether lines are found by likeness and by the words of commands, too.
    pub guesses: bool,
}

/// A file's lines, and who wrote them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Blame {
    /// The lines, in order.
    pub lines: Vec<BlamedLine>,
    /// The turns that wrote some.
    pub turns: Vec<LogEntry>,
    /// The changes that did.
    pub changes: Vec<Change>,
    /// The file's path in its project, or its whole path.
    pub path: String,
    /// The heads of commits as git prints them, by commit: who wrote it, when, and what it says.
    pub heads: HashMap<String, Vec<String>>,
    /// How many turns can't be read.
    pub unreadable: usize,
}

impl Blame {
    /// What the head of a commit says under a key, such as `author`.
    pub fn head(&self, commit: &str, key: &str) -> Option<&str> {
        self.heads.get(commit)?.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
    }
}

impl Workspace {
    /// Who wrote the lines of a file. Nothing is recorded first.
    ///
    /// # Errors
    /// When the file or the store can't be read.
    pub fn blame(&self, question: &BlameQuestion) -> Result<Blame, Error> {
        let text = text_of(&question.file)?;
        let subject = Subject::of(question, self.home(), self.moves());
        let Known { versions, git, touchers, unreadable } = self.known_of(&subject, &text)?;
        let others = subject.former_names(&touchers, &versions);
        let of = |root: &Path| others.iter().flat_map(|name| work_tree::versions(root, name)).collect();
        let others = subject.root.as_deref().map(of).unwrap_or_default();
        let timeline =
            Timeline::of((&subject.places, subject.own.as_deref()), &subject.keys, &touchers, versions, others);
        let contents = match &subject.root {
            Some(root) => work_tree::contents(root, &timeline.states()).map_err(crate::store::Error::from)?,
            None => Vec::new(),
        };
        let lines: Vec<&str> = text.lines().collect();
        let traced = played(&timeline, &contents, &lines, &touchers, question.guesses);
        let mut told = Telling::new(
            &timeline,
            &touchers,
            &git,
            Asked { in_repository: subject.root.is_some(), guesses: question.guesses },
        );
        let lines = lines.iter().zip(traced).enumerate();
        let lines = lines.map(|(at, (text, (origin, number)))| told.line(at, text, origin, number)).collect();
        let (turns, changes) = told.turns_and_changes();
        let mut heads = git.heads;
        for version in &timeline.versions {
            heads.entry(version.commit.clone()).or_insert_with(|| head_of(version));
        }
        Ok(Blame { lines, turns, changes, path: subject.key().to_owned(), heads, unreadable })
    }

    /// What the store and git know of a file. git is asked while the store is read.
    fn known_of(&self, subject: &Subject, text: &str) -> Result<Known, Error> {
        let (root, key) = (subject.root.as_deref(), subject.key());
        let (asked, found) = std::thread::scope(|scope| {
            let asked = root.map(|root| {
                let versions = scope.spawn(move || work_tree::versions(root, key));
                (versions, scope.spawn(move || work_tree::blame(root, key, key)))
            });
            let found = self.touchers(&subject.places, subject.keys.iter().cloned());
            (asked.and_then(|(versions, git)| Some((versions.join().ok()?, git.join().ok()?))), found)
        });
        let (mut versions, mut git) = asked.unwrap_or_default();
        if let Some(root) = root.filter(|_| versions.is_empty())
            && let Some(former) = renamed::former_name(root, text)?
        {
            (versions, git) = (work_tree::versions(root, &former), work_tree::blame(root, key, &former));
        }
        let (mut touchers, mut unreadable) = found?;
        // Names that only git knows were not looked for yet.
        let names: HashSet<&String> = versions.iter().map(|version| &version.path).collect();
        if names.iter().any(|name| last_part(name) != last_part(subject.key())) {
            let keys = subject.keys.iter().chain(names).cloned();
            (touchers, unreadable) = self.touchers(&subject.places, keys)?;
        }
        Ok(Known { versions, git, touchers, unreadable })
    }

    /// The turns that touched a file under these names and those that patches moved it from, in the order in which they began; and how many
    /// turns can't be read.
    fn touchers(&self, places: &Places, keys: impl Iterator<Item = Key>) -> Result<(Vec<Toucher>, usize), Error> {
        let mut keys: HashSet<Key> = keys.collect();
        let is_ours = |directory: &str| places.hold(directory);
        let parts = |keys: &HashSet<Key>| -> HashSet<String> { keys.iter().filter_map(|key| last_part(key)).collect() };
        loop {
            let names = parts(&keys);
            let (mut touchers, unreadable) = self.turns_of_files(&Wanted { names: &names, is_ours: &is_ours })?;
            while let Some(key) = moved_from(&touchers, places, &keys) {
                keys.insert(key);
            }
            if parts(&keys) == names {
                touchers.sort_by_key(|toucher| (toucher.turn.started, toucher.turn.session, toucher.turn.turn));
                return Ok((touchers, unreadable));
            }
        }
    }
}

/// A file that is asked about.
struct Subject {
    /// The repository that it is in.
    root: Option<PathBuf>,
    places: Places,
    /// The work tree that it is in, or the directory.
    own: Option<PathBuf>,
    /// Its names: the one that it has, and the one that was typed, which can lead there through a link.
    keys: Vec<Key>,
}

/// What the store and git know of a file.
struct Known {
    versions: Vec<Version>,
    git: work_tree::Blame,
    touchers: Vec<Toucher>,
    unreadable: usize,
}

impl Subject {
    fn of(question: &BlameQuestion, codex_home: &Path, moves: Arc<Moves>) -> Self {
        let file = question.file.canonicalize().unwrap_or_else(|_| question.file.clone());
        let root = file.parent().and_then(repository_of).map(Path::to_owned);
        let work_trees = root.as_deref().map(work_tree::work_trees).unwrap_or_default();
        // A file in no repository is by itself, with those beside it.
        let home = root.as_deref().or(file.parent()).map(Path::to_owned);
        let roots = [work_trees, home.into_iter().collect()].concat();
        let places = Places::new(roots, codex_home.join(MADE), question.was.clone(), moves);
        let keys = [&file, &question.file].map(|path| places.key(&path.to_string_lossy())).to_vec();
        let own = places.work_tree(&file.to_string_lossy());
        Self { root, places, own, keys }
    }

    fn key(&self) -> &str {
        self.keys.first().map_or("", String::as_str)
    }

    /// The names that the file had before patches moved it, and that git does not tell, as where the move is not committed.
    fn former_names(&self, touchers: &[Toucher], versions: &[Version]) -> Vec<Key> {
        let mut keys: HashSet<Key> = self.keys.iter().cloned().collect();
        while let Some(key) = moved_from(touchers, &self.places, &keys) {
            keys.insert(key);
        }
        let is_told = |key: &Key| self.keys.contains(key) || versions.iter().any(|version| version.path == *key);
        keys.into_iter().filter(|key| !is_told(key) && !Path::new(key).is_absolute()).collect()
    }
}

/// A name that a file with one of these names was moved from by a patch, if it is not among them.
fn moved_from(touchers: &[Toucher], places: &Places, keys: &HashSet<Key>) -> Option<Key> {
    let changes = touchers.iter().flat_map(|toucher| &toucher.changes).map(|(_, change)| change);
    let moves = changes.filter(|change| change.path_after() != change.path);
    let from =
        moves.filter(|change| keys.contains(&places.key(change.path_after()))).map(|change| places.key(&change.path));
    from.into_iter().find(|key| !keys.contains(key))
}

fn last_part(path: &str) -> Option<String> {
    Some(Path::new(path).file_name()?.to_str()?.to_owned())
}

/// The text of a file.
fn text_of(file: &Path) -> Result<String, Error> {
    let fail = |reason: String| Error::NotText { path: file.to_owned(), reason };
    // A link to a file is as good as the file.
    let place = file.canonicalize().map_err(|error| fail(error.to_string()))?;
    let bytes = regular::read(&place, LARGEST).map_err(|error| fail(error.to_string()))?;
    if bytes[..bytes.len().min(START)].contains(&0) {
        return Err(fail("it is not a text".to_owned()));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The origin of each line of a file, and its number there.
fn played(
    timeline: &Timeline<'_>,
    contents: &[Option<String>],
    lines: &[&str],
    touchers: &[Toucher],
    guesses: bool,
) -> Vec<(Origin, usize)> {
    let events: Vec<Event<'_>> = timeline.events(contents);
    let mut past = trace(&events, lines, guesses);
    if guesses {
        let commands: Vec<Ran<'_>> = touchers
            .iter()
            .flat_map(|toucher| &toucher.commands)
            .map(|(at, text)| Ran { at: *at, text, is_formatter: is_formatter(text) })
            .collect();
        suspects(&mut past, &commands);
    }
    past.lines.iter().map(|line| (line.origin, line.number)).collect()
}
