//! What has plain git print conversations instead of JSON: settings of the store, which are no part of its format.

use std::path::{Path, PathBuf};

use super::{Error, Store};
use crate::git::repository::Settings;

/// The program that git runs where it is not on the path.
const PROGRAM: &str = "codexgit.program";

/// The settings. What a person changed of them stays, as long as it is nothing that an earlier version wrote.
const SETTINGS: [(&str, &str); 4] = [
    // The program as it was noted, else one on the path, else the bytes, with what steers a terminal made visible.
    (
        "diff.codex.textconv",
        "f() { p=$(git config --get codexgit.program); \
         if [ -x \"$p\" ]; then \"$p\" show --chunk \"$1\"; \
         elif command -v codex-git >/dev/null 2>&1; then codex-git show --chunk \"$1\"; \
         else cat -v \"$1\"; fi; }; f",
    ),
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
    /// Has git print conversations, by this program where that is known. Tells whether anything was written: what is there as it should be stays
    /// untouched.
    ///
    /// # Errors
    /// When the settings can't be read or written.
    pub fn make_readable(&self, program: Option<&Path>) -> Result<bool, Error> {
        let mut settings = Settings::of(self.path())?;
        let program = program.and_then(Path::to_str).map(|program| (PROGRAM, program));
        let mut written = false;
        for (key, value) in SETTINGS.into_iter().chain(program) {
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
        Settings::of(self.path()).ok()?.text(PROGRAM).map(PathBuf::from)
    }
}

/// Whether nobody but a person can have written a setting's value.
fn is_a_persons(key: &str, value: &str) -> bool {
    match key {
        PROGRAM => false,
        "diff.codex.textconv" => !value.contains("codex-git show --chunk"),
        _ => true,
    }
}
