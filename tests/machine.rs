//! A state machine: random sequences of what Codex, people and codex-git do to sessions, against a model that knows every byte.
//!
//! After each recording the store must hold the conversation of every session that the model has on disk; at the end it must give back
//! every file as it was recorded last, all states that it ever had must be reachable, and git and `verify` must find nothing wrong.
//!
//! `CODEX_GIT_MACHINE=2000x60 cargo test --release --test suite machine` runs more of it: so many sequences of so many steps.

mod sequences;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use codex_git::model::SaveName;
use codex_git::ops::Eviction;
use codex_git::{Effect, Here, SessionId, Workspace};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use time::{Duration, OffsetDateTime};

use crate::support::{Home, line_ends, ran};

/// What is done, with numbers that choose what it is done to.
#[derive(Clone, Debug)]
enum Step {
    Start,
    Turn(u8),
    /// A turn that has not ended, or a part of one, in so many bytes of it.
    Begin(u8, u16),
    /// Codex's fork, at a line of the base.
    NativeFork(u8, u16),
    /// Codex goes back to the end of a line.
    Revert(u8, u16),
    /// The file is cut, or a byte of it changes.
    Truncate(u8, u16),
    Edit(u8, u16),
    Compress(u8),
    Archive(u8),
    Move(u8),
    /// The files are gone; or a file that was there is put back.
    Delete(u8),
    PutBack(u8),
    /// One file of a session is out of sight for a while, as when files are copied one by one.
    Hide(u8, u8),
    Reveal(u8),
    Record,
    RecordOne(u8),
    Save(u8, u8),
    Fork(u8, u8),
    Restore(u8),
    RestoreDeleted,
    Advance(u8),
    Evict(u8),
    Gc,
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<u8>;
    prop_oneof![
        3 => Just(Step::Start),
        12 => which().prop_map(Step::Turn),
        4 => (which(), any::<u16>()).prop_map(|(which, at)| Step::Begin(which, at)),
        4 => (which(), any::<u16>()).prop_map(|(which, at)| Step::NativeFork(which, at)),
        4 => (which(), any::<u16>()).prop_map(|(which, at)| Step::Revert(which, at)),
        1 => (which(), any::<u16>()).prop_map(|(which, at)| Step::Truncate(which, at)),
        1 => (which(), any::<u16>()).prop_map(|(which, at)| Step::Edit(which, at)),
        2 => which().prop_map(Step::Compress),
        2 => which().prop_map(Step::Archive),
        1 => which().prop_map(Step::Move),
        3 => which().prop_map(Step::Delete),
        1 => which().prop_map(Step::PutBack),
        4 => (which(), which()).prop_map(|(which, file)| Step::Hide(which, file)),
        3 => which().prop_map(Step::Reveal),
        10 => Just(Step::Record),
        4 => which().prop_map(Step::RecordOne),
        3 => (which(), which()).prop_map(|(which, name)| Step::Save(which, name)),
        3 => (which(), which()).prop_map(|(which, turn)| Step::Fork(which, turn)),
        3 => which().prop_map(Step::Restore),
        1 => Just(Step::RestoreDeleted),
        2 => which().prop_map(Step::Advance),
        2 => which().prop_map(Step::Evict),
        1 => Just(Step::Gc),
    ]
}

/// A file of a session, as it is or was.
#[derive(Clone, Debug)]
struct File {
    name: String,
    bytes: Vec<u8>,
    /// The file that it goes on from, and how many bytes of it.
    base: Option<(String, usize)>,
    /// Where it lies; `None` if it is gone.
    place: Option<PathBuf>,
    /// Its whole lines when they were recorded last.
    recorded: Option<Vec<u8>>,
    /// Whether it is out of sight, to come back as it is.
    hidden: bool,
}

#[derive(Default)]
struct Model {
    /// The files of each session, oldest first.
    sessions: BTreeMap<SessionId, Vec<File>>,
    /// The branches that ever were.
    tips: BTreeSet<(SessionId, String)>,
    count: u32,
}

struct Machine {
    home: Home,
    workspace: Workspace,
    model: Model,
    now: OffsetDateTime,
}

fn id(number: u32) -> String {
    format!("01a20600-{:04x}-7000-8000-{number:012x}", number & 0xffff)
}

/// What a session's first file is called.
fn first_name(session: &str) -> String {
    format!("rollout-2026-11-23T10-00-00-{session}.jsonl")
}

/// What a file is called that it went back in.
fn later_name(session: &str, number: u32) -> String {
    format!("rollout-2026-11-23T10-00-01-{session}_{}.jsonl", id(number))
}

fn meta(session: &str, number: u32, base: Option<(&str, &str, usize)>) -> Vec<u8> {
    let base = base.map_or_else(String::new, |(from, rollout, end)| {
        format!(
            r#","forked_from_id":"{from}","history_base":{{"thread_id":"{rollout}","end_ordinal_exclusive":1,"end_byte_offset":{end}}}"#
        )
    });
    format!(
        "{{\"timestamp\":\"2026-11-23T10:00:00.000Z\",\"ordinal\":{number},\"type\":\"session_meta\",\"payload\":{{\"id\":\"{session}\",\"timestamp\":\"2026-11-23T10:00:00.000Z\",\"cwd\":\"/work\",\"originator\":\"x\",\"cli_version\":\"0.169.0\",\"source\":\"cli\",\"history_mode\":\"paginated\"{base}}}}}\n"
    )
    .into_bytes()
}

fn turn(number: u32) -> Vec<u8> {
    let line = |kind: &str, payload: &str| {
        format!(
            "{{\"timestamp\":\"2026-11-23T10:00:01.000Z\",\"ordinal\":{number},\"type\":\"{kind}\",\"payload\":{{{payload}}}}}\n"
        )
    };
    let event = |payload: &str| line("event_msg", payload);
    [
        event("\"type\":\"thread_settings_applied\""),
        event(&format!("\"type\":\"task_started\",\"turn_id\":\"turn-{number}\"")),
        event(&format!("\"type\":\"user_message\",\"message\":\"prompt {number}\"")),
        line("response_item", &format!("\"type\":\"message\",\"role\":\"assistant\",\"content\":\"answer {number}\"")),
        event(&format!("\"type\":\"task_complete\",\"turn_id\":\"turn-{number}\"")),
    ]
    .concat()
    .into_bytes()
}

fn whole(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)]
}

/// Whether a file holds less than was recorded of it, and nothing else but lines that make no turn.
fn is_behind(recorded: &[u8], now: &[u8]) -> bool {
    let says = |line: &[u8], word: &str| String::from_utf8_lossy(line).contains(word);
    // A start without a prompt is no turn yet.
    let is_turn = |line: &[u8]| says(line, "user_message");
    let (mut boundary, mut running, mut at, mut prelude) = (0, false, 0, 0);
    for line in recorded.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        let starts = says(line, "task_started");
        // A turn that was cut off ends before the settings of the next.
        let ended = if starts && running { prelude } else { end };
        let is_end = at == 0 || (starts && running) || says(line, "task_complete");
        if is_end && now.get(..ended) == recorded.get(..ended) {
            boundary = ended;
        }
        running = starts || (running && !says(line, "task_complete"));
        prelude = if says(line, "thread_settings_applied") { prelude } else { end };
        at = end;
    }
    let rest = &now[boundary..];
    !now.starts_with(recorded)
        && boundary > 0
        && (recorded.starts_with(now) || !rest.split(|byte| *byte == b'\n').any(is_turn))
}

/// The id by which other files know one.
fn rollout_id(name: &str) -> &str {
    let name = name.strip_suffix(".jsonl").unwrap();
    &name[name.len() - 36..]
}

impl Model {
    fn number(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    /// A session whose last file is there.
    fn present(&self, which: u8) -> Option<SessionId> {
        let there: Vec<_> = self.sessions.iter().filter(|(_, files)| files.last().unwrap().place.is_some()).collect();
        (!there.is_empty()).then(|| *there[usize::from(which) % there.len()].0)
    }

    fn any(&self, which: u8) -> Option<SessionId> {
        let all: Vec<_> = self.sessions.keys().collect();
        (!all.is_empty()).then(|| *all[usize::from(which) % all.len()])
    }

    fn last(&mut self, session: SessionId) -> &mut File {
        self.sessions.get_mut(&session).unwrap().last_mut().unwrap()
    }

    fn file(&self, rollout: &str) -> Option<&File> {
        self.sessions.values().flatten().find(|file| rollout_id(&file.name) == rollout)
    }

    /// The bytes of the conversation that a file's lines come after, without any first line; `None` if something of it was never seen.
    fn before(&self, file: &File, recorded: bool) -> Option<Vec<u8>> {
        let Some((base, end)) = &file.base else { return Some(Vec::new()) };
        let base = self.file(base)?;
        // What is missing further back is missing; what came after it is there.
        let mut bytes = self.before(base, recorded).unwrap_or_default();
        let own = if recorded { base.recorded.as_deref()? } else { &base.bytes[..] };
        let first = *line_ends(own).first()?;
        // A file that was edited since it was recorded has its lines elsewhere; half a line is none.
        bytes.extend(whole(own.get(first..*end)?));
        Some(bytes)
    }

    /// Whether a file that one goes on from, however far back, is gone.
    fn has_gone_base(&self, file: &File) -> bool {
        let base = file.base.as_ref().and_then(|(base, _)| self.file(base));
        base.is_some_and(|base| base.place.is_none() || self.has_gone_base(base))
    }

    /// The whole conversation of a session as it was recorded last, which need not be in the file that it goes on in now.
    fn conversation(&self, session: SessionId) -> Option<Vec<u8>> {
        let file = self.sessions[&session].iter().rfind(|file| file.recorded.is_some())?;
        let own = file.recorded.as_deref()?;
        let first = line_ends(own)[0];
        Some([&own[..first], &self.before(file, true).unwrap_or_default(), &own[first..]].concat())
    }

    /// Whether another file goes on from one.
    fn is_base(&self, session: SessionId) -> bool {
        let ids: Vec<&str> = self.sessions[&session].iter().map(|file| rollout_id(&file.name)).collect();
        self.sessions.values().flatten().any(|file| file.base.as_ref().is_some_and(|(base, _)| ids.contains(&&**base)))
    }

    /// Takes note that all files of a session that are there were recorded.
    fn was_recorded(&mut self, session: SessionId) {
        for file in self.sessions.get_mut(&session).into_iter().flatten().filter(|file| file.place.is_some()) {
            let now = whole(&file.bytes);
            if !file.recorded.as_deref().is_some_and(|recorded| is_behind(recorded, now)) {
                file.recorded = Some(now.to_vec());
            }
        }
    }
}

impl Machine {
    fn new() -> Self {
        let home = Home::empty();
        let workspace = Workspace::init(&home.path(), &home.store()).unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_795_428_000).unwrap();
        Self { home, workspace, model: Model::default(), now }
    }

    /// Takes note that a session was recorded, and others that it goes on from if that was needed.
    fn was_recorded(&mut self, session: SessionId) {
        self.model.was_recorded(session);
        self.look();
    }

    /// Takes note of the sessions that were recorded, as the store has it.
    fn look(&mut self) {
        let all: Vec<SessionId> = self.model.sessions.keys().copied().collect();
        // What a session holds is known when it is known what it goes on from holds.
        while all.iter().any(|session| self.looks_recorded(*session)) {}
    }

    fn looks_recorded(&mut self, session: SessionId) -> bool {
        let before = self.model.sessions[&session].clone();
        self.model.was_recorded(session);
        let recorded = |files: &[File]| files.iter().map(|file| file.recorded.clone()).collect::<Vec<_>>();
        let news = recorded(&before) != recorded(&self.model.sessions[&session]);
        let held = self.held(session);
        let is_so = held.is_some() && held == self.model.conversation(session);
        if !is_so {
            self.model.sessions.insert(session, before);
        }
        is_so && news
    }

    /// What the store holds of a session, all of its lines.
    fn held(&self, session: SessionId) -> Option<Vec<u8>> {
        let git = git2::Repository::open_bare(self.home.store()).unwrap();
        let find = |name: String| git.find_reference(&name).ok()?.peel_to_commit().ok();
        // Open lines stand on the branch's tip.
        let last = find(format!("refs/open/{session}")).or_else(|| find(format!("refs/heads/{session}")))?;
        let mut held = Vec::new();
        let read = |_: &str, entry: &git2::TreeEntry<'_>| {
            if let Ok(blob) = git.find_blob(entry.id()) {
                held.extend(blob.content());
            }
            git2::TreeWalkResult::Ok
        };
        last.tree().unwrap().walk(git2::TreeWalkMode::PreOrder, read).unwrap();
        Some(held)
    }

    fn write(&mut self, session: SessionId) {
        let file = self.model.last(session);
        let place = file.place.clone().unwrap();
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        // Codex unpacks a file before it adds to it.
        if place.extension().is_some_and(|end| end == "zst") {
            fs::remove_file(&place).unwrap();
            file.place = Some(place.with_extension(""));
        }
        fs::write(file.place.clone().unwrap(), &file.bytes).unwrap();
    }

    fn add(&mut self, session: SessionId, file: File) {
        self.model.sessions.entry(session).or_default().push(file);
        self.write(session);
    }

    fn file(&self, name: String, bytes: Vec<u8>, base: Option<(String, usize)>) -> File {
        let place = Some(self.home.place(&name));
        File { name, bytes, base, place, recorded: None, hidden: false }
    }

    /// Takes a file away, and what it lies beside.
    fn take_away(&mut self, session: SessionId) {
        for file in self.model.sessions.get_mut(&session).unwrap() {
            if let Some(place) = file.place.take() {
                fs::remove_file(place).unwrap();
            }
        }
    }

    /// Puts the files that are out of sight back where Codex would put them.
    fn reveal(&mut self, session: SessionId) {
        for at in 0..self.model.sessions[&session].len() {
            let file = &mut self.model.sessions.get_mut(&session).unwrap()[at];
            if std::mem::take(&mut file.hidden) && file.place.is_none() {
                let place = self.home.place(&file.name);
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::write(&place, &file.bytes).unwrap();
                file.place = Some(place);
            }
        }
    }

    fn lies(&mut self, session: SessionId, place: PathBuf) {
        let file = self.model.last(session);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::rename(file.place.replace(place.clone()).unwrap(), place).unwrap();
    }

    /// Adds to a session's file.
    fn grow(&mut self, session: SessionId, bytes: &[u8]) {
        let file = self.model.last(session);
        // Codex ends a torn line before it adds more.
        if file.bytes.last() != Some(&b'\n') {
            file.bytes.push(b'\n');
        }
        file.bytes.extend(bytes);
        self.write(session);
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Start => {
                let number = self.model.number();
                let session = id(number);
                let file = self.file(first_name(&session), meta(&session, number, None), None);
                self.add(session.parse().unwrap(), file);
            }
            Step::Turn(which) => {
                let Some(session) = self.model.present(which) else { return };
                let turn = turn(self.model.number());
                self.grow(session, &turn);
            }
            Step::Begin(which, at) => {
                let Some(session) = self.model.present(which) else { return };
                let turn = turn(self.model.number());
                self.grow(session, &turn[..usize::from(at) % turn.len()]);
            }
            Step::NativeFork(which, at) => {
                let Some(from) = self.model.present(which) else { return };
                let base = self.model.last(from).clone();
                let ends = line_ends(&base.bytes);
                let end = ends[usize::from(at) % ends.len()];
                let number = self.model.number();
                let (session, rollout) = (id(number), rollout_id(&base.name));
                let line = meta(&session, number, Some((&from.to_string(), rollout, end)));
                let file = self.file(first_name(&session), line, Some((rollout.to_owned(), end)));
                self.add(session.parse().unwrap(), file);
            }
            Step::Revert(which, at) => {
                let Some(session) = self.model.present(which) else { return };
                let base = self.model.last(session).clone();
                let ends = line_ends(&base.bytes);
                let end = ends[usize::from(at) % ends.len()];
                let number = self.model.number();
                let rollout = rollout_id(&base.name);
                let line = meta(&session.to_string(), number, Some((&session.to_string(), rollout, end)));
                let file = self.file(later_name(&session.to_string(), number), line, Some((rollout.to_owned(), end)));
                self.add(session, file);
            }
            Step::Truncate(which, at) | Step::Edit(which, at) => {
                let Some(session) = self.model.present(which).filter(|session| !self.model.is_base(*session)) else {
                    return;
                };
                let edits = matches!(step, Step::Edit(..));
                let number = self.model.number();
                let file = self.model.last(session);
                let ends = line_ends(&file.bytes);
                let end = ends[usize::from(at) % ends.len()];
                if edits {
                    // In a text after the first line; the file is replaced, as editors do.
                    let Some(text) = String::from_utf8(file.bytes.clone()).ok().filter(|text| text.contains("answer"))
                    else {
                        return;
                    };
                    file.bytes = text.replacen("answer", &format!("edited {number}"), 1).into_bytes();
                } else {
                    file.bytes.truncate(end);
                }
                let place = file.place.clone().unwrap();
                fs::remove_file(&place).unwrap();
                file.place = Some(place.with_extension("").with_extension("jsonl"));
                self.write(session);
            }
            Step::Compress(which) => {
                let Some(session) = self.model.present(which) else { return };
                let file = self.model.last(session);
                let place = file.place.clone().unwrap();
                if place.extension().is_some_and(|end| end == "jsonl") {
                    let packed = PathBuf::from(format!("{}.zst", place.display()));
                    fs::write(&packed, zstd::encode_all(&file.bytes[..], 1).unwrap()).unwrap();
                    fs::remove_file(place).unwrap();
                    file.place = Some(packed);
                }
            }
            Step::Archive(which) => {
                let Some(session) = self.model.present(which) else { return };
                let place = self.model.last(session).place.clone().unwrap();
                let to = match place.parent().unwrap().ends_with("archived_sessions") {
                    true => self.home.place(place.file_name().unwrap().to_str().unwrap()),
                    false => self.home.path().join("archived_sessions").join(place.file_name().unwrap()),
                };
                self.lies(session, to);
            }
            Step::Move(which) => {
                let Some(session) = self.model.present(which) else { return };
                let place = self.model.last(session).place.clone().unwrap();
                let to = self.home.path().join("sessions/elsewhere").join(place.file_name().unwrap());
                self.lies(session, to);
            }
            Step::Delete(which) => {
                // Codex deletes no session that others go on from.
                let Some(session) = self.model.present(which).filter(|session| !self.model.is_base(*session)) else {
                    return;
                };
                self.take_away(session);
            }
            Step::PutBack(which) => {
                let Some(session) = self.model.any(which) else { return };
                if self.model.last(session).place.is_some() {
                    return;
                }
                for at in 0..self.model.sessions[&session].len() {
                    let file = &mut self.model.sessions.get_mut(&session).unwrap()[at];
                    if file.place.is_none() {
                        let place = self.home.place(&file.name);
                        fs::create_dir_all(place.parent().unwrap()).unwrap();
                        fs::write(&place, &file.bytes).unwrap();
                        file.place = Some(place);
                    }
                }
            }
            Step::Hide(which, file) => {
                let Some(session) = self.model.any(which) else { return };
                let files = self.model.sessions.get_mut(&session).unwrap();
                let at = usize::from(file) % files.len();
                if let Some(place) = files[at].place.take() {
                    fs::remove_file(place).unwrap();
                    files[at].hidden = true;
                }
            }
            Step::Reveal(which) => {
                let Some(session) = self.model.any(which) else { return };
                self.reveal(session);
            }
            Step::Record => {
                let report = self.workspace.record_all(Effect::Write, &mut |_| {});
                assert!(report.failed.is_empty(), "{:?}", report.failed);
                let there: Vec<_> = self.model.sessions.keys().copied().collect();
                there.into_iter().for_each(|session| self.model.was_recorded(session));
                self.check(None);
            }
            Step::RecordOne(which) => {
                let Some(session) = self.model.present(which) else { return };
                self.workspace.record_session(session, Effect::Write).unwrap();
                self.was_recorded(session);
                self.check(Some(session));
            }
            Step::Save(which, name) => {
                let Some(session) = self.model.any(which) else { return };
                let Ok(resolved) = self.workspace.resolve(&Here::default(), &session.to_string()) else { return };
                self.was_recorded(session);
                let name = SaveName::parse(&format!("save-{}", name % 5)).unwrap();
                self.workspace.save(&name, &resolved.point, self.now.unix_timestamp()).unwrap();
            }
            Step::Fork(which, turn) => {
                let Some(session) = self.model.any(which) else { return };
                let Ok(resolved) = self.workspace.resolve(&Here::default(), &session.to_string()) else { return };
                self.was_recorded(session);
                let mut point = resolved.point;
                if let Ok(earlier) = self.workspace.turn_of(&point, u32::from(turn) % (point.message.turn + 1)) {
                    point = earlier;
                }
                self.now += Duration::seconds(1);
                let forked = self.workspace.fork(&point, None, self.now).unwrap();
                let bytes = fs::read(&forked.path).unwrap();
                let name = forked.path.file_name().unwrap().to_str().unwrap().to_owned();
                let file =
                    File { recorded: Some(bytes.clone()), place: Some(forked.path), ..self.file(name, bytes, None) };
                self.model.sessions.insert(forked.session, vec![file]);
            }
            Step::Restore(which) => {
                let Some(session) = self.model.any(which) else { return };
                let Ok(restored) = self.workspace.restore(session, None, Effect::Write) else { return };
                self.came_back(&restored.into_iter().map(|file| file.path).collect::<Vec<_>>());
            }
            Step::RestoreDeleted => {
                for restored in self.workspace.restore_missing(None, Effect::Write).unwrap() {
                    let Ok(restored) = restored else { continue };
                    self.came_back(&restored.into_iter().map(|file| file.path).collect::<Vec<_>>());
                }
            }
            Step::Advance(which) => {
                let Some(session) = self.model.present(which) else { return };
                let Ok(advanced) = self.workspace.advance(session, Effect::Write) else { return };
                self.look();
                for path in advanced.into_iter().map(|advanced| advanced.path) {
                    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                    let file = self.model.sessions.values_mut().flatten().find(|file| file.name == name).unwrap();
                    assert_eq!(Some(fs::read(&path).unwrap()), file.recorded, "{name}");
                    file.bytes = file.recorded.clone().unwrap();
                    file.place = Some(path);
                }
            }
            Step::Evict(which) => {
                let Some(session) = self.model.present(which) else { return };
                let now = self.now.into();
                let eviction = Eviction { effect: Effect::Write, now, at_once: which % 2 == 0, unseen: false };
                let outcome = self.workspace.evict(&[session], &eviction, &mut |_| {}).remove(0);
                self.look();
                if outcome.is_ok() {
                    let files = self.model.sessions.get_mut(&session).unwrap();
                    for file in files {
                        assert!(file.place.take().is_none_or(|place| !place.exists()), "{}", file.name);
                    }
                }
            }
            Step::Gc => drop(self.workspace.gc(&mut |_, _| {}).unwrap()),
        }
    }

    /// Files that were written back hold what was recorded of them.
    fn came_back(&mut self, paths: &[PathBuf]) {
        for path in paths {
            let name = path.file_name().unwrap().to_str().unwrap().trim_end_matches(".zst").to_owned();
            let file = self.model.sessions.values_mut().flatten().find(|file| file.name == name).unwrap();
            if file.place.is_none() {
                assert_eq!(Some(fs::read(path).unwrap()), file.recorded, "{name}");
                file.bytes = file.recorded.clone().unwrap();
                file.place = Some(path.clone());
            }
        }
    }

    /// The store holds the conversation of every session as it was recorded last: all of them just now, or one.
    fn check(&mut self, one: Option<SessionId>) {
        for session in self.model.sessions.keys().copied().collect::<Vec<_>>() {
            let Some(expected) = self.model.conversation(session) else { continue };
            let held = self.held(session).unwrap();
            let files = &self.model.sessions[&session];
            let is_gone = files.iter().all(|file| file.place.is_none());
            let is_of_gone = files.last().is_some_and(|last| self.model.has_gone_base(last));
            let is_another = one.is_some_and(|one| one != session);
            if (is_gone || is_of_gone || is_another) && expected.len() > held.len() {
                // What it goes on from appeared when it was gone itself, or what is between them: they are joined when that is back and
                // recorded.
                continue;
            }
            assert_eq!(String::from_utf8_lossy(&held), String::from_utf8_lossy(&expected), "{session}");
            let git = git2::Repository::open_bare(self.home.store()).unwrap();
            let branch = git.find_reference(&format!("refs/heads/{session}")).unwrap().target().unwrap();
            self.model.tips.insert((session, branch.to_string()));
        }
    }

    fn finish(&mut self) {
        for session in self.model.sessions.keys().copied().collect::<Vec<_>>() {
            self.reveal(session);
        }
        self.run(&Step::Record);
        let refs = self.home.refs();
        self.run(&Step::Record);
        assert_eq!(self.home.refs(), refs, "twice is once");
        let checked = self.workspace.verify(&mut |_| {}).unwrap();
        assert!(checked.problems.is_empty(), "{:?}", checked.problems);
        for (session, tip) in &self.model.tips {
            let contains = Command::new("git")
                .arg("--git-dir")
                .arg(self.home.store())
                .args(["merge-base", "--is-ancestor", tip, &format!("refs/heads/{session}")])
                .output();
            assert_eq!(ran(contains.unwrap()).code, 0, "{session} left {tip} behind");
        }
        let out = self.home.work().join("out");
        for (session, files) in &self.model.sessions {
            if files.iter().all(|file| file.recorded.is_none()) {
                continue;
            }
            self.workspace.restore(*session, Some(&out), Effect::Write).unwrap();
        }
        for file in self.model.sessions.values().flatten() {
            let Some(recorded) = &file.recorded else { continue };
            let found = [
                self.place_in(&out, &file.name),
                out.join("archived_sessions").join(&file.name),
                out.join("sessions/elsewhere").join(&file.name),
            ];
            let path = found.iter().find(|path| path.exists()).unwrap_or_else(|| panic!("{} is not back", file.name));
            let back = fs::read(path).unwrap();
            // One that was cut comes back whole, until the session is recorded anew from what its files are.
            if file.place.is_some() && back == whole(&file.bytes) {
                continue;
            }
            assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(recorded), "{}", file.name);
        }
    }

    fn place_in(&self, out: &std::path::Path, name: &str) -> PathBuf {
        out.join(self.home.place(name).strip_prefix(self.home.path()).unwrap())
    }
}

/// Whether a sequence of steps goes wrong, and how.
fn failure(steps: &[Step]) -> Option<String> {
    let run = || {
        let mut machine = Machine::new();
        steps.iter().for_each(|step| machine.run(step));
        machine.finish();
    };
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    Some(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
}

/// Leaves out every step without which a sequence still goes wrong.
fn shortest(mut steps: Vec<Step>) -> Vec<Step> {
    loop {
        let before = steps.len();
        for at in (0..before).rev() {
            let mut fewer = steps.clone();
            fewer.remove(at);
            if failure(&fewer).is_some() {
                steps = fewer;
            }
        }
        if steps.len() == before {
            return steps;
        }
    }
}

#[test]
fn machine() {
    let size = std::env::var("CODEX_GIT_MACHINE").unwrap_or_else(|_| "200x40".to_owned());
    let (cases, steps) = size.split_once('x').unwrap();
    let (cases, steps): (u32, usize) = (cases.parse().unwrap(), steps.parse().unwrap());
    let mut runner = TestRunner::default();
    for _ in 0..cases {
        let steps = prop::collection::vec(step(), steps).new_tree(&mut runner).unwrap().current();
        if failure(&steps).is_some() {
            let steps = shortest(steps);
            panic!("{steps:?}\n{}", failure(&steps).unwrap_or_default());
        }
    }
}
