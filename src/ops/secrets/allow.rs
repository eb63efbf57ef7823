//! Secrets that a person let go: they are told, and hold nothing back.

use std::collections::HashMap;

use crate::model::config_key::ALLOW;
use crate::model::text;
use crate::ops::{Error, Workspace};
use crate::secrets::{Allowed, Fingerprint};

/// Fewer digits are no beginning of a fingerprint that anybody means.
const SHORTEST: usize = 6;

impl Workspace {
    /// Lets a secret go that has this fingerprint. Allowed twice, the last note counts.
    ///
    /// # Errors
    /// When the text is no fingerprint, or the settings can't be written.
    pub fn allow_secret(&self, typed: &str, note: &str) -> Result<Allowed, Error> {
        let fingerprint = fingerprint(typed)?;
        for value in self.values_of(fingerprint) {
            self.unconfigure(&ALLOW, Some(&value))?;
        }
        let value = format!("{fingerprint} {}", text::plain(note)).trim_end().to_owned();
        self.configure_more(&ALLOW, &value)?;
        Allowed::parse(&value).ok_or_else(|| Error::NoFingerprint(typed.to_owned()))
    }

    /// Holds a secret back again that was let go. The beginning of its fingerprint will do.
    ///
    /// # Errors
    /// When it was not, when the text is no fingerprint, or when the settings can't be written.
    pub fn disallow_secret(&self, typed: &str) -> Result<Allowed, Error> {
        let fingerprint = self.allowed_like(typed)?;
        let mut last = None;
        for value in self.values_of(fingerprint) {
            self.unconfigure(&ALLOW, Some(&value))?;
            last = Allowed::parse(&value);
        }
        last.ok_or(Error::NotAllowed(fingerprint))
    }

    /// The secrets that were let go, with their notes.
    pub fn allowed_secrets(&self) -> HashMap<Fingerprint, String> {
        let all = self.setting(&ALLOW).values;
        all.iter().filter_map(|value| Allowed::parse(value)).map(|one| (one.fingerprint, one.note)).collect()
    }

    /// The fingerprint that a text is, or that of the only allowed secret whose fingerprint begins like that.
    fn allowed_like(&self, typed: &str) -> Result<Fingerprint, Error> {
        let typed = typed.to_ascii_lowercase();
        if typed.len() < SHORTEST || typed.parse::<Fingerprint>().is_ok() {
            return fingerprint(&typed);
        }
        let allowed = self.allowed_secrets().into_keys();
        let mut like: Vec<Fingerprint> = allowed.filter(|one| one.to_string().starts_with(&typed)).collect();
        like.sort_unstable();
        match like[..] {
            [one] => Ok(one),
            [] => Err(Error::NoFingerprint(typed)),
            _ => Err(Error::SeveralAllowed(typed, like)),
        }
    }

    fn values_of(&self, fingerprint: Fingerprint) -> Vec<String> {
        let is_of = |value: &String| Allowed::parse(value).is_some_and(|one| one.fingerprint == fingerprint);
        self.setting(&ALLOW).values.into_iter().filter(is_of).collect()
    }
}

fn fingerprint(typed: &str) -> Result<Fingerprint, Error> {
    typed.parse().map_err(|()| Error::NoFingerprint(typed.to_owned()))
}
