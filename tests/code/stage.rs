//! A stage on which Codex, a person and git work in one folder: the library is called in this process, and rollouts are written line by line.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use codex_git::model::SessionId;
use codex_git::model::code::{Spared, quoted};
use codex_git::ops::code::{Bounds, CodeRestore, GoingBack, Switch, WentBackTo};
use codex_git::ops::{HookEvent, HookKind};
use codex_git::{Effect, Error, Here, Workspace};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::git_in;
use crate::support::Home;
use crate::support::story::{BEGIN, id};

/// Files by path: their kind, and their bytes.
pub type Files = BTreeMap<Vec<u8>, (char, Vec<u8>)>;

/// A session in the making.
pub struct Talk {
    pub id: SessionId,
    file: PathBuf,
    /// By what other files know the file.
    rollout: String,
    /// Where the turns end of the conversation as it is: in which file, at which byte.
    ends: Vec<(String, usize)>,
    turns: u32,
    running: Option<String>,
}

pub struct Stage {
    pub home: Home,
    pub workspace: Workspace,
    pub talks: Vec<Talk>,
    /// Now, in seconds since 1970.
    pub now: i64,
    segments: u32,
}

/// What went on between two words of Codex.
pub type Work<'a> = &'a dyn Fn(&Path);

impl Stage {
    /// A project in a repository without a commit, and a session that works there, with code on.
    pub fn new() -> Self {
        Self::in_home(Home::empty())
    }

    pub fn in_home(home: Home) -> Self {
        let workspace = Workspace::init(&home.path(), &home.store()).unwrap();
        workspace.switch_code(Switch::On, None).unwrap();
        let mut stage = Self { home, workspace, talks: Vec::new(), now: BEGIN, segments: 0x100 };
        git_in(&stage.root(), &["init", "-q", "-b", "main"]);
        for (key, value) in [("user.name", "a"), ("user.email", "a@b"), ("core.autocrlf", "false"), ("gc.auto", "0")] {
            git_in(&stage.root(), &["config", key, value]);
        }
        stage.talk();
        stage
    }

    pub fn root(&self) -> PathBuf {
        self.home.work().canonicalize().unwrap()
    }

    pub fn bounds(&self) -> Bounds {
        Bounds { codex_home: self.home.path(), ..Bounds::default() }
    }

    /// The rollout of a session.
    pub fn file(&self, at: usize) -> &Path {
        &self.talks[at].file
    }

    pub fn git(&self, words: &[&str]) -> String {
        git_in(&self.root(), words)
    }

    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        put(&self.root(), path, bytes);
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).unwrap();
    }

    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root().join(path)).ok()
    }

    pub fn files(&self) -> Files {
        super::files(&self.root()).into_iter().map(|(path, kind, bytes)| (path, (kind, bytes))).collect()
    }

    /// One more session.
    pub fn talk(&mut self) -> usize {
        let session = id(u32::try_from(self.talks.len()).unwrap() + 1);
        let file = self.home.place(&format!("rollout-2026-11-24T21-46-09-{session}.jsonl"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let talk =
            Talk { id: session.parse().unwrap(), file, rollout: session, ends: Vec::new(), turns: 0, running: None };
        self.talks.push(talk);
        let at = self.talks.len() - 1;
        self.meta(at, json!({}));
        at
    }

    fn meta(&mut self, at: usize, more: Value) {
        let talk = &self.talks[at];
        let mut meta = json!({
            "id": talk.id.to_string(), "timestamp": "2026-11-24T21:46:09Z", "cwd": self.root(), "originator": "codex-tui",
            "cli_version": "0.169.0", "source": "cli", "history_mode": "paginated",
        });
        meta.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.line(at, "session_meta", meta);
        let end = self.end(at);
        if self.talks[at].ends.is_empty() {
            self.talks[at].ends.push(end);
        }
    }

    fn end(&self, at: usize) -> (String, usize) {
        let talk = &self.talks[at];
        (talk.rollout.clone(), usize::try_from(fs::metadata(&talk.file).unwrap().len()).unwrap())
    }

    fn line(&mut self, at: usize, kind: &str, payload: Value) {
        let time = OffsetDateTime::from_unix_timestamp(self.now).unwrap().format(&Rfc3339).unwrap();
        let line = json!({ "timestamp": time, "ordinal": 1, "type": kind, "payload": payload });
        let file = &self.talks[at].file;
        let mut file = fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
        writeln!(file, "{line}").unwrap();
    }

    fn event(&mut self, at: usize, payload: Value) {
        self.line(at, "event_msg", payload);
    }

    fn hook(&self, at: usize, kind: HookKind, turn: &str) {
        let talk = &self.talks[at];
        let event = HookEvent {
            kind,
            rollout: Some(talk.file.clone()),
            turn: Some(turn.to_owned()),
            prompt: None,
            cwd: Some(self.root()),
            automatic: false,
        };
        self.workspace.snapshot_after(&event, &self.bounds(), self.now).unwrap();
    }

    /// A turn begins. Without `hook`, nothing tells of it.
    pub fn begin_with(&mut self, at: usize, hook: bool) {
        self.now += 10;
        let talk = &mut self.talks[at];
        talk.turns += 1;
        let turn = format!("turn-{at}-{}", talk.turns);
        talk.running = Some(turn.clone());
        let cwd = self.root();
        self.event(at, json!({ "type": "task_started", "turn_id": turn }));
        self.line(at, "turn_context", json!({ "model": "gpt-5.5", "cwd": cwd, "turn_id": turn }));
        self.event(at, json!({ "type": "user_message", "message": format!("prompt of {turn}") }));
        if hook {
            self.hook(at, HookKind::UserPromptSubmit, &turn);
        }
    }

    /// The look before the turn that runs, only now.
    pub fn hook_late(&self, at: usize) {
        self.hook(at, HookKind::UserPromptSubmit, self.talks[at].running.as_deref().unwrap());
    }

    pub fn begin(&mut self, at: usize) {
        self.begin_with(at, true);
    }

    /// The turn that runs tells that it patched files.
    pub fn patch(&mut self, at: usize, paths: &[&str]) {
        for path in paths {
            let whole = self.root().join(path);
            let changes = json!({ whole.to_str().unwrap(): { "type": "update", "unified_diff": "@@ -1 +1 @@\n-a\n+b\n", "move_path": null } });
            let item = json!({ "type": "FileChange", "id": format!("call-{path}"), "changes": changes, "status": "completed" });
            self.event(at, json!({ "type": "item_completed", "item": item }));
        }
    }

    /// The turn ends. Without `hook`, nothing tells of it.
    pub fn end_with(&mut self, at: usize, hook: bool) {
        self.now += 10;
        let turn = self.talks[at].running.take().unwrap();
        self.event(at, json!({ "type": "task_complete", "turn_id": turn }));
        if hook {
            self.hook(at, HookKind::Stop, &turn);
        }
        let end = self.end(at);
        self.talks[at].ends.push(end);
    }

    /// A turn that no prompt began, and no hook tells of: as when a person has Codex compact the conversation.
    pub fn own_turn(&mut self, at: usize) {
        self.now += 10;
        let talk = &mut self.talks[at];
        talk.turns += 1;
        let turn = format!("turn-{at}-{}", talk.turns);
        talk.running = Some(turn.clone());
        self.event(at, json!({ "type": "task_started", "turn_id": turn }));
        self.event(at, json!({ "type": "context_compacted" }));
        self.end_with(at, false);
    }

    pub fn finish(&mut self, at: usize) {
        self.end_with(at, true);
    }

    /// A turn of the first session, in which the agent does some work by a shell.
    pub fn turn(&mut self, work: Work<'_>) {
        self.turn_of(0, work);
    }

    pub fn turn_of(&mut self, at: usize, work: Work<'_>) {
        self.begin(at);
        work(&self.root());
        self.finish(at);
    }

    /// Esc Esc: the conversation goes back to the end of a turn, in a file of its own.
    pub fn rewind(&mut self, at: usize, turns: usize) {
        self.now += 10;
        self.workspace.record_all(Effect::Write, &mut |_| {});
        self.segments += 1;
        let segment = id(self.segments);
        let talk = &mut self.talks[at];
        let (rollout, end) = talk.ends[turns].clone();
        talk.ends.truncate(turns + 1);
        talk.file = self.home.place(&format!("rollout-2026-11-24T21-46-09-{}_{segment}.jsonl", talk.id));
        talk.rollout = segment;
        let base = json!({ "thread_id": rollout, "end_ordinal_exclusive": 1, "end_byte_offset": end });
        self.meta(at, json!({ "history_base": base }));
    }

    /// The code store.
    pub fn store(&self) -> PathBuf {
        let mut stores = fs::read_dir(self.home.path().join("code")).unwrap().map(|entry| entry.unwrap().path());
        stores.find(|path| path.extension().is_some_and(|end| end == "git")).unwrap()
    }

    /// What is to be restored: a turn of a session; 0 means as before its first.
    pub fn wanted(&self, at: usize, turn: usize) -> CodeRestore {
        let session = self.talks[at].id;
        let head = self.workspace.resolve(&Here::default(), &session.to_string()).unwrap().point;
        let point = self.workspace.turn_of(&head, u32::try_from(turn.max(1)).unwrap()).unwrap();
        CodeRestore { session, point, before: turn == 0, paths: Vec::new(), all: false, merge: false }
    }

    pub fn plan(&mut self, wanted: &CodeRestore) -> Result<GoingBack, Error> {
        self.now += 1;
        self.workspace.plan_restore(wanted, &self.root(), &self.bounds(), self.now)
    }

    pub fn go(&self, plan: &GoingBack) -> WentBackTo {
        self.workspace.go_back(plan, &self.bounds()).unwrap()
    }

    /// Goes back to a turn of the first session. Gives what is left, and why.
    pub fn restore(&mut self, turn: usize) -> Vec<(String, Spared)> {
        let wanted = self.wanted(0, turn);
        self.restore_so(&wanted)
    }

    pub fn restore_so(&mut self, wanted: &CodeRestore) -> Vec<(String, Spared)> {
        let plan = self.plan(wanted).unwrap();
        let went = self.go(&plan);
        assert!(went.failed.is_empty(), "{:?}", went.failed);
        plan.spared.iter().map(|(path, why)| (quoted(path), *why)).collect()
    }

    pub fn undo(&mut self) -> Vec<(String, Spared)> {
        self.now += 1;
        let plan = self.workspace.plan_code_undo(&self.root(), &self.bounds(), self.now).unwrap();
        let went = self.go(&plan);
        assert!(went.failed.is_empty(), "{:?}", went.failed);
        plan.spared.iter().map(|(path, why)| (quoted(path), *why)).collect()
    }
}

pub fn put(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let place = root.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, bytes).unwrap();
}

pub fn link(root: &Path, path: &str, target: &str) {
    symlink(target, root.join(path)).unwrap();
}

pub fn chmod(root: &Path, path: &str, mode: u32) {
    fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).unwrap();
}

pub fn mode(root: &Path, path: &str) -> u32 {
    fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777
}
