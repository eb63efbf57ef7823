//! What has plain git print conversations instead of JSON: settings of the store, which are no part of its format.

use std::path::{Path, PathBuf};

use super::{Error, Store};
use crate::git::repository::Settings;
use crate::model::shell::quoted;

/// The program, noted for the next time that the settings are written.
const PROGRAM: &str = "codexgit.program";

const TEXTCONV: &str = "diff.codex.textconv";

/// What a textconv of ours runs.
const SHOW: &str = "show --chunk \"$1\"";

/// The other settings. What a person changed of them stays.
const SETTINGS: [(&str, &str); 3] = [
    // The head of a hunk tells the prompt that it belongs to.
    ("diff.codex.xfuncname", "^› (.*)$"),
    (
        "pretty.turn",
        "%C(yellow)%h %C(bold)%s%C(reset)%C(auto)%d%n\
         %C(dim)%(trailers:key=Codex-Model,valueonly,separator=%x20) · %ar%C(reset)",
    ),
    ("alias.turns", "log --graph --pretty=turn"),
];

impl Store {
    /// Has git print conversations, by this program where that is known, else by the one that was noted. Tells whether anything was written:
    /// what is there as it should be stays untouched.
    ///
    /// # Errors
    /// When the settings can't be read or written.
    pub fn make_readable(&self, program: Option<&Path>) -> Result<bool, Error> {
        let mut settings = Settings::of(self.path())?;
        let noted = settings.text(PROGRAM);
        let program = program.and_then(Path::to_str).map(str::to_owned).or(noted);
        let textconv = textconv(program.as_deref());
        let ours = [(TEXTCONV, Some(textconv.as_str())), (PROGRAM, program.as_deref())];
        let mut written = false;
        for (key, value) in SETTINGS.into_iter().chain(ours.into_iter().filter_map(|(key, value)| Some((key, value?))))
        {
            let stands = settings.text(key).is_some_and(|old| old == value || is_a_persons(key, &old));
            if !stands {
                settings.set(key, value)?;
                written = true;
            }
        }
        Ok(written)
    }

    /// The program that was noted for git.
    pub fn noted_program(&self) -> Option<PathBuf> {
        self.config().last(PROGRAM).map(PathBuf::from)
    }
}

/// Whether nobody but a person can have written a setting's value.
fn is_a_persons(key: &str, value: &str) -> bool {
    match key {
        PROGRAM => false,
        TEXTCONV => !value.contains(SHOW),
        _ => true,
    }
}

/// The command that prints a chunk: this program, else one on the path, else the bytes, with what steers a terminal made visible. It takes the
/// place of the shell, so that a chunk costs no second process. Not every shell's `command -v` tells whether a file can be run, and `exec` of one
/// that can't ends the shell.
fn textconv(program: Option<&str>) -> String {
    let noted = program.map_or_else(String::new, |program| {
        format!("p={}; [ -f \"$p\" ] && [ -x \"$p\" ] && exec \"$p\" {SHOW}; ", quoted(program))
    });
    format!("f() {{ {noted}command -v codex-git >/dev/null 2>&1 && exec codex-git {SHOW}; exec cat -v \"$1\"; }}; f")
}
