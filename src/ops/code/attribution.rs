//! Whose a change is: snapshots are of a folder, so what changed between two of them can be another session's, or a person's.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::span::{MOMENT, Span};
use crate::code::CodeStore;
use crate::model::code::{CodeMoment, TurnKey};
use crate::model::path::plain;
use crate::model::{CommitKind, ObjectId, SessionId, What};
use crate::ops::{Effect, Error, Point, Workspace};

impl Workspace {
    /// The turns during which another session worked in the same root, by their place among these. What are `known` are the session's own turns.
    pub(super) fn overlapped(
        &self,
        session: SessionId,
        (turns, known): (&[Span], &HashSet<TurnKey>),
        stores: &[CodeStore],
        root: &[u8],
    ) -> Result<HashSet<usize>, Error> {
        let Some(begin) = turns.iter().map(|turn| turn.time.0).min() else { return Ok(HashSet::new()) };
        let mut others: HashMap<SessionId, HashMap<TurnKey, Span>> = HashMap::new();
        for store in stores {
            for (key, moment) in store.turns()? {
                let is_other = key.session != session && !known.contains(&key);
                let kept = if is_other { store.of_turn(&key, moment)? } else { None };
                let Some(kept) = kept.filter(|kept| kept.snapshot.root == root) else { continue };
                let span = others.entry(key.session).or_default().entry(key).or_default();
                if moment == CodeMoment::Before { span.begins(&kept) } else { span.ends(&kept) }
            }
        }
        let mut spans = Vec::new();
        for (session, keys) in others {
            spans.extend(self.spans_of(session, keys, begin)?);
        }
        let is_overlapped = |turn: &Span| spans.iter().any(|span| span.meets(turn));
        Ok(turns.iter().enumerate().filter(|(_, turn)| is_overlapped(turn)).map(|(at, _)| at).collect())
    }

    /// The spans of another session's turns, with their times. One that is not recorded, or has not ended, may go on.
    fn spans_of(&self, session: SessionId, mut keys: HashMap<TurnKey, Span>, begin: i64) -> Result<Vec<Span>, Error> {
        if let Err(error) = self.record_session(session, Effect::Write) {
            tracing::info!(%error, %session, "could not be recorded");
        }
        let (mut spans, mut seen, mut is_all) = (Vec::new(), HashSet::new(), true);
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
                let end = if commit.message.kind.is_open() { i64::MAX } else { commit.author.ended };
                let own = ids.iter().filter_map(|id| keys.remove(&TurnKey::new(of, id)?));
                spans.extend(own.map(|span| span.in_session(of).at((commit.author.started, end))));
            }
        }
        // One that is nowhere may have met them all. What ended before the first of them met none.
        let lost = keys.into_values().filter(|_| is_all);
        spans.extend(lost.map(|span| span.in_session(session).at((begin, i64::MAX))));
        Ok(spans)
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
                    let whole = paths.iter().map(|path| plain(&Path::new(cwd.as_deref().unwrap_or("/")).join(path)));
                    named.extend(whole.filter_map(|whole| below(&self.now_at(&whole), root)));
                }
            }
        }
        Ok(named)
    }
}

/// A whole path that a patch names, as seen from a root.
fn below(whole: &Path, root: &Path) -> Option<Vec<u8>> {
    let real = |path: &Path| {
        let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
        there.and_then(|(above, real)| Some(real.join(path.strip_prefix(above).ok()?)))
    };
    let inner = whole.strip_prefix(root).map(Path::to_owned).ok();
    let inner = inner.or_else(|| real(whole)?.strip_prefix(root).map(Path::to_owned).ok())?;
    Some(inner.as_os_str().as_bytes().to_vec())
}
