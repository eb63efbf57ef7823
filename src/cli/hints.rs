//! What to type next when something did not work: all advice in one place.

use std::io::{self, ErrorKind};
use std::path::Path;

#[cfg(feature = "links")]
use codex_git::links;
#[cfg(unix)]
use codex_git::ops::code::{CodeError, RestoreError, SnapshotError};
use codex_git::ops::{AppServerError, CodexError, GitError, Refusal, RolloutError, StoreError};
use codex_git::{Error, SessionId};

use codex_git::model::MessageError;
#[cfg(unix)]
use codex_git::model::code::{CodeMoment, Exceeded, Refusal as Refused};
use codex_git::model::config_key::ConfigKey;
use codex_git::model::moves::MoveError;
use codex_git::model::shell::{command, quoted};

use super::words::short;

/// What helps where the store is damaged.
pub const REPAIR: &str = "codex-git verify --repair";

/// So many things that a text can mean are named.
const NAMED: usize = 5;

/// The advice for an error, if there is any.
pub fn hint(error: &Error) -> Option<String> {
    match error {
        Error::Rollout(error) => rollout_hint(error),
        Error::Damaged(session, RolloutError::Refused { path, .. }) => damaged_hint(*session, path),
        Error::Damaged(_, error) => rollout_hint(error),
        Error::Codex(error) => codex_hint(error),
        Error::Store(error) => store_hint(error),
        #[cfg(unix)]
        Error::Code(error) => code_hint(error),
        #[cfg(unix)]
        Error::Snapshot(error) => snapshot_hint(error),
        #[cfg(unix)]
        Error::Restore(error) => restore_hint(error),
        Error::Exists { session, .. } => {
            Some(format!("codex-git restore --as-fork {}  # makes a new session of it", short(*session)))
        }
        Error::LeftBehind { text, .. } => {
            Some(format!("{}  # makes a new session of it", command("restore --as-fork", &[text])))
        }
        // What is typed on another machine has nothing of this one's options.
        Error::NotShared { .. } | Error::NotARecording { .. } => {
            Some("on the machine that has it, `share --out FILE REVISION` writes it once more".to_owned())
        }
        Error::OnlyKept(session) => Some(format!("codex-git restore {}  # brings it back", short(*session))),
        Error::NotWhole(path) => path.to_str().map(|path| command("record", &[path])),
        Error::Empty => Some("codex-git log @  # the current session".to_owned()),
        Error::NeverRewritten(session) => Some(format!("codex-git log {}", short(*session))),
        Error::Range(range) => Some(command("log", &[&range.replace("...", "..")])),
        Error::TooFar { session, .. } => Some(format!("codex-git log {}", short(*session))),
        Error::MayBeOpen(session) => {
            Some(format!("close it in Codex, then: codex-git evict --yes {}", short(*session)))
        }
        Error::HasForks { session, forks } => {
            let all: Vec<String> = forks.iter().map(|fork| short(*fork)).collect();
            Some(format!("codex-git evict {} {}", all.join(" "), short(*session)))
        }
        Error::NotFound { near, .. } => Some(match near.first() {
            Some(name) => format!("did you mean `{name}`? All names: codex-git saves"),
            None => "codex-git list --all  # all sessions, with the names on them".to_owned(),
        }),
        Error::Ambiguous { matches, .. } => Some(format!("type more of it: {}", first_of(matches))),
        Error::SameName { matches, .. } => Some(format!("use the session's id: {}", first_of(matches))),
        Error::NoSaveYet(_) => Some("codex-git saves".to_owned()),
        Error::SeveralSaves { full, .. } | Error::SeveralMachines { full, .. } => {
            full.first().map(|full| command("log", &[full]))
        }
        Error::NoSession => {
            Some("start one with `codex`, or name another home: codex-git --codex-home DIR …".to_owned())
        }
        Error::NoSuchTurn { session, .. } => Some(format!("codex-git log {}", short(*session))),
        Error::NoSuchSave { near, .. } => Some(match near.first() {
            Some(name) => command("save --delete", &[name]),
            None => "codex-git saves".to_owned(),
        }),
        Error::BadName { .. } => Some("codex-git save before-refactor".to_owned()),
        Error::NotText { path, .. } => {
            let folder = path.parent().and_then(std::path::Path::to_str).filter(|folder| !folder.is_empty());
            Some(format!("ls -l {}", quoted(folder.unwrap_or("."))))
        }
        Error::Behind { session, .. } => Some(format!("codex-git restore --advance {session}")),
        Error::ForkedAfter(session) => {
            Some(format!("codex-git fork {}  # a session of its own with all turns", short(*session)))
        }
        Error::NotAdvanced(session) => Some(format!("codex-git restore --to DIR {session}")),
        Error::NoTurns => Some("codex-git log".to_owned()),
        Error::NoEditsThere { .. } => Some("the same without --path, and with --stat".to_owned()),
        Error::NoEdits { last, .. } | Error::NoneTold { last, .. } => {
            Some(format!("codex-git show {} -n 1 --only command,patch  # what the last of them did", last.short()))
        }
        Error::NoDirectory(path) => path.to_str().map(|path| format!("ls -ld {}", quoted(path))),
        Error::Move(MoveError::Circle { other, .. }) => Some(command("moved --forget", &[&other.old])),
        Error::Move(_) => Some("codex-git moved  # lists the directories that were moved".to_owned()),
        Error::NotMoved { near, .. } => Some(match near {
            Some(near) => command("moved --forget", &[near]),
            None => "codex-git moved  # lists the directories that were moved".to_owned(),
        }),
        Error::BadValue { key, .. } => Some(value_hint(key)),
        Error::SeveralValues { key, value, .. } => Some(command(&format!("config --add {key}"), &[value])),
        Error::NotSet { key, .. } => Some(format!("codex-git config {key}")),
        Error::BadRule { value, .. } => Some(command("config --unset rule", &[value])),
        Error::NoFingerprint(_) => Some("codex-git secrets --all  # shows the fingerprint of each secret".to_owned()),
        Error::SeveralAllowed(_, all) => Some(format!("type more of it: {}", first_of(all))),
        Error::NotAllowed(_) => Some("codex-git config allow  # shows those that are".to_owned()),
        Error::TooLarge(_) => None,
        Error::BadRemoteName(_) => Some("codex-git remote add origin URL".to_owned()),
        Error::RemoteExists(name) => Some(format!("codex-git remote show {name}")),
        Error::NoSuchRemote { near, .. } => Some(match near {
            Some(near) => format!("codex-git remote show {near}"),
            None => "codex-git remote".to_owned(),
        }),
        Error::NoRemote => Some("codex-git remote add origin URL --share all".to_owned()),
        Error::SeveralRemotes(_) => Some("codex-git remote  # lists them; name the one that is meant".to_owned()),
        Error::NotMasked(session) => Some(command("secrets", &[&session.to_string()])),
        Error::BadTakeRule(_) => Some("codex-git list --remote  # tells what there is".to_owned()),
        Error::BadAddress { reason, .. } if reason.contains("everybody") => {
            Some("https:// or ssh://; with --insecure it goes all the same".to_owned())
        }
        Error::BadAddress { .. } => Some("https://…, ssh://…, USER@HOST:PATH or a directory".to_owned()),
        Error::BadShareRule(_) => Some("codex-git remote set NAME --share all".to_owned()),
        Error::NothingShared(name) => {
            Some(format!("codex-git remote set {name} --share project:HOST/PATH  # or dir:/PATH, or all"))
        }
        Error::OwnRepository { remote, .. } | Error::HasBranches(remote, _) => {
            Some(format!("codex-git remote set {remote} --same-repository  # if that is what you want"))
        }
        Error::Emptied(name) => Some(format!("codex-git push {name} --anew  # puts all of it there again")),
        Error::NotTaken { .. } => None,
        Error::Excluded { session, remote } => Some(format!("codex-git remote set {remote} --drop session:{session}")),
        Error::NoSuchMachine { known, .. } if known.is_empty() => None,
        Error::NoSuchMachine { known, .. } => Some(format!("there are {}", known.join(", "))),
        Error::NotPulled { remote, .. } => Some(format!("codex-git pull {remote}")),
        Error::Busy(_) => Some("try again in a moment".to_owned()),
    }
}

/// The first of several things that a text can mean, and how many more it can.
fn first_of(all: &[impl ToString]) -> String {
    let first: Vec<String> = all.iter().take(NAMED).map(ToString::to_string).collect();
    match all.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{}, … ({more} more)", first.join(", ")),
    }
}

/// The advice for what went wrong with code snapshots.
#[cfg(unix)]
pub fn code_hint(error: &CodeError) -> Option<String> {
    match error {
        CodeError::Refused { why: Refused::Network, .. } => Some("codex-git code on --here  # all the same".to_owned()),
        CodeError::Exceeded { root, exceeded } => Some(match exceeded {
            Exceeded::Store(_) => "codex-git code forget --older-than 7d".to_owned(),
            Exceeded::Room(_) => "codex-git code prune".to_owned(),
            Exceeded::Files(most) if root.join(".git").exists() => {
                let more = most.saturating_mul(2);
                format!("codex-git config code.files {more}  # or, to leave some out: codex-git code ignore PATTERN")
            }
            _ => "codex-git code ignore PATTERN  # leaves out what matches, as in .gitignore".to_owned(),
        }),
        CodeError::GivenUp { .. } => Some("codex-git code on --here  # tries again".to_owned()),
        CodeError::NoRule(_) => Some("codex-git code ignore '/data/'".to_owned()),
        CodeError::Busy(_) | CodeError::PuttingBack(_) => Some("try again in a moment".to_owned()),
        CodeError::NotEmpty(_) | CodeError::InGit(_) => {
            Some("codex-git fork REVISION --worktree DIR  # a folder that is empty or not there".to_owned())
        }
        CodeError::Sparse(path) => path.to_str().map(|path| command_in(path, "sparse-checkout disable")),
        _ => None,
    }
}

/// The advice where a turn's files can't be had.
#[cfg(unix)]
fn snapshot_hint(error: &SnapshotError) -> Option<String> {
    match error {
        SnapshotError::None { session, others, turn, .. } => Some(match others.first() {
            // Before the first turn there is no conversation to fork.
            Some(CodeMoment::Before) if *turn > 1 => format!("codex-git fork {} --worktree --before", short(*session)),
            _ => format!("codex-git code log {}  # the turns that have one", short(*session)),
        }),
        SnapshotError::Light { head, .. } => head.map(|head| format!("git worktree add DIR {}", head.short())),
        SnapshotError::NoStore(_) => Some("codex-git code on".to_owned()),
        SnapshotError::NoFile { .. } => Some("codex-git code show REVISION  # lists the files".to_owned()),
        _ => None,
    }
}

/// The advice where a folder can't go back to a turn.
#[cfg(unix)]
fn restore_hint(error: &RestoreError) -> Option<String> {
    match error {
        RestoreError::Lacking { .. } => {
            Some("codex-git code restore --all --dry-run REVISION  # makes all files what they were then".to_owned())
        }
        RestoreError::Elsewhere { there, .. } | RestoreError::OfAnother { there, .. } => {
            there.to_str().map(|there| format!("cd {}", quoted(there)))
        }
        RestoreError::Working { .. } => Some("wait until it has ended, or stop it in Codex with Esc".to_owned()),
        RestoreError::NeverRestored(_) => Some("codex-git code restore REVISION  # goes back to a turn".to_owned()),
        RestoreError::NoPath(_) | RestoreError::Beside(_) => {
            Some("codex-git code show REVISION  # lists the files".to_owned())
        }
        _ => None,
    }
}

/// What git is told in a directory.
#[cfg(unix)]
fn command_in(directory: &str, words: &str) -> String {
    format!("git -C {} {words}", quoted(directory))
}

/// What a key of the settings can be set to.
fn value_hint(key: &str) -> String {
    let words = ConfigKey::named(key).map(ConfigKey::words).unwrap_or_default();
    match words {
        [] => "codex-git config  # shows what each key is".to_owned(),
        [first, others @ ..] => format!("codex-git config {key} {first}  # or {}", others.join(", ")),
    }
}

fn rollout_hint(error: &RolloutError) -> Option<String> {
    match error {
        RolloutError::Refused { refusal: Refusal::Torn, .. } => {
            Some("codex-git record  # once Codex has written more".to_owned())
        }
        RolloutError::Refused { .. } => None,
        RolloutError::Io { source, .. } => system_hint(source),
        RolloutError::Shrank { .. } => Some("codex-git record".to_owned()),
        RolloutError::TooOld(session) => {
            Some(format!("codex-git fork --upgrade {}  # makes a session that Codex can resume", short(*session)))
        }
    }
}

/// What brings back a session whose file is damaged: that goes where Codex looks for none.
fn damaged_hint(session: SessionId, path: &Path) -> Option<String> {
    let is_listed = |at: &&Path| at.ends_with("sessions") || at.ends_with("archived_sessions");
    let home = path.ancestors().find(is_listed)?.parent()?;
    let (path, home) = (quoted(path.to_str()?), quoted(home.to_str()?));
    Some(format!("mv {path} {home} && codex-git restore {}", short(session)))
}

fn codex_hint(error: &CodexError) -> Option<String> {
    match error {
        CodexError::Rollout(error) => rollout_hint(error),
        CodexError::Io { source, .. } => system_hint(source),
        CodexError::Hooks { path } => path.to_str().map(|path| format!("fix or move it: {}", quoted(path))),
        CodexError::Settings { path, .. } => path.to_str().map(|path| format!("fix it: {}", quoted(path))),
        CodexError::AppServer(AppServerError::NoCodex) => Some("npm install -g @openai/codex".to_owned()),
        CodexError::AppServer(AppServerError::Gone) => {
            Some("codex --version (names and trust need 0.130 or later)".to_owned())
        }
        CodexError::AppServer(_) => None,
        CodexError::Open { .. } => Some("close it there, then run the same command again".to_owned()),
        CodexError::Changed { .. } => Some("try again in a moment".to_owned()),
        CodexError::InUse(_) => {
            Some("close it in Codex; its background server keeps a session for a minute longer".to_owned())
        }
    }
}

fn store_hint(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Missing(_) => Some("codex-git init".to_owned()),
        StoreError::NotAStore(_) => Some("codex-git init  # repairs it if only its settings are lost".to_owned()),
        StoreError::Occupied(path) => path.to_str().map(|path| {
            let aside = format!("{}.broken", path.trim_end_matches('/'));
            format!("mv {} {} && codex-git init", quoted(path), quoted(&aside))
        }),
        StoreError::LostRefs => Some(REPAIR.to_owned()),
        StoreError::NewerFormat { .. } | StoreError::NotATurn { source: MessageError::NewerFormat(_), .. } => {
            Some("cargo install codex-git-cli".to_owned())
        }
        StoreError::OfNoSession(_) => Some("codex-git log  # shows turns and their commits".to_owned()),
        StoreError::AmbiguousId { .. } => Some("type more of it".to_owned()),
        StoreError::NotATurn { .. }
        | StoreError::Layout { .. }
        | StoreError::OtherSession { .. }
        | StoreError::OtherSave { .. } => Some(REPAIR.to_owned()),
        StoreError::ForeignOwner(path) => {
            path.to_str().map(|path| format!("git config --global --add safe.directory {}", quoted(path)))
        }
        StoreError::Foreign { .. } => None,
        StoreError::Extension { extension, .. } => Some(format!("git --git-dir STORE config --unset {extension}")),
        StoreError::Unreadable { path, .. } => Some(format!("ls -ld {}", path.display())),
        StoreError::Settings { path, .. } => Some(settings_hint(path)),
        StoreError::Git(error) => git_hint(error),
    }
}

/// What tells which line of a file of settings git can't read.
pub fn settings_hint(path: &Path) -> String {
    format!("git config --file {} --list", quoted(&path.to_string_lossy()))
}

fn git_hint(error: &GitError) -> Option<String> {
    match error {
        GitError::LostRace(_) => Some("try again in a moment".to_owned()),
        GitError::Locked(_) => Some(
            "wait for the other codex-git to finish; if it was stopped, continue it with `fg` or end it".to_owned(),
        ),
        GitError::WrongKind(_) | GitError::Damaged(_) | GitError::Lost(_) | GitError::BadRef(_) => {
            Some(REPAIR.to_owned())
        }
        GitError::Program { said, .. } if said.contains("not appear to be a git repository") => {
            Some("git init --bare DIR  # makes one; `codex-git remote` tells where each is".to_owned())
        }
        GitError::NameInTheWay(_) => {
            Some("choose another name, or delete that one: codex-git save --delete NAME".to_owned())
        }
        GitError::Io { source, .. } => system_hint(source),
        GitError::Git { .. } | GitError::Program { .. } => None,
    }
}

/// The advice for what a link did not lead to.
#[cfg(feature = "links")]
pub fn link_hint(error: &links::Error) -> Option<String> {
    match error {
        links::Error::NotALink { .. } => {
            Some("codex-git import 'LINK'  # the whole of what `share --post` printed".to_owned())
        }
        links::Error::NotAServer { .. } => Some("codex-git share --post https://HOST/PATH".to_owned()),
        links::Error::Sealed(_) => Some("ask for the link once more; all of it counts, to its last letter".to_owned()),
        links::Error::TooLarge { .. } => Some("codex-git share --out FILE  # carries any size".to_owned()),
        links::Error::NoAddress(_) => {
            Some("a server that takes `POST` and answers with where it put it is needed: docs/sharing.md".to_owned())
        }
        links::Error::Io { source, .. } => system_hint(source),
        links::Error::Status { .. } | links::Error::Http { .. } => None,
    }
}

/// The advice for an error that a command met which Codex runs: its sandbox keeps commands from writing, and hooks run outside of it.
pub fn hint_inside_codex(error: &Error) -> Option<String> {
    let (Error::Rollout(RolloutError::Io { source, .. })
    | Error::Codex(CodexError::Io { source, .. } | CodexError::Rollout(RolloutError::Io { source, .. }))
    | Error::Store(StoreError::Git(GitError::Io { source, .. }))) = error
    else {
        return None;
    };
    let refused = matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem);
    refused.then(|| {
        "Codex's sandbox keeps commands from writing there; have the person type `!codex-git save NAME`, or as a prompt ` /save NAME`"
            .to_owned()
    })
}

/// What helps when the system said no.
fn system_hint(error: &io::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some("make room, then run the same command again: nothing is lost".to_owned())
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Some("codex-git doctor  # tells whether the store can be written".to_owned())
        }
        _ => None,
    }
}
