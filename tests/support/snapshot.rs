//! Whole outputs beside the tests, compared as they are; `UPDATE_SNAPSHOTS=1` writes them anew.

use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// A rollout among the fixtures.
pub struct Rollout {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Rollout {
    /// The session's id.
    pub fn id(&self) -> &str {
        &self.name["rollout-2026-11-24T21-41-21-".len()..self.name.len() - ".jsonl".len()]
    }
}

/// The rollouts of `tests/fixtures/items`, by their version.
pub fn fixtures() -> Vec<(String, Rollout)> {
    let rollout = |folder: &PathBuf| {
        let file = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let file =
            file.into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("rollout-")).unwrap();
        Rollout { name: file.file_name().unwrap().to_str().unwrap().to_owned(), bytes: fs::read(&file).unwrap() }
    };
    let mut all: Vec<_> = fs::read_dir(folder().join("items")).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.is_dir());
    all.sort();
    assert!(all.len() > 10);
    all.iter().map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), rollout(path))).collect()
}

/// What a snapshot holds.
pub fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_default()
}

/// Compares an output with its snapshot.
pub fn check(name: &str, output: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let path = folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        return fs::write(path, output).unwrap();
    }
    let expected = read(name);
    let differs = expected.lines().zip(output.lines()).position(|(expected, told)| expected != told);
    let at = differs.unwrap_or(expected.lines().count().min(output.lines().count()));
    let line = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_owned();
    assert!(
        expected == output,
        "{name}, line {}:\n  expected {}\n  told     {}\nUPDATE_SNAPSHOTS=1 writes it anew",
        at + 1,
        line(&expected),
        line(output)
    );
}
