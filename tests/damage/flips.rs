//! One bit of a store turned over, anywhere: no command is ended by it, hangs, or gives wrong data as right.
//!
//! A small store with everything in it (packs, loose objects, saves, packed refs, logs, notes) gets one bit flipped; then commands run on
//! it, each with bounded memory and time. `CODEX_GIT_FLIPS=500` tries so many flips instead of a few, `CODEX_GIT_FLIPS=500:7` others, `CODEX_GIT_FLIPS=all` one in every byte.
//! What must hold after each:
//!
//! - a command ends with 0 or 1, by no signal, in time; with 1 it says `error: `;
//! - what it prints with 0 is what it prints of the sound store, or what is missing there is told;
//! - what it removes (evict) comes back to the byte;
//! - afterwards `verify --repair` leaves every object in place that it doesn't name as lost, and sessions read as before, or are told
//!   to be broken.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home, Ran, ran};

/// How many flips are tried where nobody asks for more.
const FEW: usize = 45;

/// Bytes of address space, in KiB, and seconds that a command may take.
const BOUNDS: &str = "ulimit -v 4000000; exec timeout -k 1 60 \"$@\"";

/// A bit of a file of the store.
#[derive(Clone, Debug)]
struct Flip {
    file: PathBuf,
    byte: usize,
    bit: u8,
}

/// A home, and what its store says while it is sound.
struct Sound {
    home: Home,
    outputs: BTreeMap<String, BTreeSet<String>>,
    objects: BTreeSet<String>,
    rollouts: BTreeMap<PathBuf, Vec<u8>>,
    /// A session with its rollout, and one without.
    with: String,
    without: String,
}

/// A home of some twenty sessions. Every third has no rollout any more.
fn sound() -> Sound {
    let cases = Fixture::all();
    let home = Home::with(&cases.iter().map(String::as_str).collect::<Vec<_>>());
    for case in ["forks", "revert"] {
        Fixture::lineage(case).iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
    }
    home.ok("init -q --no-hooks");
    let packed = Synthetic::new(1);
    for turns in 1..=3 {
        home.put(&packed.name, packed.rollout(turns, 200).as_bytes());
        home.ok(&format!("save packed-{turns} {}", packed.id));
    }
    home.ok("gc -q");
    let (loose, gone) = (Synthetic::new(2), Synthetic::new(3));
    for session in [&loose, &gone] {
        for turns in 1..=3 {
            home.put(&session.name, session.rollout(turns, 200).as_bytes());
            home.ok(&format!("save {}-{turns} {}", &session.id[35..], session.id));
        }
    }
    home.ok(&format!("fork {}~1", loose.id));
    home.ok("list -q");
    for (_, rollout) in rollouts(&home.path().join("sessions"))
        .into_iter()
        .zip(0..)
        .filter(|(_, n)| n % 3 == 2)
        .map(|(file, n)| (n, file))
    {
        fs::remove_file(rollout.0).unwrap();
    }
    fs::remove_file(home.place(&gone.name)).ok();
    let mut outputs = BTreeMap::new();
    for words in reading(&loose.id, &gone.id) {
        outputs.insert(words.clone(), lines(&home.ok(&words).stdout));
    }
    let objects = home.git("cat-file --batch-all-objects --batch-check=%(objectname)");
    let rollouts = rollouts(&home.path().join("sessions")).into_iter().collect();
    Sound { outputs, objects: lines(&objects), rollouts, home, with: loose.id, without: gone.id }
}

fn rollouts(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rollouts(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

/// Commands that give data.
fn reading(with: &str, without: &str) -> Vec<String> {
    let mut all = vec!["list --all --subagents --json".to_owned(), "saves --json".to_owned()];
    for id in [with, without] {
        all.extend([format!("log --json {id}"), format!("show --json {id}"), format!("log --json {id}~1")]);
    }
    all.extend(["show --json packed-2".to_owned(), "search --json . --in prompt".to_owned()]);
    all
}

/// Commands that change something.
fn writing(with: &str, without: &str) -> Vec<String> {
    vec![
        "doctor --json".to_owned(),
        "verify".to_owned(),
        "record".to_owned(),
        format!("save new {with}"),
        format!("fork {without} --name new"),
        "gc".to_owned(),
        "evict --larger-than 1".to_owned(),
        "restore --deleted".to_owned(),
        "save --delete new".to_owned(),
    ]
}

fn bounded(home: &Home, words: &str) -> Ran {
    let inner = home.command();
    let mut command = Command::new("sh");
    command.args(["-c", BOUNDS, "sh"]).arg(inner.get_program()).args(words.split(' ')).current_dir(home.work());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    // Codex's own part of a fork is not what is tried.
    command.env("PATH", "/usr/bin:/bin");
    ran(command.output().unwrap())
}

/// Runs a command and says what is wrong with how it ended.
fn run(home: &Home, words: &str) -> Result<Ran, String> {
    let ran = bounded(home, words);
    // With --json the problems are data.
    let told = ran.stderr.contains("error: ") || (words.contains("--json") && ran.stdout.contains("\"problem\":"));
    match ran.code {
        0 => Ok(ran),
        1 if told && !ran.stderr.contains("panicked") => Ok(ran),
        code => Err(format!("`{words}` ended with {code}: {}", ran.stderr)),
    }
}

/// Whether a command said that something is not there.
fn tells(stderr: &str) -> bool {
    ["warning: ", "error: ", "could not be recorded", "was rewritten", "was joined"]
        .iter()
        .any(|word| stderr.contains(word))
}

fn try_flip(sound: &Sound, flip: &Flip) -> Result<usize, String> {
    let home = sound.home.copy();
    let file = home.store().join(&flip.file);
    let mut bytes = fs::read(&file).unwrap();
    bytes[flip.byte] ^= 1 << flip.bit;
    super::write(&file, &bytes);
    let mut commands = 0;
    for words in reading(&sound.with, &sound.without) {
        let ran = run(&home, &words)?;
        commands += 1;
        if ran.code == 0 && lines(&ran.stdout) != sound.outputs[&words] && !tells(&ran.stderr) {
            let now = lines(&ran.stdout);
            let (more, less) = (now.difference(&sound.outputs[&words]), sound.outputs[&words].difference(&now));
            let (more, less) = (more.collect::<Vec<_>>(), less.collect::<Vec<_>>());
            return Err(format!("`{words}` gives other data without a word:\n+ {more:?}\n- {less:?}\n{}", ran.stderr));
        }
    }
    for words in writing(&sound.with, &sound.without) {
        run(&home, &words)?;
        commands += 1;
    }
    let repaired = run(&home, "verify --repair --json")?;
    let restored = run(&home, "restore --deleted")?;
    commands += 2;
    for (path, bytes) in &sound.rollouts {
        let path = home.path().join(path.strip_prefix(sound.home.path()).unwrap());
        match fs::read(&path) {
            Ok(now) if now == *bytes => {}
            // What it goes on from had no file before, and the store has lost that.
            Err(_) if repaired.code == 1 && restored.code == 1 => {}
            _ => return Err(format!("`{}` is not what it was: {}", path.display(), restored.stderr)),
        }
    }
    let first = repaired.stdout.lines().next().unwrap_or("{}");
    let Ok(first) = serde_json::from_str::<serde_json::Value>(first) else { return Ok(commands) };
    if first["objectsLost"].is_null() {
        // The store could not be opened at all, and said so.
        return if repaired.code == 1 { Ok(commands) } else { Err(repaired.stdout) };
    }
    let lost: BTreeSet<String> =
        first["objectsLost"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    if repaired.code == 0 {
        let there = lines(&home.git("cat-file --batch-all-objects --batch-check=%(objectname)"));
        if let Some(id) = sound.objects.iter().find(|id| !there.contains(*id) && !lost.contains(*id)) {
            return Err(format!("object {id} is gone"));
        }
    }
    for words in reading(&sound.with, &sound.without).iter().filter(|words| words.starts_with("show --json 0")) {
        let ran = run(&home, words)?;
        commands += 1;
        if ran.code == 0 && lines(&ran.stdout) != sound.outputs[words] {
            return Err(format!("`{words}` gives other data after the repair"));
        }
        if repaired.code == 0 && ran.code != 0 {
            return Err(format!("`{words}` fails after the repair: {}", ran.stderr));
        }
    }
    Ok(commands)
}

/// The files of the store that hold something, by what they are.
fn files(store: &Path) -> BTreeMap<&'static str, Vec<(PathBuf, usize)>> {
    let (mut kinds, mut left): (BTreeMap<_, Vec<_>>, _) = (BTreeMap::new(), vec![store.to_owned()]);
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let (path, data) = (entry.as_ref().unwrap().path(), entry.unwrap().metadata().unwrap());
            if data.is_dir() {
                left.push(path);
                continue;
            }
            let inside = path.strip_prefix(store).unwrap().to_owned();
            let kind = match inside.to_str().unwrap() {
                name if name.ends_with(".pack") => "pack",
                name if name.ends_with(".idx") => "index",
                name if name.starts_with("objects/") => "loose object",
                name if name.starts_with("refs/") => "ref",
                name if name.starts_with("logs/") => "log",
                name if name.starts_with("codex-git.") => "note",
                "packed-refs" => "packed refs",
                "config" => "settings",
                "HEAD" => "HEAD",
                _ => continue,
            };
            if data.len() > 0 {
                kinds.entry(kind).or_default().push((inside, data.len() as usize));
            }
        }
    }
    kinds.values_mut().for_each(|files| files.sort());
    kinds
}

/// How often a kind's turn comes.
const WEIGHTS: [(&str, usize); 9] = [
    ("pack", 8),
    ("index", 7),
    ("loose object", 5),
    ("ref", 2),
    ("packed refs", 2),
    ("log", 2),
    ("note", 2),
    ("settings", 1),
    ("HEAD", 1),
];

fn chosen(store: &Path) -> Vec<(&'static str, Flip)> {
    let kinds = files(store);
    let asked = std::env::var("CODEX_GIT_FLIPS").unwrap_or_default();
    if asked == "all" {
        let bytes = |kind: &'static str, file: &PathBuf, len: usize| {
            let file = file.clone();
            (0..len)
                .map(move |byte| (kind, Flip { file: file.clone(), byte, bit: (byte % 8) as u8 }))
                .collect::<Vec<_>>()
        };
        return kinds
            .iter()
            .flat_map(|(kind, files)| files.iter().flat_map(|(file, len)| bytes(kind, file, *len)))
            .collect();
    }
    let (count, seed) = asked.split_once(':').unwrap_or((&asked, "0"));
    let mut state = 88_172_645_463_325_252_u64 ^ seed.parse::<u64>().unwrap_or(0);
    let mut below = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most as u64) as usize
    };
    let turns: Vec<&'static str> = WEIGHTS.iter().flat_map(|(kind, weight)| vec![*kind; *weight]).collect();
    (0..count.parse().unwrap_or(FEW))
        .map(|number| {
            let kind = turns[(number * 7) % turns.len()];
            let (file, len) = kinds[kind][below(kinds[kind].len())].clone();
            (kind, Flip { byte: below(len), bit: below(8) as u8, file })
        })
        .collect()
}

#[test]
fn a_bit_that_flips_anywhere_ends_no_command_and_makes_nothing_up() {
    let sound = sound();
    let flips = chosen(&sound.home.store());
    let (next, commands) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = std::thread::scope(|scope| {
        let work = || {
            let mut wrong = Vec::new();
            while let Some((kind, flip)) = flips.get(next.fetch_add(1, Ordering::Relaxed)) {
                match try_flip(&sound, flip) {
                    Ok(some) => drop(commands.fetch_add(some, Ordering::Relaxed)),
                    Err(what) => wrong.push(format!("{kind}, {flip:?}: {what}")),
                }
            }
            wrong
        };
        let threads: Vec<_> =
            (0..std::thread::available_parallelism().map_or(2, usize::from)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<String>>()
    });
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    flips.iter().for_each(|(kind, _)| *count.entry(kind).or_default() += 1);
    eprintln!("{} flips, {} commands: {count:?}", flips.len(), commands.into_inner());
    assert!(wrong.is_empty(), "{} of {} flips:\n{}", wrong.len(), flips.len(), wrong.join("\n\n"));
}
