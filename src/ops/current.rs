//! Current: the session that a person is in, where they name none.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Error, Workspace};
use crate::codex::Look;
use crate::model::{CommitKind, SessionId};
use crate::rollout::{RolloutFile, SessionMeta, last_time};
use crate::store::Row;

/// When a session was last worked in, in seconds since 1970, and which.
type Last = (i64, SessionId);

/// Where the person stands, for "the current session".
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// The session that Codex says is running (`$CODEX_THREAD_ID`).
    pub session: Option<SessionId>,
    /// The working directory.
    pub directory: Option<PathBuf>,
}

impl Workspace {
    /// The session that the person is in: what Codex says, else the newest of this directory's project, of those with a rollout where there are
    /// some, else the newest.
    ///
    /// # Errors
    /// When there is none at all.
    pub fn current(&self, here: &Here) -> Result<SessionId, Error> {
        if let Some(session) = here.session {
            return Ok(session);
        }
        let (look, directory) = (self.look(), here.directory.as_deref());
        let there = directory.and_then(|directory| self.newest_in(directory, &look));
        // One that is only in the store is nearer than one that is elsewhere.
        let here = there.or_else(|| directory.and_then(|directory| self.newest_kept_in(directory)));
        here.or_else(|| self.newest(look.all().all().to_vec(), |_, _| true)).map_or_else(|| self.newest_kept(), Ok)
    }

    /// The newest session of a directory's project: of those that were last there when they were recorded, and of those that are not recorded yet, as far
    /// as it is where they began.
    fn newest_in(&self, directory: &Path, look: &Look) -> Option<SessionId> {
        let project = self.project_of(&self.now_at(directory));
        let holds = |cwd: &String| project.holds(&[&self.directory_now(cwd).to_string_lossy()]) == [true];
        let began_there = |meta: &SessionMeta| meta.cwd.as_ref().is_some_and(holds);
        if look.is_mostly_new() {
            return self.newest(look.all().all().to_vec(), |_, meta| began_there(meta));
        }
        let recorded: Vec<SessionId> = self.rows_in(directory).ok()?.rows.into_iter().map(|row| row.id).collect();
        let new = look.unsettled().iter().copied().filter(|id| !recorded.contains(id));
        let ids = recorded.iter().copied().chain(new);
        let found = ids.filter_map(|id| look.session(id)).collect();
        // Of one whose file is another one now, the store still knows where it was last.
        let is_elsewhere = |id| self.row(id).is_some_and(|row| row.cwd.is_some());
        self.newest(found, |file, meta| {
            recorded.contains(&file.name.id) || (began_there(meta) && !is_elsewhere(file.name.id))
        })
    }

    /// What the table says of a session.
    fn row(&self, id: SessionId) -> Option<Row> {
        self.store.ask_table(|table| table.row(id)).ok()?.0
    }

    /// The session that was worked in last, of those that fit, without those that another one started, and without side chats. One that nobody has typed
    /// anything into is not where the person is, new as it may be, unless nothing else fits.
    fn newest(
        &self,
        mut found: Vec<RolloutFile>,
        fits: impl Fn(&RolloutFile, &SessionMeta) -> bool,
    ) -> Option<SessionId> {
        found.retain(|found| !found.archived);
        found.sort_by_key(|found| std::cmp::Reverse(found.modified));
        let (mut newest, mut untouched): (Option<Last>, Option<Last>) = (None, None);
        for found in &found {
            let modified = seconds(found.modified);
            // A file is seldom older than its last line: only where somebody set its time back.
            if newest.is_some_and(|(time, _)| modified < time) {
                break;
            }
            let recorded = || self.row(found.name.id).map(|row| row.changed);
            let this = (last_time(found).or_else(recorded).unwrap_or(modified), found.name.id);
            if newest.is_some_and(|newest| this <= newest) {
                continue;
            }
            let meta = SessionMeta::of(found).ok().filter(|meta| !meta.origin.is_subagent() && !meta.is_side_chat);
            let Some(meta) = meta.filter(|meta| fits(found, meta)) else { continue };
            let best = if self.is_untouched(found, &meta) { &mut untouched } else { &mut newest };
            *best = (*best).max(Some(this));
        }
        newest.or(untouched).map(|(_, session)| session)
    }

    /// Whether nobody has typed anything into a session since it was made: Codex writes a first line, and codex-git a whole fork, before that.
    fn is_untouched(&self, found: &RolloutFile, meta: &SessionMeta) -> bool {
        let made_with = meta.len() + meta.made_with.unwrap_or(0);
        if found.earlier.is_empty() && !found.packed_or_longer(made_with + 1) {
            return true;
        }
        // A fork that was made with no more than these had more written to it.
        meta.made_with.is_none()
            && self.store.branch(found.name.id).is_ok_and(|branch| {
                branch.is_some_and(|branch| {
                    // Its open lines came with it: a turn of its own would have ended the one that they are of.
                    let is_made = meta.forked_at.is_some() && branch.tip.message.kind == CommitKind::Fork;
                    // One that was rewound to before its first prompt was worked in.
                    let is_empty = branch.head().message.turn == 0 && branch.tip.message.kind == CommitKind::Start;
                    (is_made || is_empty) && branch.last().message.offset >= found.len
                })
            })
    }

    /// The newest session of a directory's project, whether it has a rollout or not.
    fn newest_kept_in(&self, directory: &Path) -> Option<SessionId> {
        let rows = self.rows_in(directory).ok()?.rows;
        rows.iter().filter(|row| is_worked_in(row)).max_by_key(|row| (row.changed, row.id)).map(|row| row.id)
    }

    fn newest_kept(&self) -> Result<SessionId, Error> {
        let (newest, _) = self.store.ask_table(|table| {
            let worked_in = table.newest()?.find(|row| row.as_ref().map_or(true, is_worked_in));
            worked_in.map_or_else(|| table.newest()?.next().transpose(), |row| row.map(Some))
        })?;
        newest.map(|row| row.id).ok_or(Error::NoSession)
    }
}

fn is_worked_in(row: &Row) -> bool {
    row.turns > 0 && !row.origin.is_subagent()
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}
