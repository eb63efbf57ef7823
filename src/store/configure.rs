//! Changing a store's settings. Git's own lock keeps two who do it at once apart: one of them has lost a race. A file that git can't read is left alone.

use super::config::Config;
use super::{Error, Store};
use crate::git::Error as GitError;
use crate::git::repository::Settings;

impl Store {
    /// Gives a key this value alone.
    ///
    /// # Errors
    /// When the settings can't be read or written.
    pub fn set_config(&self, key: &str, value: &str) -> Result<(), Error> {
        self.change_config(|settings| settings.set(key, value))
    }

    /// Gives a key this value, unless it has one by now.
    ///
    /// # Errors
    /// As [`Store::set_config`].
    pub fn set_config_if_unset(&self, key: &str, value: &str) -> Result<(), Error> {
        self.change_config(|settings| match settings.text(key) {
            Some(_) => Ok(()),
            None => settings.set(key, value),
        })
    }

    /// Gives a key one more value.
    ///
    /// # Errors
    /// As [`Store::set_config`].
    pub fn add_config(&self, key: &str, value: &str) -> Result<(), Error> {
        self.change_config(|settings| settings.add(key, value))
    }

    /// Takes a value of a key out.
    ///
    /// # Errors
    /// As [`Store::set_config`].
    pub fn remove_config(&self, key: &str, value: &str) -> Result<(), Error> {
        self.change_config(|settings| settings.remove_value(key, value))
    }

    fn change_config(&self, change: impl FnOnce(&mut Settings) -> Result<(), GitError>) -> Result<(), Error> {
        let unreadable =
            |error: GitError| Error::Settings { path: self.path().join("config"), said: error.to_string() };
        let mut settings = Settings::of(self.path()).map_err(unreadable)?;
        // A lock that a kill left behind goes as one of a ref does.
        self.refs.guarded(|| change(&mut settings))?;
        self.take_config(Config::read(self.path())?);
        Ok(())
    }
}
