//! The README: every command that it shows is run, in its order, with real Codex where it names it.

use std::fs;
use std::path::Path;

use crate::support::codex::{CURRENT, Codex};
use crate::support::ran;

const README: &str = include_str!("../README.md");

/// The commands in the README's shell blocks, without their remarks.
fn commands() -> Vec<String> {
    let blocks = README.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap().trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn every_command_of_the_readme_works() {
    let codex = Codex::new(CURRENT);
    let id = codex.start("one");
    codex.turn(&id, "two");
    let shared = codex.home.path().parent().unwrap().join("shared.git");
    assert!(std::process::Command::new("git").args(["init", "-q", "--bare"]).arg(&shared).status().unwrap().success());
    let (mut run, mut set_up) = (0, 0);
    for command in commands() {
        let command = match command.strip_prefix("cargo run --release -- ") {
            Some(words) => format!("codex-git {words}"),
            None if command == "tests/run" || command.starts_with("cargo install ") => {
                set_up += 1;
                continue;
            }
            None => command,
        };
        let command = command.replace("~/.codex", codex.home.path().to_str().unwrap());
        let command = command.replace("git@github.com:me/sessions.git", shared.to_str().unwrap());
        let environment = codex.resuming("and on");
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(&command).current_dir(codex.home.work());
        let folder = Path::new(env!("CARGO_BIN_EXE_codex-git")).parent().unwrap().to_owned();
        for (name, value) in environment.get_envs() {
            match (name.to_str(), value) {
                (Some("PATH"), Some(path)) => {
                    let paths = std::iter::once(folder.clone()).chain(std::env::split_paths(path));
                    shell.env("PATH", std::env::join_paths(paths).unwrap());
                }
                (_, Some(value)) => drop(shell.env(name, value)),
                (_, None) => drop(shell.env_remove(name)),
            }
        }
        let ran = ran(shell.output().unwrap());
        // What the examples look for, this home does not have.
        let found_nothing = command.starts_with("codex-git search ") && ran.stderr.starts_with("nothing in ");
        assert_eq!(
            ran.code,
            i32::from(found_nothing && !command.contains('|')),
            "{command}\n{}{}",
            ran.stdout,
            ran.stderr
        );
        assert!(!format!("{}{}", ran.stdout, ran.stderr).is_empty(), "{command} prints nothing");
        run += 1;
    }
    assert_eq!((run, set_up), (53, 2), "commands that were run, commands that install or run the tests");
}

#[test]
fn the_test_command_is_what_ci_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(README.contains("\n```sh\ntests/run\n```\n"));
    assert!(fs::read_to_string(root.join(".ci/run")).unwrap().contains("/tests/run\""));
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = vec![root.join("README.md")];
    documents.extend(
        fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()),
    );
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let target = document.parent().unwrap().join(link);
            assert!(
                link.is_empty() || link.starts_with("https://") || target.exists(),
                "{}: {link}",
                document.display()
            );
        }
    }
}
