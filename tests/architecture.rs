//! The rooms of docs/architecture.md: who may name whom, and where each crate lives.

mod circles;

use std::fs;
use std::path::{Path, PathBuf};

use circles::Modules;

struct Source {
    room: String,
    path: PathBuf,
    /// The code, without comments.
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    assert!(sources.len() > 40, "the sources were found");
    sources
}

fn collect(folder: &Path, room: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            collect(&path, if room.is_empty() { &name } else { room }, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            sources.push(Source { room: room.to_owned(), path, code, lines: text.lines().count() });
        }
    }
}

fn offenders(room: &str, words: &[&str]) -> Vec<String> {
    let of_room = sources().into_iter().filter(|source| source.room == room);
    let named = |source: &Source| {
        words.iter().find(|word| source.code.contains(**word)).map(|word| format!("{}: {word}", source.path.display()))
    };
    of_room.filter_map(|source| named(&source)).collect()
}

fn only_in(word: &str, rooms: &[&str]) {
    let elsewhere: Vec<_> = sources()
        .into_iter()
        .filter(|source| !rooms.contains(&source.room.as_str()) && source.code.contains(word))
        .map(|source| source.path)
        .collect();
    assert!(elsewhere.is_empty(), "`{word}` stands outside {rooms:?}: {elsewhere:?}");
}

#[test]
fn the_model_knows_no_other_room_and_does_no_io() {
    let io = ["std::fs", "std::io", "std::env", "std::process", "std::net"];
    let rooms = [
        "crate::disk",
        "crate::git",
        "crate::codex",
        "crate::rollout",
        "crate::store",
        "crate::ops",
        "crate::render",
        "crate::secrets",
        "codex_git::",
    ];
    assert_eq!(offenders("model", &[&io[..], &rooms[..]].concat()), [""; 0]);
}

#[test]
fn what_a_secret_is_like_is_known_without_io_and_without_the_other_rooms() {
    let io = ["std::fs", "std::io", "std::env", "std::process", "std::net", "std::time", "tracing::"];
    let rooms =
        ["crate::disk", "crate::git", "crate::codex", "crate::rollout", "crate::store", "crate::ops", "codex_git::"];
    assert_eq!(offenders("secrets", &[&io[..], &rooms[..]].concat()), [""; 0]);
    for room in ["disk", "git", "codex", "rollout", "store", "render"] {
        assert_eq!(offenders(room, &["crate::secrets"]), [""; 0], "{room}");
    }
}

#[test]
fn text_is_made_of_the_model_alone_and_does_no_io() {
    let io = ["std::fs", "std::io", "std::env", "std::process", "std::net", "anstyle", "anstream"];
    let rooms =
        ["crate::disk", "crate::git", "crate::codex", "crate::rollout", "crate::store", "crate::ops", "codex_git::"];
    assert_eq!(offenders("render", &[&io[..], &rooms[..]].concat()), [""; 0]);
    for room in ["disk", "git", "codex", "rollout", "store"] {
        assert_eq!(offenders(room, &["crate::render"]), [""; 0], "{room}");
    }
}

#[test]
fn files_know_nothing_of_what_stands_in_them() {
    let rooms = ["crate::git", "crate::codex", "crate::rollout", "crate::store", "crate::ops"];
    assert_eq!(offenders("disk", &rooms), [""; 0]);
    let rooms = [&rooms[..], &["crate::disk", "SessionId", "TurnNumber"]].concat();
    assert_eq!(offenders("links", &rooms), [""; 0]);
}

#[test]
fn rollouts_and_the_store_meet_only_in_ops() {
    assert_eq!(offenders("rollout", &["crate::codex", "crate::store", "crate::ops", "git2"]), [""; 0]);
    assert_eq!(offenders("codex", &["crate::store", "crate::ops", "git2"]), [""; 0]);
    assert_eq!(offenders("store", &["crate::codex", "crate::rollout", "crate::ops", "serde_json"]), [""; 0]);
}

#[test]
fn code_and_conversations_meet_only_in_ops() {
    let rooms =
        ["crate::store", "crate::codex", "crate::rollout", "crate::ops", "crate::secrets", "git2", "serde_json"];
    assert_eq!(offenders("code", &rooms), [""; 0]);
    for room in ["disk", "git", "codex", "rollout", "store", "secrets", "render", "cli"] {
        assert_eq!(offenders(room, &["crate::code::"]), [""; 0], "{room}");
    }
}

#[test]
fn git_knows_no_sessions() {
    let words =
        ["crate::store", "crate::codex", "crate::rollout", "crate::ops", "SessionId", "TurnNumber", "crate::code"];
    assert_eq!(offenders("git", &words), [""; 0]);
}

#[test]
fn verbs_know_no_terminal() {
    assert_eq!(offenders("ops", &["std::env", "std::io::std", "println!", "crate::ui", "crate::cli"]), [""; 0]);
}

#[test]
fn the_terminal_knows_no_verb() {
    assert_eq!(offenders("ui", &["codex_git::ops", "crate::cli", "Workspace"]), [""; 0]);
}

#[test]
fn the_picker_as_such_knows_no_terminal_and_does_no_io() {
    let io = ["std::fs", "std::io", "std::env", "std::process", "std::time", "ratatui", "clap"];
    let rooms = ["codex_git::ops", "crate::cli", "crate::ui", "Workspace"];
    assert_eq!(offenders("picker", &[&io[..], &rooms[..]].concat()), [""; 0]);
}

#[test]
fn all_json_is_made_in_one_file() {
    let others = sources().into_iter().filter(|source| {
        source.room == "cli" && source.path.parent().is_none_or(|folder| !folder.ends_with("cli/json"))
    });
    let with_json = others.filter(|source| source.code.contains("serde_json"));
    assert_eq!(with_json.map(|source| source.path).collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

fn modules() -> Modules {
    Modules::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

#[test]
fn no_command_names_another() {
    assert_eq!(modules().naming_siblings(&["cli", "commands"]), [""; 0]);
}

#[test]
fn no_file_reaches_itself_in_a_circle() {
    for room in
        ["cli", "ui", "picker", "ops", "render", "codex", "rollout", "git", "store", "code", "secrets", "disk", "model"]
    {
        assert_eq!(modules().circles(room), [[""; 0]; 0], "the files of `{room}`");
    }
}

#[test]
fn the_page_about_the_rooms_names_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    let now = page.lines().filter(|line| !line.starts_with("What is to come"));
    let words = now.flat_map(|line| line.split('`').skip(1).step_by(2));
    let files: Vec<&str> = words.filter(|word| word.ends_with(".rs") && word.contains('/')).collect();
    let exists = |file: &&str| root.join("src").join(file).exists() || root.join(file).exists();
    assert!(files.len() > 50);
    assert_eq!(files.into_iter().filter(|file| !exists(file)).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn each_crate_has_its_home() {
    only_in("git2", &["git"]);
    only_in("clap", &["cli"]);
    only_in("indicatif", &["ui"]);
    only_in("ratatui", &["ui"]);
    only_in("signal_hook", &["ui"]);
    only_in("sha2::", &["code", "render", "secrets"]);
    only_in("ignore::gitignore", &["code"]);
    only_in("base64::", &["render", "secrets", "ui"]);
    only_in("imara_diff", &["model"]);
    only_in("pulldown_cmark", &["render"]);
    only_in("regex::", &["ops", "secrets"]);
    only_in("aho_corasick", &["secrets"]);
    only_in("getrandom", &["store"]);
    only_in("zstd::", &["rollout", "store"]);
    only_in("serde_json", &["rollout", "codex", "cli"]);
    only_in("tracing_subscriber", &["cli"]);
    only_in("notify::", &["codex"]);
    only_in("tokio::", &["codex", "links", "ops", "cli"]);
    only_in("reqwest", &["links"]);
    only_in("rustls::", &["links"]);
    only_in("age::x25519", &["links"]);
}

/// The clock is read where the command begins. Besides that, files are asked for their age, and waiting needs a watch.
#[test]
fn the_environment_and_the_clock_are_read_where_the_command_begins() {
    let naming = |word: &str| {
        let all = sources().into_iter().filter(|source| source.code.contains(word));
        all.map(|source| source.path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string())
            .collect::<Vec<_>>()
    };
    for word in ["SystemTime::now", "now_utc", "now_local", "env::var(", "env::var_os(", "env::current_dir"] {
        assert!(naming(word).iter().all(|path| path == "src/cli/context.rs"), "{word}: {:?}", naming(word));
    }
}

#[test]
fn tests_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let files = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 800, "{} has {lines} lines: two subjects?", path.display());
    }
}

#[test]
fn names_say_what_a_file_is_about_and_files_stay_small() {
    for source in sources() {
        let name = source.path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(
            !["util", "utils", "common", "helpers", "misc", "shared"].contains(&name.as_str()),
            "{}",
            source.path.display()
        );
        assert!(source.lines <= 400, "{} has {} lines: two nouns?", source.path.display(), source.lines);
    }
}

#[test]
fn every_file_opens_with_what_it_promises() {
    for source in sources() {
        let text = fs::read_to_string(&source.path).unwrap();
        assert!(text.starts_with("//! "), "{} does not say what it is about", source.path.display());
    }
}
