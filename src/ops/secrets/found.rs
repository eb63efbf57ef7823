//! What a scan found: each secret of a turn once, masked, with the places in which it stands.

use std::collections::{BTreeSet, HashMap};

use crate::model::SessionId;
use crate::ops::Error;
use crate::secrets::{Finding, Fingerprint, FingerprintKey, Tier};

/// A secret in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundSecret {
    /// The session.
    pub session: SessionId,
    /// The turn; 0 for the session's first line and its name.
    pub turn: u32,
    /// What it stands in, by the words of `search --in`, and `title`, `name` and `save`.
    pub places: Vec<&'static str>,
    /// The rule that found it.
    pub rule: String,
    /// How sure that is.
    pub tier: Tier,
    /// The secret, masked.
    pub masked: String,
    /// What stands for it.
    pub fingerprint: Fingerprint,
    /// How many times it stands there.
    pub times: usize,
    /// Why it may leave, if a person allowed that.
    pub allowed: Option<String>,
}

impl FoundSecret {
    /// Whether it keeps its session from leaving. `strict` says that what may be a secret does, too.
    pub fn holds_back(&self, strict: bool) -> bool {
        holds_back(self.tier, self.allowed.is_some(), strict)
    }
}

/// Whether a secret of a tier keeps its session from leaving.
fn holds_back(tier: Tier, is_allowed: bool, strict: bool) -> bool {
    !is_allowed && (strict || tier == Tier::Sure)
}

/// What a scan found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Secrets {
    /// The secrets, newest session first; of a session in the order of its turns.
    pub found: Vec<FoundSecret>,
    /// How many sessions were looked at.
    pub sessions: usize,
    /// How many turns were read: not those that are known to be clean.
    pub read: usize,
    /// How many turns can't be read.
    pub unreadable: usize,
    /// The sessions that can't be read, and why.
    pub broken: Vec<(SessionId, Error)>,
    /// The sessions that are kept from leaving: by a secret in what they hold or took over from others, or because not all of it can be read.
    pub held: BTreeSet<SessionId>,
}

/// Where a finding stands.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub session: SessionId,
    pub turn: u32,
    pub place: &'static str,
}

/// Secrets while they are put together.
pub(super) struct Gather {
    key: FingerprintKey,
    allowed: HashMap<Fingerprint, String>,
    secrets: Secrets,
    by_secret: HashMap<(SessionId, u32, Fingerprint), usize>,
    /// Whether what may be a secret holds back, too.
    is_strict: bool,
}

impl Gather {
    pub fn new(key: FingerprintKey, allowed: HashMap<Fingerprint, String>, is_strict: bool) -> Self {
        Self { key, allowed, secrets: Secrets::default(), by_secret: HashMap::new(), is_strict }
    }

    /// Takes a finding. Tells whether it keeps its session from leaving.
    pub fn take(&mut self, spot: Spot, finding: &Finding) -> bool {
        let fingerprint = finding.fingerprint(&self.key);
        let found = &mut self.secrets.found;
        let at = *self.by_secret.entry((spot.session, spot.turn, fingerprint)).or_insert_with(|| {
            found.push(FoundSecret {
                session: spot.session,
                turn: spot.turn,
                places: Vec::new(),
                rule: finding.rule().to_owned(),
                tier: finding.tier(),
                masked: finding.masked(),
                fingerprint,
                times: 0,
                allowed: self.allowed.get(&fingerprint).cloned(),
            });
            found.len() - 1
        });
        found[at].times += 1;
        if !found[at].places.contains(&spot.place) {
            found[at].places.push(spot.place);
        }
        found[at].holds_back(self.is_strict)
    }

    /// Counts a turn that was read.
    pub fn count(&mut self, is_readable: bool) {
        self.secrets.read += usize::from(is_readable);
        self.secrets.unreadable += usize::from(!is_readable);
    }

    /// All that was found.
    pub fn done(self, sessions: usize, broken: Vec<(SessionId, Error)>, held: BTreeSet<SessionId>) -> Secrets {
        let mut secrets = Secrets { sessions, broken, held, ..self.secrets };
        secrets.found.sort_by(|a, b| b.session.cmp(&a.session).then(a.turn.cmp(&b.turn)).then(a.tier.cmp(&b.tier)));
        secrets
    }
}
