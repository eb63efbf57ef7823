//! Changing what is set for a store. What makes no sense is refused before anything is written.

use std::path::Path;

use super::{Error, Workspace, config};
use crate::model::config_key::{ConfigKey, MAP, PROGRAM};
use crate::model::moves::Move;

impl Workspace {
    /// Gives a key this value alone.
    ///
    /// # Errors
    /// When the value makes no sense, when the key holds several, or when the settings can't be written.
    pub fn configure(&self, key: &'static ConfigKey, value: &str) -> Result<(), Error> {
        let (value, before) = (checked(key, value)?, self.setting(key).values);
        if key.is_list && before.len() > 1 {
            return Err(Error::SeveralValues { key: key.name, value, count: before.len() });
        }
        if key.name == MAP.name {
            self.check_moves([Move::parse(&value)?])?;
        }
        // Plain git can have added others.
        let others = if before.len() > 1 { before } else { Vec::new() };
        others.iter().try_for_each(|other| self.write_settings(|store| store.remove_config(&key.in_git(), other)))?;
        self.write_settings(|store| store.set_config(&key.in_git(), &value))?;
        self.heed(key)
    }

    /// Gives a key that holds any number of values one more.
    ///
    /// # Errors
    /// As [`Workspace::configure`].
    pub fn configure_more(&self, key: &'static ConfigKey, value: &str) -> Result<(), Error> {
        let value = checked(key, value)?;
        if key.name == MAP.name {
            let one = Move::parse(&value)?;
            self.move_directory(&one.old, &one.new)?;
            return Ok(());
        }
        if !key.is_list {
            return self.configure(key, &value);
        }
        if !self.setting(key).values.contains(&value) {
            self.write_settings(|store| store.add_config(&key.in_git(), &value))?;
        }
        self.heed(key)
    }

    /// Takes a value of a key out, or all of them. Gives those.
    ///
    /// # Errors
    /// When it is not set, or the settings can't be written.
    pub fn unconfigure(&self, key: &'static ConfigKey, value: Option<&str>) -> Result<Vec<String>, Error> {
        let means = |set: &str| value.is_none_or(|value| set == value || key.check(set).is_ok_and(|set| set == value));
        let gone: Vec<String> = self.setting(key).values.into_iter().filter(|set| means(set)).collect();
        if gone.is_empty() {
            return Err(Error::NotSet { key: key.name, value: value.map(str::to_owned) });
        }
        gone.iter().try_for_each(|value| self.write_settings(|store| store.remove_config(&key.in_git(), value)))?;
        self.heed(key)?;
        Ok(gone)
    }

    /// Has what stands on a key follow it.
    fn heed(&self, key: &ConfigKey) -> Result<(), Error> {
        if key.name == PROGRAM.name {
            let program = self.setting(&PROGRAM).values.pop();
            self.make_readable(program.as_deref().map(Path::new))?;
        }
        Ok(())
    }
}

fn checked(key: &'static ConfigKey, value: &str) -> Result<String, Error> {
    let bad = |reason| Error::BadValue { key: key.name, value: value.to_owned(), reason };
    let checked = config::checked(key, value).map_err(bad)?;
    if key.name == PROGRAM.name && !Path::new(&checked).is_file() {
        return Err(bad("no such file".to_owned()));
    }
    Ok(checked)
}
