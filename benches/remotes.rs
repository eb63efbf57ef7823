//! Sharing by a remote that is reached by http: many sessions, beside the same history in a repository with a ref for each session, as plain git
//! would keep it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Scale;
use crate::corpus::{Session, place, small, small_id, small_turn};
use crate::git_host::GitHost;
use crate::run::{Table, Unit, git, median, ours, output, run, store};

/// A turn of 30 KB.
const TURN: usize = 30_000;

/// The session that nobody went on with for years.
const OLD: usize = 3;

/// All branches, as plain git fetches them: it does not know which have news.
const ALL: &str = "refs/heads/*:refs/heads/*";

/// A machine that pushes many sessions, one that pulls them, and the host between them.
struct Machines {
    folder: PathBuf,
    sessions: usize,
    here: PathBuf,
    there: PathBuf,
    host: GitHost,
    /// What plain git fetches into.
    mirror: PathBuf,
    recent: (Session, PathBuf),
    old: PathBuf,
}

/// What a machine set up with everything took, and the same by plain git.
struct Clones {
    cloned: Duration,
    mirrored: Duration,
    /// The bytes that say what there is, and that git takes for the same.
    listing: [u64; 2],
}

/// What the work of some rounds took.
#[derive(Default)]
struct Took {
    idle: Vec<Duration>,
    listed: Vec<Duration>,
    pushed: Vec<Duration>,
    pushed_one: Vec<Duration>,
    pushed_old: Vec<Duration>,
    pushed_one_old: Vec<Duration>,
    pulled: Vec<Duration>,
    fetched: Vec<Duration>,
    down: u64,
    /// The bytes that went up for a turn, and that its pack has.
    up: [u64; 2],
}

pub fn remotes(scale: Scale, table: &mut Table) {
    let rounds = scale.rounds.min(9);
    let [many, most] = [scale.look[1], scale.look[2]].map(|sessions| {
        let (mut machines, clones) = Machines::new(table.folder(), sessions);
        let took = machines.go_on(rounds);
        tell(table, sessions, &clones, &took);
        median(took.pushed)
    });
    let few = (&*format!("of one of {}", scale.look[1]), many);
    table.compare(&format!("push a turn of one of {} sessions", scale.look[2]), most, few, 3.0, Unit::Seconds);
}

fn tell(table: &mut Table, sessions: usize, clones: &Clones, took: &Took) {
    let of = format!("of {sessions} sessions");
    let middle = |all: &Vec<Duration>| median(all.clone());
    let mut compare = |work: &str, ours: &Vec<Duration>, (name, theirs): (&str, &Vec<Duration>), reach| {
        table.compare(work, middle(ours), (name, middle(theirs)), reach, Unit::Seconds);
    };
    let (push, fetch) = ("`git push` of its branch", "`git fetch` of all branches");
    compare(&format!("pull {of}, nothing new"), &took.idle, ("`git ls-remote`", &took.listed), 1.5);
    compare(&format!("push a turn of one {of}"), &took.pushed, (push, &took.pushed_one), 0.2);
    compare(&format!("… of an old one {of}"), &took.pushed_old, (push, &took.pushed_one_old), 0.35);
    compare(&format!("pull a turn of one {of}"), &took.pulled, (fetch, &took.fetched), 0.15);
    let (cloned, mirrored) = (vec![clones.cloned], vec![clones.mirrored]);
    compare(&format!("clone {of}"), &cloned, ("`git clone --mirror`, checking objects", &mirrored), 1.2);
    let [listing, refs] = clones.listing.map(|bytes| bytes as f64);
    table.compare(&format!("bytes that list {of}"), listing, ("`git ls-remote`", refs), 0.7, Unit::Bytes);
    table.limit("bytes down for a turn that is pushed", took.down as f64, 2e3, Unit::Few);
    let [up, pack] = took.up;
    table.limit("bytes up for it, beyond its pack", up.saturating_sub(pack) as f64, 3e3, Unit::Few);
}

impl Machines {
    /// Makes sessions, pushes them, and sets the other machine up with them.
    fn new(folder: PathBuf, sessions: usize) -> (Self, Clones) {
        let at = |name: &str| folder.join(name);
        let (here, there) = (at("here"), at("there"));
        let made = (0..sessions).map(|number| small(&here, number, day(number, sessions), Path::new("/home/dev/work")));
        let old = made.collect::<Vec<_>>().swap_remove(OLD);
        let mut session = Session::new(7);
        let rollout = place(&here, &session.name);
        fs::create_dir_all(rollout.parent().unwrap()).unwrap();
        fs::write(&rollout, session.meta() + &session.turn(TURN)).unwrap();
        run(ours(&here, &["-q", "init", "--no-hooks"]));
        run(git(&at("shared.git"), &["init", "-q", "--bare"]));
        // Not pushed: for each of so many refs, git looks through all of them.
        let (from, plain) = (store(&here), at("plain.git"));
        run(git(&from, &["clone", "-q", "--mirror", from.to_str().unwrap(), plain.to_str().unwrap()]));
        for bare in ["shared.git", "plain.git"] {
            run(git(&at(bare), &["config", "http.receivepack", "true"]));
        }
        let (host, mirror) = (GitHost::start(&folder), at("mirror.git"));
        let machines = Self { folder, sessions, here, there, host, mirror, recent: (session, rollout), old };
        run(ours(&machines.here, &["-q", "remote", "add", "origin", &machines.shared(), "--share", "all"]));
        run(ours(&machines.here, &["-q", "push"]));
        let clones = machines.clones();
        (machines, clones)
    }

    fn clones(&self) -> Clones {
        fs::create_dir_all(&self.there).unwrap();
        let refs = self.moved(|| run(git(&self.here, &["ls-remote", "-q", &self.plain()]))).1;
        let mirrored = run(self.clone_all());
        run(ours(&self.there, &["-q", "init", "--no-hooks"]));
        run(ours(&self.there, &["-q", "remote", "add", "origin", &self.shared(), "--share", "all"]));
        let listing = self.moved(|| run(ours(&self.there, &["--no-pager", "list", "--remote"]))).1;
        fs::remove_dir_all(&self.there).unwrap();
        fs::create_dir_all(&self.there).unwrap();
        let cloned = run(ours(&self.there, &["-q", "clone", "--no-hooks", &self.shared()]));
        // As `git gc` does there: without it git walks all that there is to find what an old session's turn goes on from.
        for repository in [&store(&self.here), &self.folder.join("shared.git"), &self.folder.join("plain.git")] {
            run(git(repository, &["commit-graph", "write", "--reachable", "--no-progress"]));
        }
        Clones { cloned, mirrored, listing: [listing[1], refs[1]] }
    }

    /// Has a turn more each round, which is pushed and pulled.
    fn go_on(&mut self, rounds: usize) -> Took {
        let mut took = Took::default();
        for round in 0..rounds {
            took.idle.push(run(ours(&self.there, &["-q", "pull"])));
            took.listed.push(run(git(&self.mirror, &["ls-remote", "-q", &self.shared()])));

            let (session, rollout) = &mut self.recent;
            append(rollout, &session.turn(TURN));
            let before = self.end();
            run(ours(&self.here, &["-q", "record"]));
            let (pushed, [up, down]) = self.moved(|| run(ours(&self.here, &["-q", "push"])));
            took.pushed.push(pushed);
            (took.up, took.down) = ([up, self.pack(&before)], down);
            took.pushed_one.push(run(self.push_one(&self.recent.0.id)));
            took.pulled.push(run(ours(&self.there, &["-q", "pull"])));
            took.fetched.push(run(git(&self.mirror, &["fetch", "-q", &self.plain(), ALL])));

            let old_id = small_id(OLD, day(OLD, self.sessions));
            append(&self.old, &small_turn(OLD, day(OLD, self.sessions), round + 3));
            run(ours(&self.here, &["-q", "record"]));
            took.pushed_old.push(run(ours(&self.here, &["-q", "push"])));
            took.pushed_one_old.push(run(self.push_one(&old_id)));
            run(ours(&self.there, &["-q", "pull"]));
            run(git(&self.mirror, &["fetch", "-q", &self.plain(), ALL]));
        }
        took
    }

    /// Does something, and says how many bytes the host took and gave for it.
    fn moved<T>(&self, act: impl FnOnce() -> T) -> (T, [u64; 2]) {
        self.host.moved();
        let done = act();
        (done, self.host.moved())
    }

    /// Where the recent session ends.
    fn end(&self) -> String {
        output(git(&store(&self.here), &["rev-parse", &format!("refs/heads/{}", self.recent.0.id)]))
    }

    /// The bytes of a pack of what the recent session has since a commit.
    fn pack(&self, before: &str) -> u64 {
        let mut packing = git(&store(&self.here), &["pack-objects", "--stdout", "--thin", "--revs", "-q"]);
        let mut child = packing.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        write!(child.stdin.take().unwrap(), "{}\n^{before}\n", self.end()).unwrap();
        child.wait_with_output().unwrap().stdout.len() as u64
    }

    fn shared(&self) -> String {
        self.host.address("shared.git")
    }

    fn plain(&self) -> String {
        self.host.address("plain.git")
    }

    /// Pushes the branch of a session, as whoever knows which one has news would.
    fn push_one(&self, id: &str) -> Command {
        let branch = format!("refs/heads/{id}");
        git(&store(&self.here), &["push", "-q", "--no-verify", &self.plain(), &branch])
    }

    /// A clone that checks objects, as what comes from elsewhere should be.
    fn clone_all(&self) -> Command {
        let mut command = Command::new("git");
        command.args(["-c", "fetch.fsckObjects=true", "clone", "-q", "--mirror", &self.plain()]).arg(&self.mirror);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", "/nonexistent");
        command
    }
}

/// The day of a session of so many.
fn day(number: usize, sessions: usize) -> usize {
    number * 900 / sessions
}

fn append(rollout: &Path, turn: &str) {
    File::options().append(true).open(rollout).unwrap().write_all(turn.as_bytes()).unwrap();
}
