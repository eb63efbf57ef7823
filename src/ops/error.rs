//! Why a verb could not do what was asked. Every failure that deserves advice has a variant of its own.

use std::path::PathBuf;

use crate::model::moves::MoveError;
use crate::model::{ObjectId, RemoteName, SHARE_RULES, SaveNameError, SessionId};
use crate::secrets::{Fingerprint, RuleError};
use crate::{codex, rollout, store};

/// A verb's failure.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rollout could not be read.
    #[error(transparent)]
    Rollout(#[from] rollout::Error),
    /// The rollout of a session that the store has is none any more.
    #[error("{1}")]
    Damaged(SessionId, rollout::Error),
    /// Codex's files could not be read or written, or Codex did not do what it was asked.
    #[error(transparent)]
    Codex(#[from] codex::Error),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The files of a project could not be kept or read.
    #[cfg(unix)]
    #[error(transparent)]
    Code(#[from] crate::code::Error),
    /// What was asked of a turn's files has no answer.
    #[cfg(unix)]
    #[error(transparent)]
    Snapshot(#[from] super::code::SnapshotError),
    /// A folder can't go back to a turn.
    #[cfg(unix)]
    #[error(transparent)]
    Restore(#[from] super::code::RestoreError),
    /// A file of the session is there with other bytes.
    #[error("session {session} can't be restored: a different file already exists at `{}`", path.display())]
    Exists {
        /// The session.
        session: SessionId,
        /// The file.
        path: PathBuf,
    },
    /// A file of the session is there and has less than the store.
    #[error("session {session} has {} in its rollout than in the store", super::words::fewer(*turns))]
    Behind {
        /// The session.
        session: SessionId,
        /// How many turns.
        turns: u32,
    },
    /// The session is something else now.
    #[error(
        "`{text}` is what session {session} was before it was rewound or rewritten; Codex can hold only one state of a session"
    )]
    LeftBehind {
        /// What was typed.
        text: String,
        /// The session.
        session: SessionId,
    },
    /// The store does not hold all of a rollout.
    #[error("`{}` can't be evicted: it holds bytes that are not recorded", .0.display())]
    NotWhole(PathBuf),
    /// A history from elsewhere is not what recording its bytes gives.
    #[error("commit {} of session {session} is no recording of a rollout: {why}", commit.short())]
    NotARecording {
        /// The commit.
        commit: ObjectId,
        /// Whose it says to be.
        session: SessionId,
        /// What is wrong.
        why: &'static str,
    },
    /// What is to be imported is no conversation that was shared.
    #[error("{what} can't be imported: {reason}")]
    NotShared {
        /// What it is called.
        what: String,
        /// Why not.
        reason: String,
    },
    /// No file of the session is left to be evicted.
    #[error("session {0} has no rollout: only the store has it already")]
    OnlyKept(SessionId),
    /// Other sessions go on from the session's files.
    #[error("session {session} can't be evicted: {} of its native forks would lose their earlier turns", forks.len())]
    HasForks {
        /// The session.
        session: SessionId,
        /// The forks.
        forks: Vec<SessionId>,
    },
    /// Whether a process has the session's files open can't be seen here, and its Codex had no locks.
    #[error("can't tell whether Codex has session {0} open: a Codex before 0.160 began it")]
    MayBeOpen(SessionId),
    /// A rollout was replaced by the longer one of the store, and is not what that says.
    #[error("session {0} is not what the store has, although its rollout was just written from it")]
    NotAdvanced(SessionId),
    /// A native fork's first turns end in lines that a longer rollout does not have.
    #[error("the rollout of session {0} can't get its turns: a native fork goes on after lines that only it has")]
    ForkedAfter(SessionId),
    /// Nothing was typed where a revision is to stand.
    #[error("a revision can't be empty")]
    Empty,
    /// Two points were typed where one is to stand.
    #[error("`{0}` is a range, and one point is asked for")]
    Range(String),
    /// The session has had no other state.
    #[error("session {0} was never rewound or rewritten: it has no earlier state")]
    NeverRewritten(SessionId),
    /// The session has not that many turns.
    #[error("`{text}` goes back further than session {session} does: it has {turns} turn{} up to there", if *turns == 1 { "" } else { "s" })]
    TooFar {
        /// What was typed.
        text: String,
        /// The session.
        session: SessionId,
        /// How many turns there are.
        turns: u32,
    },
    /// Nothing is called that.
    #[error("no saved session or rollout found for `{text}`")]
    NotFound {
        /// What was typed.
        text: String,
        /// What is called nearly that.
        near: Vec<String>,
    },
    /// Several sessions begin like that.
    #[error("`{text}` is the beginning of {} session ids", matches.len())]
    Ambiguous {
        /// What was typed.
        text: String,
        /// The sessions.
        matches: Vec<SessionId>,
    },
    /// Several sessions are called that.
    #[error("`{name}` is the name of {} sessions", matches.len())]
    SameName {
        /// The name.
        name: String,
        /// The sessions.
        matches: Vec<SessionId>,
    },
    /// Several other machines have a save of that name.
    #[error("`{name}` is a save of several machines: {}", full.join(", "))]
    SeveralSaves {
        /// The name.
        name: String,
        /// What means one of them.
        full: Vec<String>,
    },
    /// Several machines have that label, and the session ends elsewhere on each.
    #[error("several machines are called `{}`, and the session ends elsewhere on each", label.escape_debug())]
    SeveralMachines {
        /// The label.
        label: String,
        /// What means one of them.
        full: Vec<String>,
    },
    /// There is no session at all to be the current one.
    #[error("there are no sessions yet")]
    NoSession,
    /// The session has no such turn.
    #[error("session {session} has no turn {turn}: its last is turn {last}")]
    NoSuchTurn {
        /// The session.
        session: SessionId,
        /// What was asked for.
        turn: u32,
        /// What it has.
        last: u32,
    },
    /// Nothing was saved in the session.
    #[error("there is no save in session {0}")]
    NoSaveYet(SessionId),
    /// No save has that name.
    #[error("there is no save `{name}`")]
    NoSuchSave {
        /// The name.
        name: String,
        /// Saves that are called nearly that.
        near: Vec<String>,
    },
    /// The text can't be a save's name.
    #[error("`{}` can't be the name of a save: {reason}", typed.escape_debug())]
    BadName {
        /// What was typed.
        typed: String,
        /// Why not.
        reason: SaveNameError,
    },
    /// A file that is to be told can't be read as text.
    #[error("`{}` can't be blamed: {reason}", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// No turn is meant.
    #[error("there is no turn in this range")]
    NoTurns,
    /// The turns changed nothing through patches.
    #[error("none of the turns that were asked for ({turns}) changed a file through a patch")]
    NoEdits {
        /// How many turns there are.
        turns: usize,
        /// The last of them.
        last: ObjectId,
    },
    /// No patch of the turns can be told.
    #[error("none of the {files} files that these turns changed can be told as a patch")]
    NoneTold {
        /// How many files they changed.
        files: usize,
        /// The last of the turns.
        last: ObjectId,
    },
    /// The turns changed other files than those that were asked for.
    #[error("these turns changed no file at `{}`", path.escape_debug())]
    NoEditsThere {
        /// The path that was asked for.
        path: String,
    },
    /// The session has more turns, or a turn more bytes, than the format holds.
    #[error("session {0} is larger than the store's format can hold")]
    TooLarge(SessionId),
    /// The place is no directory.
    #[error("`{}` is not a directory", .0.display())]
    NoDirectory(PathBuf),
    /// The directory can't have been moved like that.
    #[error(transparent)]
    Move(#[from] MoveError),
    /// The directory was not moved.
    #[error("`{old}` is not among the directories that were moved")]
    NotMoved {
        /// The directory.
        old: String,
        /// One that was, with nearly that name.
        near: Option<String>,
    },
    /// The value makes no sense.
    #[error("`{key}` can't be `{}`: {reason}", value.escape_debug())]
    BadValue {
        /// The key.
        key: &'static str,
        /// What it was to be.
        value: String,
        /// Why it can't be that.
        reason: String,
    },
    /// One value was to take the place of several.
    #[error("`{key}` has {count} values, and one would take the place of all")]
    SeveralValues {
        /// The key.
        key: &'static str,
        /// The one value.
        value: String,
        /// How many there are.
        count: usize,
    },
    /// There is no such value to take out.
    #[error("`{key}` is not set{}", value.as_ref().map_or_else(String::new, |value| format!(" to `{}`", value.escape_debug())))]
    NotSet {
        /// The key.
        key: &'static str,
        /// The value.
        value: Option<String>,
    },
    /// A rule of the person's own is none, so that nobody can tell what it would find.
    #[error("the rule `{}` in the settings can't be used: {reason}", value.escape_debug())]
    BadRule {
        /// The rule, as it stands in the settings.
        value: String,
        /// What is wrong with it.
        reason: RuleError,
    },
    /// What was typed stands for no secret.
    #[error("`{}` is no fingerprint: that is twelve digits from 0 to f, all of them", .0.escape_debug())]
    NoFingerprint(String),
    /// Several secrets are allowed whose fingerprints begin like that.
    #[error("`{}` is the beginning of the fingerprints of {} allowed secrets", .0, .1.len())]
    SeveralAllowed(String, Vec<Fingerprint>),
    /// The secret was not allowed.
    #[error("no secret with the fingerprint `{0}` is allowed")]
    NotAllowed(Fingerprint),
    /// The text can't be a remote's name.
    #[error("`{}` can't be the name of a remote: lower-case letters, digits, `-`, `_` and `.` can", .0.escape_debug())]
    BadRemoteName(String),
    /// There is a remote of that name.
    #[error("there is a remote `{0}` already")]
    RemoteExists(RemoteName),
    /// There is no remote of that name.
    #[error("there is no remote `{}`", name.escape_debug())]
    NoSuchRemote {
        /// What was typed.
        name: String,
        /// One that has nearly that name.
        near: Option<String>,
    },
    /// There is no remote at all.
    #[error("there is no remote yet")]
    NoRemote,
    /// There are several, and none was named.
    #[error("there are {} remotes, and none of them is called `origin`: which is meant?", .0.len())]
    SeveralRemotes(Vec<RemoteName>),
    /// The address leads nowhere that codex-git goes.
    #[error("`{}` can't be the address of a remote: {reason}", address.escape_debug())]
    BadAddress {
        /// The address, as it may be shown.
        address: String,
        /// Why not.
        reason: String,
    },
    /// The text is no rule.
    #[error("`{}` says nothing of which sessions are meant: {SHARE_RULES} does", .0.escape_debug())]
    BadShareRule(String),
    /// What another machine tells of a session does not say that.
    #[error("`{}` can't be told of sessions that are elsewhere: all, project:HOST/PATH or session:ID can", .0.escape_debug())]
    BadTakeRule(String),
    /// A secret stands in what Codex needs to read the session, or is spelled in a way that is not known.
    #[error("not all that is secret in session {0} can be masked")]
    NotMasked(SessionId),
    /// No rule says that anything goes to the remote.
    #[error("nothing is shared with `{0}` yet")]
    NothingShared(RemoteName),
    /// The remote is where the code of a shared session is.
    #[error(
        "`{remote}` is the repository of {project} itself: everybody who can read the code could read the conversations"
    )]
    OwnRepository {
        /// The remote.
        remote: RemoteName,
        /// The project.
        project: String,
    },
    /// The remote has this branch, and no machine shares anything with it yet: it may be a repository of code.
    #[error("`{0}` has a branch `{1}`: whoever can read code there could read the conversations")]
    HasBranches(RemoteName, String),
    /// The remote was emptied, or is another one.
    #[error("`{0}` no longer holds what this machine pushed there")]
    Emptied(RemoteName),
    /// The remote took nothing.
    #[error("`{remote}` does not take it: {reason}")]
    NotTaken {
        /// The remote.
        remote: RemoteName,
        /// What it said.
        reason: String,
    },
    /// A rule keeps the session from going there.
    #[error("session {session} is not shared with `{remote}`: it is excluded")]
    Excluded {
        /// The session.
        session: SessionId,
        /// The remote.
        remote: RemoteName,
    },
    /// No machine is called that, or several are.
    #[error("{} is called `{}` there", if *is_many { "more than one machine" } else { "no other machine" }, typed.escape_debug())]
    NoSuchMachine {
        /// What was typed.
        typed: String,
        /// Whether several are.
        is_many: bool,
        /// The machines that there are.
        known: Vec<String>,
    },
    /// What a machine has was not pulled, and would be lost.
    #[error("`{}` has {sessions} session{} there that this store has not", machine.escape_debug(), if *sessions == 1 { "" } else { "s" })]
    NotPulled {
        /// The machine.
        machine: String,
        /// Where.
        remote: RemoteName,
        /// How many sessions.
        sessions: usize,
    },
    /// Others kept moving the same ref.
    #[error("other processes keep moving `{0}`")]
    Busy(String),
}

impl From<codex::AppServerError> for Error {
    fn from(error: codex::AppServerError) -> Self {
        Self::Codex(error.into())
    }
}

impl From<store::GitError> for Error {
    fn from(error: store::GitError) -> Self {
        Self::Store(error.into())
    }
}
