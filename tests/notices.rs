//! `NOTICE`: the licences of all that the program carries, as its parts bring them. `deny.toml` says which are taken.
//!
//! `CODEX_GIT_NOTICE=write cargo test --test suite notices` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const HEAD: &str = "codex-git is licensed under MIT or Apache-2.0, as you like. The program carries the libraries below, under the licences that follow them.
Where a library leaves the choice, MIT is taken. libgit2 is under the GNU General Public License, version 2, with an exception that lets
any program link it.\n";

/// What lies in a crate and not in the program: parts for other systems, and other choices of a licence.
const UNUSED: [&str; 8] =
    ["winhttp", "contrib/", "zlib-ng", "deps/zlib", "deps/ntlmclient", "zstd/COPYING", "tests/", "examples/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn metadata() -> Value {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu", "--filter-platform", "aarch64-apple-darwin"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    serde_json::from_slice(&cargo.stdout).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The packages whose code ends up in the program: no macros, no build scripts, no tests.
fn carried(metadata: &Value) -> Vec<&Value> {
    let packages: BTreeMap<_, _> =
        metadata["packages"].as_array().unwrap().iter().map(|package| (text(package, "id"), package)).collect();
    let nodes: BTreeMap<_, _> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| (text(node, "id"), node)).collect();
    let is_macro = |id: &str| {
        packages[id]["targets"]
            .as_array()
            .unwrap()
            .iter()
            .any(|target| target["kind"][0].as_str() == Some("proc-macro"))
    };
    let own = text(&metadata["resolve"], "root");
    let (mut seen, mut next) = (BTreeSet::new(), vec![own]);
    while let Some(id) = next.pop() {
        for dependency in nodes[id]["deps"].as_array().unwrap() {
            let of = text(dependency, "pkg");
            let is_linked = dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null());
            if is_linked && !is_macro(of) && seen.insert(of) {
                next.push(of);
            }
        }
    }
    let mut carried: Vec<_> = seen.into_iter().map(|id| packages[id]).collect();
    carried.sort_by_key(|package| (text(package, "name"), text(package, "version")));
    carried
}

/// The files with a package's licences, and those of what it bundles.
fn licences(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, folder, &mut found);
    found.sort();
    let is_mit = |file: &Path| file.to_string_lossy().to_uppercase().ends_with("MIT");
    let of_the_package = |file: &Path| file.parent() == Some(folder);
    if found.iter().any(|file| is_mit(file) && of_the_package(file)) {
        found.retain(|file| is_mit(file) || !of_the_package(file));
    }
    found
}

fn collect(package: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let inside =
            format!("{}{}", path.strip_prefix(package).unwrap().display(), if path.is_dir() { "/" } else { "" });
        if UNUSED.iter().any(|unused| inside.contains(unused)) {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().to_uppercase();
        let is_licence = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "UNLICENSE", "NOTICE"]
            .iter()
            .any(|word| name.starts_with(word));
        if path.is_dir() {
            collect(package, &path, found);
        } else if is_licence && !name.ends_with(".RS") && !name.ends_with(".H") {
            found.push(path);
        }
    }
}

fn notice() -> String {
    let metadata = metadata();
    // The same text stands once, after all whose licence it is.
    let mut texts: Vec<(Vec<String>, String)> = Vec::new();
    for package in carried(&metadata) {
        let name = format!("{} {} ({})", text(package, "name"), text(package, "version"), text(package, "license"));
        let folder = Path::new(text(package, "manifest_path")).parent().unwrap();
        let files = licences(folder);
        if files.is_empty() {
            texts.push((vec![name.clone()], String::from("It brings no text of its licence.\n")));
        }
        for file in files {
            let licence = fs::read_to_string(&file).unwrap();
            let licence = licence.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
            let licence = format!("{}\n", licence.trim_matches('\n'));
            let inside = file.strip_prefix(folder).unwrap();
            let owner = match inside.parent().filter(|part| !part.as_os_str().is_empty()) {
                Some(part) => format!("{name}, {}", part.display()),
                None => name.clone(),
            };
            match texts.iter_mut().find(|(_, text)| *text == licence) {
                Some((owners, _)) => owners.push(owner),
                None => texts.push((vec![owner], licence)),
            }
        }
    }
    let mut notice = String::from(HEAD);
    for (owners, licence) in texts {
        notice.push_str(&format!("\n{}\n\n{}\n\n{licence}", "=".repeat(78), owners.join("\n")));
    }
    notice
}

#[test]
fn the_notice_holds_the_licences_of_all_that_the_program_carries() {
    let (file, now) = (root().join("NOTICE"), notice());
    if std::env::var_os("CODEX_GIT_NOTICE").is_some() {
        fs::write(&file, &now).unwrap();
    }
    let is = fs::read_to_string(&file).unwrap_or_default();
    assert!(is == now, "NOTICE is out of date: CODEX_GIT_NOTICE=write cargo test --test suite notices");
    assert!(now.contains("LINKING EXCEPTION") && now.contains("zlib"), "libgit2's own licence is in it");
}

#[test]
fn every_part_has_a_licence_that_is_taken_and_comes_from_where_crates_come_from() {
    let policy = fs::read_to_string(root().join("deny.toml")).unwrap();
    let allowed: BTreeSet<&str> = policy
        .split("allow = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .unwrap()
        .split('"')
        .skip(1)
        .step_by(2)
        .collect();
    assert!(allowed.contains("MIT"));
    for package in metadata()["packages"].as_array().unwrap() {
        let (name, licence) = (text(package, "name"), text(package, "license"));
        // Every part of an expression with AND is needed, one of those with OR is enough.
        let is_taken = licence.split(" AND ").all(|part| {
            part.trim_matches(['(', ')'])
                .split(" OR ")
                .flat_map(|choice| choice.split('/'))
                .any(|one| allowed.contains(one))
        });
        assert!(is_taken, "{name}: {licence}");
        let source = package["source"].as_str();
        assert!(
            name == "codex-git-cli" || source.is_some_and(|source| source.starts_with("registry+")),
            "{name}: {source:?}"
        );
    }
}

#[test]
fn nothing_is_in_the_program_twice() {
    let metadata = metadata();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in carried(&metadata) {
        versions.entry(text(package, "name")).or_default().push(text(package, "version"));
    }
    versions.retain(|_, versions| versions.len() > 1);
    // imara-diff 0.2, the newest, has its tables from an older hashbrown than serde_json has.
    let tables = ["foldhash", "hashbrown"];
    // age 0.12, the newest, stands on the generation of RustCrypto before the one that sha1 and sha2 are of; and hyper on a newer base64.
    let ciphers = [
        "base64",
        "block-buffer",
        "const-oid",
        "cpufeatures",
        "crypto-common",
        "digest",
        "getrandom",
        "hybrid-array",
        "rand_core",
        "sha2",
        "thiserror",
    ];
    let mut known = [&tables[..], &ciphers].concat();
    known.sort_unstable();
    assert_eq!(versions.keys().copied().collect::<Vec<_>>(), known, "{versions:?}");
}

#[test]
fn the_package_carries_the_licences() {
    let cargo = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    let list = String::from_utf8_lossy(&cargo.stdout).into_owned();
    for file in ["NOTICE", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(list.lines().any(|line| line == file), "{file} is not among\n{list}");
    }
}
