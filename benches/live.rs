//! One turn that just ended, recorded by a process of its own, or by one that watches.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use libdeflater::{CompressionLvl, Compressor};
use sha1::{Digest, Sha1};

use crate::Scale;
use crate::corpus::{Session, one, other_branch, place};
use crate::run::{Table, Unit, git, median, ours, output, run, store};

/// A turn of 30 KB.
const TURN: usize = 30_000;

/// A home with a session that goes on.
struct Live {
    home: PathBuf,
    session: Session,
    took: Vec<Duration>,
}

impl Live {
    fn new(home: PathBuf, turns: usize) -> Self {
        let session = one(&home, turns, TURN);
        run(ours(&home, &["-q", "init"]));
        Self { home, session, took: Vec::new() }
    }

    /// Another turn ends; tells its bytes.
    fn turn(&mut self) -> String {
        let turn = self.session.turn(TURN);
        let path = place(&self.home, &self.session.name);
        File::options().append(true).open(&path).unwrap().write_all(turn.as_bytes()).unwrap();
        self.took.push(run(ours(&self.home, &["-q", "record", path.to_str().unwrap()])));
        turn
    }

    /// Another turn ends, which `watch` records.
    fn watched_turn(&mut self) {
        let branch = store(&self.home).join("refs/heads").join(&self.session.id);
        let before = fs::read(&branch).unwrap_or_default();
        let turn = self.session.turn(TURN);
        let path = place(&self.home, &self.session.name);
        let began = Instant::now();
        File::options().append(true).open(&path).unwrap().write_all(turn.as_bytes()).unwrap();
        while fs::read(&branch).unwrap_or_default() == before {
            assert!(began.elapsed() < Duration::from_secs(60), "nobody records it");
            thread::sleep(Duration::from_micros(20));
        }
        self.took.push(began.elapsed());
    }

    fn median(&self) -> f64 {
        median(self.took.clone())
    }
}

/// A process of ours that records what others write, until it is dropped.
struct Watch(Child);

impl Watch {
    /// Begins to watch a home; it does when a first turn is recorded.
    fn over(live: &mut Live) -> Self {
        let watch = Self(ours(&live.home, &["-q", "watch"]).stdout(Stdio::null()).spawn().unwrap());
        live.watched_turn();
        live.took.clear();
        watch
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

pub fn turns(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let at = |name: &str| folder.join(name);
    let mut live = Live::new(at("live"), 10);
    let mut long = Live::new(at("long"), scale.long);
    let mut branches = Live::new(at("branches"), 10);
    crowd_branches(&branches, scale.crowd);
    let mut loose = Live::new(at("loose"), 10);
    crowd_objects(&store(&loose.home), scale.crowd);
    let mut watched = Live::new(at("watched"), 10);
    let watch = Watch::over(&mut watched);
    let (mut fast, mut plumbing) = (Repo::new(at("fast.git")), Repo::new(at("plumbing.git")));
    let mut empty = Vec::new();
    for _ in 0..scale.rounds {
        // The first of a round pays for what the others left in the caches, and none of these shall be the first.
        run(ours(&live.home, &["--version"]));
        let turn = live.turn();
        watched.watched_turn();
        fast.fast_import(&turn);
        plumbing.six_calls(&turn);
        empty.push(run(ours(&live.home, &["--version"])));
        run(ours(&live.home, &["--version"]));
        for crowded in [&mut long, &mut branches, &mut loose] {
            crowded.turn();
        }
    }
    let (now, empty) = (live.median(), median(empty));
    let ours = "a turn of 30 KB, process and sync";
    table.compare(ours, now, ("`git fast-import`", median(fast.took)), 0.35, Unit::Seconds);
    table.compare(ours, now, ("six git calls", median(plumbing.took)), 0.20, Unit::Seconds);
    table.compare(ours, now, ("empty process", empty), 3.0, Unit::Seconds);
    drop(watch);
    table.compare("the same turn, recorded by `watch`", watched.median(), ("a process", now), 0.45, Unit::Seconds);
    let few = format!("turn {} of a session", scale.long);
    table.compare(&few, long.median(), ("turn 10", now), 1.15, Unit::Seconds);
    let many = format!("a turn beside {} branches", scale.crowd);
    table.compare(&many, branches.median(), ("alone", now), 1.3, Unit::Seconds);
    let many = format!("a turn beside {} loose objects", scale.crowd);
    table.compare(&many, loose.median(), ("alone", now), 1.2, Unit::Seconds);
}

fn crowd_branches(live: &Live, count: usize) {
    let store = store(&live.home);
    let tip = output(git(&store, &["rev-parse", &format!("refs/heads/{}", live.session.id)]));
    let mut names: Vec<String> = (0..count).map(other_branch).collect();
    names.push(format!("refs/heads/{}", live.session.id));
    names.sort();
    let refs: String = names.iter().map(|name| format!("{tip} {name}\n")).collect();
    fs::write(store.join("packed-refs"), format!("# pack-refs with: peeled fully-peeled sorted \n{refs}")).unwrap();
}

fn crowd_objects(store: &Path, count: usize) {
    let mut deflater = Compressor::new(CompressionLvl::default());
    for number in 0..count {
        let object = format!("blob 12\0{number:012}");
        let id: String = Sha1::digest(&object).iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = store.join("objects").join(&id[..2]);
        fs::create_dir_all(&folder).unwrap();
        let mut stream = vec![0; 100];
        let len = deflater.zlib_compress(object.as_bytes(), &mut stream).unwrap();
        fs::write(folder.join(&id[2..]), &stream[..len]).unwrap();
    }
}

/// A repository that other means write the same turns into.
struct Repo {
    path: PathBuf,
    turns: usize,
    took: Vec<Duration>,
}

impl Repo {
    fn new(path: PathBuf) -> Self {
        run(git(&path, &["init", "-q", "--bare", path.to_str().unwrap()]));
        Self { path, turns: 0, took: Vec::new() }
    }

    fn fast_import(&mut self, turn: &str) {
        self.turns += 1;
        let from = if self.turns > 1 { "from refs/heads/main^0\n" } else { "" };
        let commit = format!(
            "commit refs/heads/main\ncommitter a <b> {} +0000\ndata 5\nturn\n{from}M 100644 inline 0000/{:02}.jsonl\ndata {}\n{turn}\n",
            self.turns,
            self.turns,
            turn.len()
        );
        let began = Instant::now();
        let mut import = git(&self.path, &["fast-import", "--quiet"]);
        let mut child = import.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(commit.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        self.took.push(began.elapsed());
    }

    fn six_calls(&mut self, turn: &str) {
        self.turns += 1;
        let file = self.path.with_extension("jsonl");
        fs::write(&file, turn).unwrap();
        let name = format!("0000/{:02}.jsonl", self.turns);
        let call = |words: &[&str]| {
            let mut command: Command = git(&self.path, words);
            command.env("GIT_AUTHOR_NAME", "a").env("GIT_AUTHOR_EMAIL", "b");
            command.env("GIT_COMMITTER_NAME", "a").env("GIT_COMMITTER_EMAIL", "b");
            command
        };
        let began = Instant::now();
        let parent = if self.turns > 1 { output(call(&["rev-parse", "refs/heads/main"])) } else { String::new() };
        let blob = output(call(&["hash-object", "-w", file.to_str().unwrap()]));
        output(call(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{name}")]));
        let tree = output(call(&["write-tree"]));
        let mut words = vec!["commit-tree", "-m", "turn", &tree];
        if !parent.is_empty() {
            words.extend(["-p", &parent]);
        }
        let commit = output(call(&words));
        output(call(&["update-ref", "refs/heads/main", &commit]));
        self.took.push(began.elapsed());
    }
}
