//! A store's settings as they were when it was opened. They are read once; a file that git refuses to read has every line that can be understood.

use std::path::Path;

use super::Error;
use crate::disk::regular;
use crate::git::broken_settings;
use crate::git::repository::Settings;

/// More than any file of settings has.
const MOST: u64 = 1 << 24;

/// The settings.
#[derive(Clone, Debug, Default)]
pub struct Config {
    values: Vec<(String, String)>,
    damage: Option<String>,
}

impl Config {
    /// Reads the settings of the repository at a path, and nobody else's.
    pub(super) fn read(repository: &Path) -> Result<Self, Error> {
        match Settings::of(repository).and_then(|settings| settings.all()) {
            Ok(values) => Ok(Self { values, damage: None }),
            Err(error) => {
                let Ok(bytes) = regular::read(&repository.join("config"), MOST) else { return Err(error.into()) };
                let values = broken_settings::values(&String::from_utf8_lossy(&bytes));
                tracing::warn!(%error, "of the settings, only lines that can be understood count");
                Ok(Self { values, damage: Some(error.to_string()) })
            }
        }
    }

    /// The values of a key, in their order.
    pub fn values<'k>(&'k self, key: &'k str) -> impl DoubleEndedIterator<Item = &'k str> {
        self.values.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The value of a key that counts: the last.
    pub fn last<'k>(&'k self, key: &'k str) -> Option<&'k str> {
        self.values(key).next_back()
    }

    /// The names below a section, with their values.
    pub(super) fn below<'k>(&'k self, section: &'k str) -> impl Iterator<Item = (&'k str, &'k str)> {
        let is_below = move |key: &str| key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'));
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str())).filter(move |(key, _)| is_below(key))
    }

    /// Why git can't read the file, if so.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }
}
