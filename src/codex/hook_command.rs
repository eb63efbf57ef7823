//! The command by which Codex runs codex-git at its events, and what tells it from every other.
//!
//! Only what codex-git wrote is ever replaced, removed or trusted, so a command is ours only if writing it anew gives the same bytes.

use std::path::{Path, PathBuf};

use crate::disk::regular::is_program;
use crate::model::shell::{first_word, quoted};

/// Codex tells of a hook that fails; ours never does, not even when the program is gone.
const NEVER_FAILS: &str = "|| true";

/// The name of the program, wherever it lies.
const NAMES: [&str; 2] = ["codex-git", "codex-git.exe"];

/// A command that runs codex-git as a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookCommand {
    /// The program: a path, or a name that is looked for on the path.
    pub program: String,
    /// The store, where it is another than the codex home's own.
    pub store: Option<String>,
}

impl HookCommand {
    /// The command of the plugin, which finds the program on the path.
    pub fn of_plugin() -> Self {
        Self { program: NAMES[0].to_owned(), store: None }
    }

    /// The command for a program and a store. `None` if one of them has a name that no text can hold.
    pub fn new(program: &Path, store: Option<&Path>) -> Option<Self> {
        let store = match store {
            Some(store) => Some(store.to_str()?.to_owned()),
            None => None,
        };
        Some(Self { program: program.to_str()?.to_owned(), store })
    }

    /// Reads a command. `None` if codex-git did not write it.
    pub fn parse(command: &str) -> Option<Self> {
        let (program, rest) = first_word(command)?;
        let store = match rest.strip_prefix("--store ") {
            Some(rest) => Some(first_word(rest)?.0),
            None => None,
        };
        let read = Self { program, store };
        let name = Path::new(&read.program).file_name()?.to_str()?;
        (NAMES.contains(&name) && read.render() == command).then_some(read)
    }

    /// The command as Codex's shell takes it.
    pub fn render(&self) -> String {
        let store = self.store.as_deref().map_or_else(String::new, |store| format!(" --store {}", quoted(store)));
        format!("{}{store} hook {NEVER_FAILS}", quoted(&self.program))
    }

    /// The store that it records into, of a codex home.
    pub fn store_of(&self, home: &Path) -> PathBuf {
        self.store.as_ref().map_or_else(|| home.join("sessions.git"), PathBuf::from)
    }

    /// The program's path, if it is one that is not there, or that can't be run.
    pub fn broken_program(&self) -> Option<PathBuf> {
        let path = Path::new(&self.program);
        (path.is_absolute() && !is_program(path)).then(|| path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_of_ours_reads_back_as_it_was_written() {
        for (program, store) in [
            ("codex-git", None),
            ("/opt/my tools/codex-git", None),
            ("/a'b/codex-git", Some("/st ore")),
            ("/x/$(id)/codex-git.exe", Some("-x")),
        ] {
            let command = HookCommand { program: program.into(), store: store.map(str::to_owned) };
            assert_eq!(HookCommand::parse(&command.render()), Some(command));
        }
    }

    #[test]
    fn what_others_wrote_is_never_ours() {
        for other in [
            "codex-git hook",
            "id > /tmp/x; true codex-git hook || true",
            "notify-send done; nice -n 19 /opt/codex-git hook || true",
            "python3 '/opt/my codex-git' hook || true",
            "my-codex-git hook || true",
            "/x/codex-git  hook || true",
            "\"/x/codex-git\" hook || true",
            "/x/codex-git hook || true; id",
            "/x/codex-git --store /a /b hook || true",
            "/x/codex-git record || true",
            "$(id)/codex-git hook || true",
            "/x/codex-git --store $(id) hook || true",
            "hook",
        ] {
            assert_eq!(HookCommand::parse(other), None, "{other}");
        }
    }
}
