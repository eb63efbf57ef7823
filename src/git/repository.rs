//! A repository's folder and settings, as libgit2 sees them.

use std::path::Path;

use git2::{ErrorCode, RepositoryInitOptions, RepositoryOpenFlags};

use super::Error;

/// Makes a bare repository.
pub(crate) fn init(path: &Path, description: &str) -> Result<(), Error> {
    let mut options = RepositoryInitOptions::new();
    options.bare(true).external_template(false).description(description).initial_head("main");
    git2::Repository::init_opts(path, &options).map(drop).map_err(Error::git("make the store"))
}

/// Whose a repository is, by git's own rules of whose are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Somebody whose repositories are trusted.
    Trusted,
    /// Somebody else.
    Foreign,
    /// Nobody's: there is no repository.
    Nobody,
}

/// Whose the repository at a path is.
pub(crate) fn owner(path: &Path) -> Result<Owner, Error> {
    if is_own(path) {
        return Ok(Owner::Trusted);
    }
    // Opening a repository as bare asks nobody whose it is; opening it with flags does.
    let flags = RepositoryOpenFlags::BARE | RepositoryOpenFlags::NO_SEARCH;
    match git2::Repository::open_ext(path, flags, [] as [&Path; 0]) {
        Ok(_) => Ok(Owner::Trusted),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(Owner::Nobody),
        Err(error) if error.code() == ErrorCode::Owner => Ok(Owner::Foreign),
        Err(error) => Err(Error::git("open the store")(error)),
    }
}

/// Whether the folder belongs to whom this process acts for.
#[cfg(unix)]
fn is_own(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|data| data.uid() == rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn is_own(_: &Path) -> bool {
    false
}

/// Why settings could not be written. Git locks them as it does a ref.
fn unwritten(error: git2::Error) -> Error {
    match error.code() {
        ErrorCode::Locked => Error::LostRace("config".to_owned()),
        _ => Error::git("write the store's settings")(error),
    }
}

/// A repository's own settings, and nobody else's.
pub(crate) struct Settings(git2::Config);

impl Settings {
    /// Those of the repository at a path.
    pub fn of(repository: &Path) -> Result<Self, Error> {
        git2::Config::open(&repository.join("config")).map(Self).map_err(Error::git("read the store's settings"))
    }

    /// A number, if the key has one.
    pub fn number(&self, key: &str) -> Option<i64> {
        self.0.get_i64(key).ok()
    }

    /// A text, if the key has one.
    pub fn text(&self, key: &str) -> Option<String> {
        self.0.get_string(key).ok()
    }

    /// Yes or no, if the key says that.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.0.get_bool(key).ok()
    }

    /// All keys, in their order, with their values. One that is only named says yes, as in git.
    pub fn all(&self) -> Result<Vec<(String, String)>, Error> {
        self.entries(None)
    }

    /// The keys below a section such as `remote`, with their values.
    pub fn below(&self, section: &str) -> Result<Vec<(String, String)>, Error> {
        self.entries(Some(&format!("^{section}\\.")))
    }

    fn entries(&self, pattern: Option<&str>) -> Result<Vec<(String, String)>, Error> {
        let failed = || Error::git("read the store's settings");
        let mut found = Vec::new();
        let entries = self.0.entries(pattern).map_err(failed())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let value = |entry: &git2::ConfigEntry<'_>| match entry.has_value() {
            true => text(entry.value_bytes()),
            false => "true".to_owned(),
        };
        entries.for_each(|entry| found.push((text(entry.name_bytes()), value(entry)))).map_err(failed())?;
        Ok(found)
    }

    /// Gives a key a text.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        self.0.set_str(key, value).map_err(unwritten)
    }

    /// Gives a key a number.
    pub fn set_number(&mut self, key: &str, value: i64) -> Result<(), Error> {
        self.0.set_i64(key, value).map_err(unwritten)
    }

    /// Gives a key one more text.
    pub fn add(&mut self, key: &str, value: &str) -> Result<(), Error> {
        // libgit2 writes a value among others as it is, where it would write a single one with the marks that reading takes out again.
        let mark = |c: char| match c {
            '\\' | '"' => Some(c),
            '\n' => Some('n'),
            '\t' => Some('t'),
            _ => None,
        };
        let marked: String =
            value.chars().flat_map(|c| [mark(c).map(|_| '\\'), mark(c).or(Some(c))]).flatten().collect();
        // No value matches this, so that none is replaced.
        self.0.set_multivar(key, "a^", &marked).map_err(unwritten)
    }

    /// Removes those values of a key that are this text.
    pub fn remove_value(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let is_special = |c: char| "\\.^$*+?()[]{}|".contains(c);
        let escaped: String =
            value.chars().flat_map(|c| is_special(c).then_some('\\').into_iter().chain([c])).collect();
        self.0.remove_multivar(key, &format!("^{escaped}$")).map_err(unwritten)
    }

    /// Removes a key with all its values.
    pub fn remove(&mut self, key: &str) -> Result<(), Error> {
        self.0.remove_multivar(key, ".*").map_err(unwritten)
    }
}
