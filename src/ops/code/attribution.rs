//! Whose a change is: snapshots are of a folder, so what changed between two of them can be another session's, or a person's.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::code::CodeStore;
use crate::model::code::TurnKey;
use crate::model::path::plain;
use crate::model::{CommitKind, ObjectId, SessionId, What};
use crate::ops::{Effect, Error, Point, Workspace};

/// A look after a turn begins a moment later than the turn ends.
const MOMENT: i64 = 2;

impl Workspace {
    /// The turns during which another session worked in the same root, by their place among these; each is given by when it began and ended.
    /// What is `known` are the session's own turns.
    pub(super) fn overlapped(
        &self,
        session: SessionId,
        (turns, known): (&[(i64, i64)], &HashSet<TurnKey>),
        stores: &[CodeStore],
        root: &[u8],
    ) -> Result<HashSet<usize>, Error> {
        let Some(begin) = turns.iter().map(|(start, _)| *start).min() else { return Ok(HashSet::new()) };
        let mut others: HashMap<SessionId, HashSet<TurnKey>> = HashMap::new();
        for store in stores {
            for (key, moment) in store.turns()? {
                let is_other = key.session != session && !known.contains(&key);
                if is_other && store.of_turn(&key, moment)?.is_some_and(|kept| kept.snapshot.root == root) {
                    others.entry(key.session).or_default().insert(key);
                }
            }
        }
        let mut times = Vec::new();
        for (session, keys) in others {
            times.extend(self.times_of(session, keys, begin)?);
        }
        let meets = |turn: &(i64, i64), (start, end): &(i64, i64)| {
            *start <= turn.1.saturating_add(MOMENT) && turn.0 <= end.saturating_add(MOMENT)
        };
        let is_overlapped = |turn: &(i64, i64)| times.iter().any(|time| meets(turn, time));
        Ok(turns.iter().enumerate().filter(|(_, turn)| is_overlapped(turn)).map(|(at, _)| at).collect())
    }

    /// When turns of another session began and ended. One that is not recorded, or has not ended, may go on.
    fn times_of(&self, session: SessionId, mut keys: HashSet<TurnKey>, begin: i64) -> Result<Vec<(i64, i64)>, Error> {
        if let Err(error) = self.record_session(session, Effect::Write) {
            tracing::info!(%error, %session, "could not be recorded");
        }
        let (mut times, mut seen, mut is_all) = (Vec::new(), HashSet::new(), true);
        // What the session left behind has its times, too.
        let mut waiting: Vec<ObjectId> = self.head(session)?.map(|head| head.id).into_iter().collect();
        while let Some(next) = waiting.pop() {
            for commit in self.store.history(next) {
                let commit = commit?;
                if !seen.insert(commit.id) {
                    break;
                }
                waiting.extend(commit.left_behind());
                let CommitKind::Turn { ids, .. } = &commit.message.kind else { continue };
                if commit.author.ended.saturating_add(MOMENT) < begin {
                    is_all = false;
                    break;
                }
                let of = commit.message.session;
                if ids.iter().filter_map(|id| TurnKey::new(of, id)).any(|key| keys.remove(&key)) {
                    let end = if commit.message.kind.is_open() { i64::MAX } else { commit.author.ended };
                    times.push((commit.author.started, end));
                }
            }
        }
        // One that is nowhere may have met them all. What ended before the first of them met none.
        times.extend((is_all && !keys.is_empty()).then_some((begin, i64::MAX)));
        Ok(times)
    }

    /// The paths below a root that a turn's own patches name.
    pub(super) fn named_by_patches(&self, point: &Point, root: &Path) -> Result<BTreeSet<Vec<u8>>, Error> {
        let mut named = BTreeSet::new();
        for shown in self.show(point, Some(1))? {
            let shown = shown?;
            let cwd = shown.turn.cwd.clone();
            for item in shown.items {
                let What::Patch(patch) = item.what else { continue };
                if !patch.is_done() {
                    continue;
                }
                let cwd = patch.cwd.clone().or_else(|| cwd.clone());
                for change in &patch.changes {
                    let paths = [change.path.as_str(), change.path_after()];
                    named.extend(paths.iter().filter_map(|path| below(path, cwd.as_deref(), root)));
                }
            }
        }
        Ok(named)
    }
}

/// A path that a patch names, as seen from a root.
fn below(path: &str, cwd: Option<&str>, root: &Path) -> Option<Vec<u8>> {
    let whole = plain(&Path::new(cwd.unwrap_or("/")).join(path));
    let real = |path: &PathBuf| {
        let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
        there.and_then(|(above, real)| Some(real.join(path.strip_prefix(above).ok()?)))
    };
    let inner = whole.strip_prefix(root).map(Path::to_owned).ok();
    let inner = inner.or_else(|| real(&whole)?.strip_prefix(root).map(Path::to_owned).ok())?;
    Some(inner.as_os_str().as_bytes().to_vec())
}
