//! Keeping a project's files at each turn, beside tuned `git add -A` and `git write-tree` with an index of its own; a folder with a turn's files
//! beside `git worktree add`.
//!
//! What is compared is the processor's time: how long the disk takes is another's business, and the same for both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::Scale;
use crate::corpus::{one, place};
use crate::run::{Table, Unit, bytes, fed, median, ours, output, peak, run};

/// So many files a folder has.
const FOLDER: usize = 12;
/// A file that changed so shortly before a look is read again by the next.
const SETTLED: Duration = Duration::from_millis(2500);
/// The process that a hook leaves its work to has ended by then.
const PAUSE: Duration = Duration::from_millis(250);

/// More memory than that no look may take.
const MOST: f64 = 64e6;

pub fn snapshots(scale: Scale, table: &mut Table) {
    let files = scale.crowd / 10;
    let (root, home) = looks(files, scale.rounds.min(15), table);
    folders(files, (&root, &home), table);
    hooks(scale, (&root, &home), table);
    looks(scale.crowd, scale.rounds.min(5), table);
}

/// Looks at a project of so many files. Gives it, and the codex home.
fn looks(files: usize, rounds: usize, table: &mut Table) -> (PathBuf, PathBuf) {
    let (folder, home) = (table.folder(), table.folder());
    let root = folder.join("project");
    fill(&root, files);
    one(&home, 3, 3000);
    run(ours(&home, &["-q", "init", "--no-hooks"]));
    std::thread::sleep(SETTLED);
    let snap = |home: &Path| {
        let mut command = ours(home, &["-q", "code", "snap"]);
        command.current_dir(&root);
        command
    };
    let of = |what: &str| format!("{what} of {files} files, in the processor's time");
    let (first, by_git) = (rounds.div_ceil(5), folder.join("by-git"));
    let reference = cpu(first, |round| by_own_index(&root, &by_git.join(round.to_string())));
    let own = cpu(first, |_| {
        fs::remove_dir_all(home.join("code")).ok();
        run(snap(&home));
    });
    table.compare(&of("first code snapshot"), own, ("`git add -A`", reference), 0.1, Unit::Seconds);
    let size = bytes(&home.join("code")) as f64;
    let packed = bytes(&by_git.join("0/objects")) as f64;
    table.compare(&format!("… its size, of {files} files"), size, ("git's objects", packed), 0.1, Unit::Bytes);
    let index = by_git.join("0");
    fs::remove_dir_all(home.join("code")).ok();
    let memory = peak(snap(&home)) as f64;
    table.limit(&format!("memory of the first code snapshot of {files} files"), memory, MOST, Unit::Bytes);
    for (changed, reach) in [(0, 1.15), (10, 1.0), (100, 0.9)] {
        let change = |round: usize| (0..changed).for_each(|n| rewrite(&root, n * files / 100 % files, round));
        let reference = cpu_of(rounds, &change, |_| by_own_index(&root, &index));
        let own = cpu_of(rounds, &change, |_| _ = run(snap(&home)));
        let what = if changed == 0 {
            "code snapshot, nothing changed,".to_owned()
        } else {
            format!("code snapshot, {changed} files changed,")
        };
        table.compare(&of(&what), own, ("`git add -A`", reference), reach, Unit::Seconds);
    }
    (root, home)
}

/// A folder with the files of a turn.
fn folders(files: usize, (root, home): (&Path, &Path), table: &mut Table) {
    let session = output(ours(home, &["list", "--all", "--json"]));
    let id = session.split("\"session\":\"").nth(1).and_then(|rest| rest.get(..36)).unwrap().to_owned();
    let turn = output(crate::run::git(
        &crate::run::store(home),
        &["log", "-1", "--format=%(trailers:key=Codex-Turn-Id,valueonly)", &id],
    ));
    let rollout = output(ours(home, &["--json", "restore", &id]));
    let rollout =
        rollout.split("\"rolloutPath\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    run(ours(home, &["-q", "code", "on"]));
    let turn = turn.lines().next().unwrap().trim().to_owned();
    run(ours(home, &["hook", "--after", "Stop", "--turn", &turn, "--cwd", root.to_str().unwrap(), "--", &rollout]));
    let (mut own, mut reference) = (Vec::new(), Vec::new());
    for round in 0..3 {
        let place = |what: &str| root.with_extension(format!("{what}-{round}"));
        let mut git = Command::new("git");
        git.arg("-C").arg(root).args(["worktree", "add", "-q", "--detach"]).arg(place("git"));
        reference.push(run(git));
        own.push(run(ours(home, &["-q", "--no-codex", "fork", &id, "--worktree", place("own").to_str().unwrap()])));
    }
    let work = format!("fork with a folder of {files} files");
    table.compare(&work, median(own), ("`git worktree add`", median(reference)), 0.7, Unit::Seconds);
}

/// What the hook costs Codex, told of a turn in a directory: in a home with code on, and in one with code off, one after the other. Each turn is
/// another, so that the process that it leaves the work to has to look at all files.
fn hooks(scale: Scale, (root, home): (&Path, &Path), table: &mut Table) {
    let other = table.folder();
    let homes = [(home, "on"), (&*other, "off")].map(|(home, switch)| {
        let session = one(home, 3, 3000);
        run(ours(home, &["-q", "init", "--no-hooks"]));
        run(ours(home, &["-q", "code", switch]));
        (home, place(home, &session.name))
    });
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..scale.rounds {
        for ((home, rollout), took) in homes.iter().zip(&mut took) {
            let event = home.join("event.json");
            let told = format!(
                r#"{{"hook_event_name":"UserPromptSubmit","transcript_path":"{}","prompt":"go on","turn_id":"t{round}","cwd":"{}"}}"#,
                rollout.display(),
                root.display()
            );
            fs::write(&event, told).unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_codex-git"));
            command.arg("hook").env_remove("CODEX_THREAD_ID");
            took.push(fed(command, &event));
            std::thread::sleep(PAUSE);
        }
    }
    let [own, reference] = took.map(median);
    let work = "a hook with code on, as Codex waits for it";
    table.compare(work, own, ("with code off", reference), 1.02, Unit::Seconds);
}

/// A repository with so many files, each of its own text, all committed.
fn fill(root: &Path, files: usize) {
    (0..files).for_each(|n| rewrite(root, n, 0));
    for words in [
        &["init", "-q"][..],
        &["config", "user.name", "a"],
        &["config", "user.email", "a@b"],
        &["add", "-A"],
        &["commit", "-q", "-m", "x"],
        &["repack", "-adq"],
    ] {
        let mut git = Command::new("git");
        git.arg("-C").arg(root).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null");
        run(git);
    }
}

fn rewrite(root: &Path, n: usize, round: usize) {
    let folder = root.join(format!("d{}/e{}", n / FOLDER / FOLDER, n / FOLDER));
    fs::create_dir_all(&folder).unwrap();
    let line = |line: usize| {
        format!("    let value_{} = compute({n}, {}, {round}); // of file {n}\n", line * 7 % 31, line * n % 1009)
    };
    let text: String = (0..150 + n % 80).map(line).collect();
    fs::write(folder.join(format!("file_{n}.rs")), text).unwrap();
}

/// The best way to have git make a tree of a folder: an index of its own, in its fastest form.
fn by_own_index(root: &Path, store: &Path) {
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(store).arg("--work-tree").arg(root).env("GIT_CONFIG_GLOBAL", "/dev/null");
        git.args([
            "-c",
            "core.untrackedCache=true",
            "-c",
            "index.version=4",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.bigFileThreshold=1",
        ]);
        git.args(words);
        run(git);
    };
    if !store.exists() {
        let mut init = Command::new("git");
        init.args(["init", "-q", "--bare"]).arg(store);
        run(init);
    }
    git(&["add", "-A"]);
    git(&["write-tree"]);
}

/// How much of the processor's time a program takes that is run so often, in seconds.
fn cpu(rounds: usize, act: impl Fn(usize)) -> f64 {
    cpu_of(rounds, &|_| {}, act)
}

fn cpu_of(rounds: usize, before: &dyn Fn(usize), act: impl Fn(usize)) -> f64 {
    let mut used = 0;
    for round in 0..rounds {
        before(round);
        let begun = ticks();
        act(round);
        used += ticks() - begun;
    }
    // As everywhere on Linux, a hundred a second.
    used as f64 / 100.0 / rounds as f64
}

/// The processor's time of all programs that were run and have ended, as Linux counts it.
fn ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[13].parse::<u64>().unwrap() + fields[14].parse::<u64>().unwrap()
}
