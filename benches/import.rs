//! The first import of everything.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::Scale;
use crate::corpus::{Session, many, put};
use crate::run::{Table, Unit, bytes, fed, git, median, ours, run, store};

pub fn imports(scale: Scale, table: &mut Table) {
    for (sessions, size) in [scale.large, scale.many] {
        corpus(sessions, size, table);
    }
    killed(scale, table);
    forked(table);
}

fn corpus(sessions: usize, size: usize, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    many(&home, sessions, size, false);
    run(ours(&home, &["-q", "init"]));
    let stream = folder.join("stream");
    let mut export = git(&store(&home), &["fast-export", "--all", "--signed-tags=verbatim"]);
    assert!(export.stdout(fs::File::create(&stream).unwrap()).status().unwrap().success());
    let packed = bytes(&store(&home).join("objects"));
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..3 {
        fs::rename(store(&home), folder.join(format!("old-{round}"))).unwrap();
        own.push(run(ours(&home, &["-q", "init"])));
        if round < 1 || size < 100 << 20 {
            let imported = folder.join(format!("imported-{round}.git"));
            run(git(&imported, &["init", "-q", "--bare", imported.to_str().unwrap()]));
            theirs.push(fed(git(&imported, &["fast-import", "--quiet"]), &stream));
        }
    }
    let what = format!("import of {sessions} sessions, {} MB", bytes(&home.join("sessions")) / 1_000_000);
    table.compare(&what, median(own), ("`git fast-import`", median(theirs)), 0.12, Unit::Seconds);
    let fast = bytes(&folder.join("imported-0.git/objects"));
    table.compare("… size of the objects", packed as f64, ("its pack", fast as f64), 1.0, Unit::Bytes);
    let zstd = zstd_of(&home.join("sessions"));
    table.compare("… size of the objects", packed as f64, ("`zstd -3` of each file", zstd as f64), 1.06, Unit::Bytes);
}

fn zstd_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap();
    let of = |entry: fs::DirEntry| {
        if entry.metadata().unwrap().is_dir() {
            return zstd_of(&entry.path());
        }
        zstd::encode_all(fs::File::open(entry.path()).unwrap(), 3).unwrap().len() as u64
    };
    entries.map(|entry| of(entry.unwrap())).sum()
}

/// An import that is killed after two thirds of its time, and run again.
fn killed(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    many(&home, scale.large.0, scale.large.1, false);
    let whole = run(ours(&home, &["-q", "init"]));
    fs::rename(store(&home), folder.join("whole")).unwrap();
    let mut child = ours(&home, &["-q", "init"]).stdin(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * 0.67));
    child.kill().unwrap();
    child.wait().unwrap();
    let first = began.elapsed();
    let again = run(ours(&home, &["-q", "init"]));
    let what = format!("import killed after {:.0} %, run again", first.as_secs_f64() / whole.as_secs_f64() * 100.0);
    table.compare(&what, again.as_secs_f64(), ("the whole", whole.as_secs_f64()), 0.85, Unit::Seconds);
}

/// One session and eight that go on from its first 80 %.
fn forked(table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    let mut base = Session::new(1);
    let (meta, turns) = (base.meta(), (0..100).map(|_| base.turn(30_000)).collect::<Vec<_>>());
    put(&home, &base.name, &(meta + &turns.concat()));
    for number in 2..10 {
        let mut fork = Session::new(number);
        let (meta, shared) = (fork.meta(), turns[..80].concat());
        let own: String = (0..1).map(|_| fork.turn(30_000)).collect();
        put(&home, &fork.name, &(meta + &shared + &own));
    }
    run(ours(&home, &["-q", "init"]));
    let (kept, raw) = (bytes(&store(&home).join("objects")), bytes(&home.join("sessions")));
    table.compare("a session and 8 forks of it, size", kept as f64, ("the rollouts", raw as f64), 0.10, Unit::Bytes);
}
