//! Making a store.

use std::fs;
use std::path::Path;

use super::repository::FORMAT_KEY;
use super::{Error, Store, adopt};
use crate::disk::private;
use crate::git::identity::TOOL;
use crate::git::repository::{Settings, init};
use crate::model::FORMAT;

/// What the name of a store begins with while it is being made.
pub(super) const ASIDE: &str = ".sessions.git-";

/// Settings of the repository. Reflogs of every ref are kept for good; git's own housekeeping stays off, because nothing that
/// a reflog holds may ever be dropped.
const CONFIG: [(&str, &str); 9] = [
    // Who a reflog says moved a ref.
    ("user.name", TOOL.0),
    ("user.email", TOOL.1),
    ("core.logAllRefUpdates", "always"),
    ("gc.auto", "0"),
    ("gc.reflogExpire", "never"),
    ("gc.reflogExpireUnreachable", "never"),
    ("gc.pruneExpire", "never"),
    ("maintenance.auto", "false"),
    ("receive.denyNonFastForwards", "true"),
];

impl Store {
    /// Makes a store where there is none, and opens it. The second value tells whether it was made. A repository that was cloned from a
    /// store becomes one again.
    ///
    /// # Errors
    /// When it can't be made, or when something else is there.
    pub fn init(path: &Path) -> Result<(Self, bool), Error> {
        match Self::open(path) {
            Err(Error::Missing(_)) => {}
            Err(Error::NotAStore(_)) if is_empty(path) => {}
            Err(Error::NotAStore(_)) if adopt::is_clone(path)? => {
                adopt::forget_origin(path)?;
                set_up(path)?;
                return Self::open(path).map(|store| (store, true));
            }
            Err(Error::NotAStore(path)) => return Err(Error::Occupied(path)),
            opened => {
                let store = opened?;
                // A store that is only read is as good.
                if let Err(error) = store.make_readable(None) {
                    tracing::info!(%error, "plain git prints what it printed");
                }
                return Ok((store, false));
            }
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(Error::io("make the store's folder"))?;
        // Made aside and renamed, so that no one ever sees half a store.
        let aside = tempfile::Builder::new().prefix(ASIDE).tempdir_in(parent).map_err(Error::io("make the store"))?;
        fill(aside.path())?;
        match fs::rename(aside.path(), path) {
            Ok(()) => Ok((Self::open(path)?, true)),
            // Another process made it meanwhile, or something else is there: opening tells which.
            Err(_) if path.exists() => Self::open(path).map(|store| (store, false)),
            Err(error) => Err(Error::io("make the store")(error)),
        }
    }
}

/// Makes an empty store where nobody else looks.
pub(super) fn set_up_at(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::io("make the store"))?;
    fill(path)
}

fn fill(path: &Path) -> Result<(), Error> {
    init(path, "Codex sessions, kept by codex-git")?;
    set_up(path)
}

/// Makes a bare repository a store: its settings, the format last, so that it is one only when all is there.
fn set_up(path: &Path) -> Result<(), Error> {
    close_to_others(path).map_err(Error::io("make the store"))?;
    let info = path.join("info");
    fs::create_dir_all(&info).map_err(Error::io("make the store"))?;
    fs::write(info.join("attributes"), "*.jsonl diff=codex\n*.jsonl.* diff=codex\n")
        .map_err(Error::io("make the store"))?;
    let mut settings = Settings::of(path)?;
    for (key, value) in CONFIG {
        settings.set(key, value)?;
    }
    let store = Store::at(path)?;
    store.make_readable(None)?;
    store.refuse_plain_pushes()?;
    Ok(settings.set_number(FORMAT_KEY, i64::from(FORMAT))?)
}

/// What git runs before it pushes from the store by hand: that would go around what looks for secrets.
const PRE_PUSH: &str = "#!/bin/sh
echo 'codex-git push looks for secrets first, and goes by rules; git push --no-verify goes around it' >&2
exit 1
";

impl Store {
    /// Has plain git refuse to push from the store, unless it is told to all the same. A hook that is there stays.
    ///
    /// # Errors
    /// When the hook can't be written.
    pub fn refuse_plain_pushes(&self) -> Result<(), Error> {
        let hook = self.path().join("hooks/pre-push");
        if hook.exists() {
            return Ok(());
        }
        let io = || Error::io("write a hook of the store");
        fs::create_dir_all(self.path().join("hooks")).map_err(io())?;
        private::create(&hook, PRE_PUSH.as_bytes()).map_err(io())?;
        #[cfg(unix)]
        fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(io())?;
        Ok(())
    }
}

/// Whether a folder is there and holds nothing.
fn is_empty(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Conversations hold secrets: nobody but the owner looks into the store.
#[cfg(unix)]
fn close_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> std::io::Result<()> {
    Ok(())
}
