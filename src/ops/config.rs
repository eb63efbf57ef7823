//! Settings: what a person set for a store, and what of it counts. A value that makes no sense counts for nothing, and stops no verb.

use super::retry::retry;
use super::{Error, Workspace};
use crate::model::config_key::{AUTOGC, CONFIG_KEYS, ConfigKey, GATE, MAP, RULE, STRICT};
use crate::model::moves::Moves;
use crate::secrets::OwnRule;
use crate::store::{Error as StoreError, Store};

/// A key with what is set.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Setting {
    /// The key.
    pub key: &'static ConfigKey,
    /// Its values, as they stand in the settings.
    pub values: Vec<String>,
}

/// A value that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// The key's name.
    pub key: &'static str,
    /// The value.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
    /// What counts instead.
    pub instead: Option<&'static str>,
}

impl Setting {
    /// The values that count: those that are set, else the default.
    pub fn counting(&self) -> Vec<&str> {
        if self.values.is_empty() { self.key.default.into_iter().collect() } else { self.texts() }
    }

    fn texts(&self) -> Vec<&str> {
        self.values.iter().map(String::as_str).collect()
    }

    fn misfits(&self) -> Vec<Misfit> {
        // What nobody understands lets nothing pass.
        let instead = if self.key.name == GATE.name { Some(STRICT) } else { self.key.default };
        let misfit =
            |value: &str, reason: String| Misfit { key: self.key.name, value: value.to_owned(), reason, instead };
        if self.key.name == MAP.name {
            let (_, odd) = Moves::read(self.texts());
            return odd.into_iter().map(|(value, error)| misfit(&value, error.to_string())).collect();
        }
        if self.key.is_list {
            let reason = |value: &&str| checked(self.key, value).err();
            return self.texts().into_iter().filter_map(|value| Some(misfit(value, reason(&value)?))).collect();
        }
        // Only the last value counts.
        let wrong = self.values.last().and_then(|value| Some(misfit(value, self.key.check(value).err()?)));
        wrong.into_iter().collect()
    }
}

/// A value as it is written down, if all of it makes sense.
///
/// # Errors
/// Why it makes none.
pub(super) fn checked(key: &ConfigKey, value: &str) -> Result<String, String> {
    let value = key.check(value)?;
    if key.name == RULE.name {
        OwnRule::parse(&value).map_err(|error| error.to_string())?;
    }
    Ok(value)
}

impl Workspace {
    /// What is set for a key.
    pub fn setting(&self, key: &'static ConfigKey) -> Setting {
        let values = self.store.config().values(&key.in_git()).map(str::to_owned).collect();
        Setting { key, values }
    }

    /// What counts of a key that holds one value: its value if that makes sense, else the default.
    pub fn configured(&self, key: &ConfigKey) -> Option<String> {
        let set = self.store.config().last(&key.in_git()).and_then(|value| key.check(value).ok());
        set.or_else(|| key.default.map(str::to_owned))
    }

    /// The values that make no sense.
    pub fn misfits(&self) -> Vec<Misfit> {
        CONFIG_KEYS.into_iter().flat_map(|key| self.setting(key).misfits()).collect()
    }

    /// Changes the settings, once nobody else does.
    pub(super) fn write_settings(&self, change: impl Fn(&Store) -> Result<(), StoreError>) -> Result<(), Error> {
        let written = retry(|| Ok(change(&self.store)?));
        self.forget_moves();
        written
    }

    /// Whether the store is to pack itself as it grows.
    pub(super) fn packs_itself(&self) -> bool {
        self.configured(&AUTOGC).is_none_or(|value| value == "true")
    }
}
