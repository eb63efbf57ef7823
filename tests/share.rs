//! Conversations that are carried from one machine to another as files.

mod arrives;
mod gate;
mod hostile;
#[cfg(feature = "links")]
mod links;
#[cfg(feature = "links")]
pub mod server;
mod with_codex;

use std::path::{Path, PathBuf};

use crate::support::{Home, Ran};

/// A home with a store and nothing in it.
fn fresh() -> Home {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    home
}

/// Shares a revision of a home into a file.
fn share(home: &Home, revision: &str, name: &str) -> PathBuf {
    let path = home.work().join(name);
    home.ok(&format!("share {revision} --force --out {name}"));
    path
}

/// Takes a file in.
fn import(home: &Home, file: &Path) -> Ran {
    home.run(["import".as_ref(), file.as_os_str()])
}

/// Takes a file in, and tells what became of it.
fn outcome(home: &Home, file: &Path) -> String {
    let ran = home.run(["--json".as_ref(), "import".as_ref(), file.as_os_str()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.json()[0]["outcome"].as_str().unwrap_or_default().to_owned()
}
