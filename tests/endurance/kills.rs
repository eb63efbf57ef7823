//! Kills at random: whatever is killed, and whoever else is at it, nothing is lost that was there, and the next run finishes the work.
//!
//! A life is a home whose rollouts grow, lines torn anywhere, native forks and rewinds among them. Step by step one to three commands run in it at
//! once, codex-git's and git's by hand, while the files go on growing; most are killed. After each step `git fsck` must be content, no file may
//! have lost a byte, in its place or in the store, and what was acknowledged (records, saves, forks, evictions) must stand. In the end every
//! session must be what it is when it is recorded at once, and all files must come back from the store alone.
//!
//! `CODEX_GIT_KILLS=20000 cargo test --release --test suite random_kills` kills as often as it is told; `CODEX_GIT_KILLS=20000:7` in another way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use codex_git::{Effect, SessionId, Workspace};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::support::{Fixture, Home, ran};

/// What codex-git is asked for. `ID` is a session, `PATH` a rollout, `NAME` a new name.
const VERBS: [&str; 20] = [
    "init -q --no-hooks",
    "record -q",
    "record -q",
    "record -q PATH",
    "record -q PATH",
    "hook --after SessionStart -- PATH",
    "hook --after UserPromptSubmit --turn t -- PATH",
    "hook --after Stop -- PATH",
    "save NAME ID",
    "save NAME ID~1",
    "save alpha ID",
    "-q fork ID",
    "-q fork ID~1",
    "gc -q",
    "gc -q",
    "evict ID",
    "evict --now ID",
    "restore ID",
    "verify --repair",
    "list --all",
];

/// What is asked for more rarely, since it does things to all sessions.
const RARE: [&str; 4] = ["evict --larger-than 1", "evict --now --larger-than 1", "evict --now", "restore --deleted"];

/// What people and tools do to the store by hand.
const BY_HAND: [&str; 7] = [
    "gc --quiet",
    "repack -adq",
    "repack --cruft -dq",
    "pack-refs --all",
    "prune-packed -q",
    "multi-pack-index write",
    "commit-graph write --reachable",
];

const STEPS: usize = 30;

#[test]
fn random_kills_leave_nothing_that_the_next_run_does_not_finish() {
    let (wanted, seed) = wanted();
    let whole = at_once();
    let figures = Mutex::new(Figures::default());
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (figures, whole) = (&figures, &whole);
            scope.spawn(move || {
                let mut random = Random(2 * seed + thread);
                while figures.lock().unwrap().killed() < wanted {
                    let lived = Life::new(random.below(1 << 30) as u64).live(whole);
                    let mut figures = figures.lock().unwrap();
                    figures.add(lived);
                    // A long run tells how far it has come.
                    if figures.lives % 25 == 0 {
                        eprintln!("{figures}\n");
                    }
                }
            });
        }
    });
    let figures = figures.into_inner().unwrap();
    eprintln!("{figures}");
    let ours: usize = figures.ended.values().sum();
    // On a fast machine many end before their time has come.
    assert!(figures.killed() * 2 > ours, "{figures}");
}

/// How many kills, and the seed: 300 and 1, or what `CODEX_GIT_KILLS` says.
fn wanted() -> (usize, u64) {
    let asked = std::env::var("CODEX_GIT_KILLS").unwrap_or_else(|_| "300".to_owned());
    let (kills, seed) = asked.split_once(':').unwrap_or((&asked, "1"));
    (kills.parse().unwrap(), seed.parse().unwrap())
}

/// All rollouts, in groups; those of a group come one after the other.
fn rollouts() -> Vec<Vec<(String, Vec<u8>)>> {
    let alone = Fixture::all().into_iter().map(|case| Fixture::named(&case)).map(|case| vec![(case.name, case.bytes)]);
    alone.chain(["forks", "revert", "rewind-0.148"].map(Fixture::lineage)).collect()
}

/// The refs of the sessions when they are recorded at once.
fn at_once() -> BTreeMap<String, String> {
    let home = Home::empty();
    rollouts().iter().flatten().for_each(|(name, bytes)| drop(home.put(name, bytes)));
    home.ok("init -q --no-hooks");
    refs(&home)
}

fn refs(home: &Home) -> BTreeMap<String, String> {
    home.refs().lines().filter_map(|line| line.split_once(' ')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

/// A rollout: what it will hold, how much of that is written, and how much of it was seen in the store.
struct File {
    name: String,
    bytes: Vec<u8>,
    written: usize,
    recorded: usize,
}

impl File {
    fn session(&self) -> &str {
        &self.name[28..64]
    }

    /// How much of what is written is whole lines.
    fn lines(&self) -> usize {
        self.bytes[..self.written].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
    }
}

/// A command that runs.
struct Running {
    words: String,
    child: Child,
    is_ours: bool,
    /// When it is killed, if it is.
    killed_at: Option<Instant>,
    /// How much of each file there was to record when it began.
    before: Vec<usize>,
}

struct Life {
    home: Home,
    random: Random,
    groups: Vec<Vec<File>>,
    /// The forks that were acknowledged.
    forks: Vec<File>,
    saves: BTreeMap<String, String>,
    names: usize,
    seed: u64,
    figures: Figures,
}

impl Life {
    fn new(seed: u64) -> Self {
        let file = |(name, bytes)| File { name, bytes, written: 0, recorded: 0 };
        let groups = rollouts().into_iter().map(|group| group.into_iter().map(file).collect()).collect();
        let figures = Figures { lives: 1, ..Figures::default() };
        let (forks, saves) = (Vec::new(), BTreeMap::new());
        Self { home: Home::empty(), random: Random(seed), groups, forks, saves, names: 0, seed, figures }
    }

    fn files(&self) -> impl Iterator<Item = &File> {
        self.groups.iter().flatten().chain(&self.forks)
    }

    /// From the making of the store on, until all sessions are whole.
    fn live(mut self, whole: &BTreeMap<String, String>) -> Figures {
        for step in 0..STEPS {
            (0..6).for_each(|_| self.grow(20_000));
            if self.random.below(4) == 0 {
                self.age_what_is_held();
            }
            let told = self.step();
            if self.home.store().join("HEAD").exists() {
                self.check(&format!("seed {}, step {step}: {told}", self.seed));
            }
        }
        self.end(whole);
        self.figures
    }

    /// One to three commands at once, while the files grow.
    fn step(&mut self) -> String {
        let mut running = Vec::new();
        let is_made = self.home.store().join("HEAD").exists();
        for nth in 0..1 + self.random.below(3) {
            let by_hand = nth > 0 && self.random.below(3) == 0 && is_made;
            let words = match (is_made, by_hand, self.random.below(8)) {
                (false, ..) => VERBS[0].to_owned(),
                (_, true, _) => BY_HAND[self.random.below(BY_HAND.len())].to_owned(),
                (_, _, 0) => RARE[self.random.below(RARE.len())].to_owned(),
                _ => self.verb(),
            };
            running.push(self.start(words, !by_hand));
        }
        let told = running.iter().map(|one| one.words.as_str()).collect::<Vec<_>>().join(" | ");
        while !running.is_empty() {
            std::thread::sleep(Duration::from_micros(500));
            if self.random.below(6) == 0 {
                self.grow(2_000);
            }
            let mut left = Vec::new();
            for mut one in running {
                if one.killed_at.is_some_and(|at| at <= Instant::now()) {
                    // It may just have ended.
                    kill_process_group(Pid::from_child(&one.child), Signal::KILL).ok();
                    one.child.wait().unwrap();
                }
                match one.child.try_wait().unwrap() {
                    Some(_) => self.ended(one, &told),
                    None => left.push(one),
                }
            }
            running = left;
        }
        told
    }

    fn verb(&mut self) -> String {
        let (verb, which) = (VERBS[self.random.below(VERBS.len())], self.random.below(1 << 30));
        self.names += 1;
        let there: Vec<&File> = self.files().filter(|file| file.written > 0).collect();
        let Some(file) = there.get(which % there.len().max(1)) else { return "record -q".to_owned() };
        let place = self.home.place(&file.name);
        let words = verb.replace("ID", file.session()).replace("PATH", place.to_str().unwrap());
        words.replace("NAME", &format!("save-{}", self.names))
    }

    fn start(&mut self, words: String, is_ours: bool) -> Running {
        let mut command = if is_ours { self.home.command() } else { Command::new("git") };
        if !is_ours {
            command.arg("--git-dir").arg(self.home.store());
        }
        command.args(words.split(' ')).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.process_group(0).spawn().unwrap();
        // A turn that never ends is waited for.
        let is_killed = words.contains("Stop") || self.random.below(100) < if is_ours { 85 } else { 30 };
        let within = if self.random.below(4) == 0 { 6_000 } else { 60_000 };
        let moment = Duration::from_micros(self.random.below(within) as u64);
        let before = self.files().map(File::lines).collect();
        Running { words, child, is_ours, killed_at: is_killed.then(|| Instant::now() + moment), before }
    }

    /// What a command that ended must have done.
    fn ended(&mut self, mut one: Running, told: &str) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        one.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        one.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let verb = one.words.split(' ').find(|word| !word.starts_with('-')).unwrap_or_default().to_owned();
        let verb = if one.is_ours { verb } else { format!("git {verb}") };
        let Some(code) = one.child.wait().unwrap().code() else {
            *self.figures.killed.entry(verb).or_default() += 1;
            return;
        };
        *self.figures.ended.entry(verb.clone()).or_default() += 1;
        if !one.is_ours {
            return;
        }
        assert!(code == 0 || code == 1, "seed {}: {} of {told} ended with {code}\n{stderr}", self.seed, one.words);
        if code != 0 {
            return;
        }
        if one.words == "record -q" || verb == "init" {
            let stored = stored(&self.home);
            for (file, before) in self.files().zip(&one.before) {
                let now = stored.get(&file.name).copied().unwrap_or(0);
                assert!(now >= *before, "seed {}: {told} did not record {}: {now} of {before}", self.seed, file.name);
            }
        } else if verb == "fork" {
            let id = stdout.trim();
            let rollout = find(&self.home.path().join("sessions"), &format!("-{id}.jsonl")).unwrap();
            let (name, bytes) =
                (rollout.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&rollout).unwrap());
            self.forks.push(File { name, written: bytes.len(), bytes, recorded: 0 });
        } else if let Some(name) = one.words.split(' ').find(|word| word.starts_with("save-")) {
            let commit = self.home.git(&format!("rev-parse {name}^{{commit}}")).trim().to_owned();
            self.saves.insert(name.to_owned(), commit);
        }
    }

    /// Writes some bytes more of a file, as Codex does: it makes it, or appends to it where it lies.
    fn grow(&mut self, most: usize) {
        let (group, len) = (self.random.below(self.groups.len()), self.random.below(most));
        let Some(file) = self.groups[group].iter_mut().find(|file| file.written < file.bytes.len()) else { return };
        let bytes = &file.bytes[file.written..file.bytes.len().min(file.written + len)];
        let place = self.home.place(&file.name);
        if file.written == 0 {
            self.home.put(&file.name, bytes);
        } else {
            // One that is evicted grows no more until it is restored.
            let Ok(mut open) = fs::OpenOptions::new().append(true).open(&place) else { return };
            open.write_all(bytes).unwrap();
        }
        file.written += bytes.len();
    }

    /// Lets a day go by for what is held: the time at which it was moved aside stands in its name.
    fn age_what_is_held(&self) {
        for held in held(&self.home) {
            let name = held.file_name().unwrap().to_str().unwrap();
            let (moved, rest) = name.strip_prefix(HELD).unwrap().split_once('.').unwrap();
            let before = moved.parse::<u64>().unwrap() - 25 * 3600 * 1_000_000_000;
            fs::rename(&held, held.with_file_name(format!("{HELD}{before}.{rest}"))).unwrap();
        }
    }

    /// Whether everything is there that must be.
    fn check(&mut self, told: &str) {
        self.figures.checks += 1;
        // Git's own graph of commits may name some that git itself removed after.
        let fsck = ran(self.git("-c core.commitGraph=false fsck --strict --full --no-dangling"));
        // A notice is of a store without a session.
        let complaints: Vec<&str> =
            fsck.stdout.lines().chain(fsck.stderr.lines()).filter(|line| !line.starts_with("notice: ")).collect();
        assert!(complaints.is_empty(), "{told}\n{complaints:?}");
        let stored = stored(&self.home);
        let held: BTreeMap<String, PathBuf> =
            held(&self.home).into_iter().map(|path| (original(&path), path)).collect();
        let mut gone = BTreeSet::new();
        let home = &self.home;
        for file in self.groups.iter_mut().flatten().chain(&mut self.forks).filter(|file| file.written > 0) {
            self.figures.compared += 1;
            let now = stored.get(&file.name).copied().unwrap_or(0);
            assert!(now >= file.recorded, "{told}: {} had {} bytes in the store, has {now}", file.name, file.recorded);
            file.recorded = now;
            let there = fs::read(home.place(&file.name)).ok();
            let there = there.or_else(|| fs::read(held.get(&file.name)?).ok());
            match there {
                Some(bytes) => assert!(bytes == file.bytes[..file.written], "{told}: {} is another", file.name),
                None => {
                    assert_eq!(now, file.written, "{told}: {} is gone, and not all of it is in the store", file.name);
                    gone.insert(file.session().to_owned());
                }
            }
        }
        let saves = home.git("for-each-ref --format=%(refname:short)%20%(*objectname) refs/tags");
        let saves: BTreeMap<&str, &str> = saves.lines().filter_map(|line| line.split_once(' ')).collect();
        for (name, commit) in &self.saves {
            assert_eq!(saves.get(name.as_str()), Some(&commit.as_str()), "{told}: the save {name}");
        }
        if let Some(session) = gone.iter().nth(self.random.below(gone.len().max(1))) {
            self.gives_back(session, told);
        }
    }

    /// What the store gives back of a session must be the bytes that were written.
    fn gives_back(&mut self, session: &str, told: &str) {
        self.figures.given_back += 1;
        let out = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(&self.home.path(), &self.home.store()).unwrap();
        let id = SessionId::parse(session).unwrap();
        let restored = workspace.restore(id, Some(out.path()), Effect::Write);
        let restored = restored.unwrap_or_else(|error| panic!("{told}: {session}: {error}"));
        for file in self.files().filter(|file| file.session() == session && file.recorded > 0) {
            let own = restored.iter().find(|one| one.path.ends_with(&file.name));
            let own = own.unwrap_or_else(|| panic!("{told}: {} did not come back", file.name));
            assert!(fs::read(&own.path).unwrap() == file.bytes[..file.recorded], "{told}: {}", file.name);
        }
    }

    /// All files become whole; the sessions are what they are when they are recorded at once, and come back from the store alone.
    fn end(&mut self, whole: &BTreeMap<String, String>) {
        let told = format!("seed {}, at the end", self.seed);
        // A first line may be torn yet.
        self.home.run(["init", "-q", "--no-hooks"]);
        let sessions: BTreeSet<&str> = self.files().filter(|file| file.recorded > 0).map(File::session).collect();
        if !sessions.is_empty() {
            self.home.ok(&format!("restore -q {}", sessions.into_iter().collect::<Vec<_>>().join(" ")));
        }
        while self.groups.iter().flatten().any(|file| file.written < file.bytes.len()) {
            self.grow(1 << 20);
        }
        self.home.ok("record -q");
        self.check(&told);
        let known = |home: &Home| {
            let mut refs = refs(home);
            refs.retain(|name, _| whole.contains_key(name));
            refs
        };
        assert_eq!(known(&self.home), *whole, "{told}");
        self.home.ok("gc -q");
        assert_eq!(known(&self.home), *whole, "{told}");
        self.home.ok("verify -q");
        fs::remove_dir_all(self.home.path().join("sessions")).unwrap();
        self.home.ok("restore -q --deleted");
        for file in self.files() {
            assert!(fs::read(self.home.place(&file.name)).unwrap() == file.bytes, "{told}: {}", file.name);
        }
    }

    fn git(&self, words: &str) -> std::process::Output {
        Command::new("git").arg("--git-dir").arg(self.home.store()).args(words.split(' ')).output().unwrap()
    }
}

/// How many bytes of each rollout the store has.
fn stored(home: &Home) -> BTreeMap<String, usize> {
    let trailer = |key: &str| format!("%(trailers:key={key},valueonly,separator=)");
    let format = format!("--format={}|{}", trailer("Codex-Rollout"), trailer("Codex-Offset"));
    let log = home.git(&format!("log --branches --glob=refs/open {format}"));
    let mut stored = BTreeMap::new();
    for (name, offset) in log.lines().filter_map(|line| line.split_once('|')) {
        let most: &mut usize = stored.entry(name.to_owned()).or_default();
        *most = offset.parse().map_or(*most, |offset: usize| offset.max(*most));
    }
    stored
}

const HELD: &str = ".codex-git-held-";

/// The files that are held.
fn held(home: &Home) -> Vec<PathBuf> {
    let mut folders = vec![home.path().join("sessions")];
    let mut held = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap().to_str().unwrap().starts_with(HELD) {
                held.push(path);
            }
        }
    }
    held
}

/// What a held file was called.
fn original(held: &Path) -> String {
    held.file_name().unwrap().to_str().unwrap().strip_prefix(HELD).unwrap().split_once('-').unwrap().1.to_owned()
}

fn find(folder: &Path, end: &str) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).find_map(|path| match path.is_dir() {
        true => find(&path, end),
        false => path.to_str().unwrap().ends_with(end).then_some(path),
    })
}

/// What was done, in numbers.
#[derive(Default)]
struct Figures {
    lives: usize,
    /// Of each verb, how many were killed, and how many ended by themselves.
    killed: BTreeMap<String, usize>,
    ended: BTreeMap<String, usize>,
    checks: usize,
    compared: usize,
    given_back: usize,
}

impl Figures {
    /// How many of codex-git's were killed.
    fn killed(&self) -> usize {
        self.killed.iter().filter(|(verb, _)| !verb.starts_with("git ")).map(|(_, number)| number).sum()
    }

    fn add(&mut self, lived: Self) {
        lived.killed.into_iter().for_each(|(verb, number)| *self.killed.entry(verb).or_default() += number);
        lived.ended.into_iter().for_each(|(verb, number)| *self.ended.entry(verb).or_default() += number);
        self.lives += lived.lives;
        self.checks += lived.checks;
        self.compared += lived.compared;
        self.given_back += lived.given_back;
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { lives, killed, ended, checks, compared, given_back } = self;
        writeln!(
            f,
            "{} kills of codex-git in {lives} lives; {checks} checks of everything, {compared} of a file, {given_back} given back",
            self.killed()
        )?;
        write!(f, "killed: {killed:?}\nended: {ended:?}")
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
