//! Secrets in what is recorded: all that a conversation or the whole store holds is scanned, each blob once, and what was found clean is noted.
//!
//! Whatever leaves the store goes through this: [`Workspace::secrets`] tells what a conversation holds that somebody else should not see.

mod allow;
mod found;
mod part;
mod parts;
mod scan;
mod scanned;
mod scope;

pub use found::{FoundSecret, Secrets};
pub use scope::{Leaving, Scope};

use found::Gather;
use parts::Parts;
use scanned::Scanned;

use super::{Error, Workspace};
use crate::model::config_key::{GATE, RULE};
use crate::secrets::{FingerprintKey, OwnRule, Rules};

impl Workspace {
    /// The secrets in what was recorded. `progress` is told how many turns are scanned, and of how many.
    ///
    /// # Errors
    /// When the store can't be read, or a rule of the person's own is none.
    pub fn secrets(&self, scope: Scope<'_>, progress: &mut dyn FnMut(usize, usize)) -> Result<Secrets, Error> {
        let rules = self.secret_rules()?;
        let mut scanned = Scanned::load(&self.store, &rules.hash_of_rules());
        let mut parts = Parts::new(self, &rules, &scanned);
        parts.gather(scope)?;
        let read = self.scan_parts(&rules, parts.unread(), progress)?;
        let key = FingerprintKey::new(self.store.own_key()?);
        let mut gather = Gather::new(key, self.allowed_secrets(), self.gate_is_strict());
        let clean = parts.told(read, &mut gather);
        let mut secrets = gather.done(parts.sessions(), parts.take_broken(), parts.take_held());
        let suspects = parts.take_suspects();
        scanned.add(clean);
        scanned.save(&self.store);
        if let Scope::Leaving(all) = scope {
            // A fork from before a secret may leave: it is looked at once more, alone.
            for suspect in all.iter().filter(|one| all.len() > 1 && suspects.contains(&one.session)) {
                if self.secrets(Scope::Leaving(std::slice::from_ref(suspect)), &mut |_, _| {})?.held.is_empty() {
                    secrets.held.remove(&suspect.session);
                }
            }
        }
        Ok(secrets)
    }

    /// Whether what may be a secret keeps its session from leaving, too.
    pub fn gate_is_strict(&self) -> bool {
        // A word that nobody understands was set to hold more back, not less.
        self.store.config().last(&GATE.in_git()).is_some_and(|word| word != "sure")
    }

    /// What is looked for: the rules of the table, and those of the settings.
    ///
    /// # Errors
    /// When one of the settings is no rule: what it was to find would leave unseen.
    pub fn secret_rules(&self) -> Result<Rules, Error> {
        let rule =
            |value: &str| OwnRule::parse(value).map_err(|reason| Error::BadRule { value: value.to_owned(), reason });
        let own = self.store.config().values(&RULE.in_git()).map(rule).collect::<Result<Vec<_>, _>>()?;
        Rules::new(own).map_err(|reason| Error::BadRule { value: String::new(), reason })
    }
}
