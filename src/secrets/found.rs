//! What one rule found in a place; of several rules that found the same, one knows it best.

use super::rule::Tier;

/// What a rule found.
pub(super) struct Match {
    /// The rule, by its place; the earlier of two knows more of the kind.
    pub rule: usize,
    pub tier: Tier,
    pub secret: Vec<u8>,
    /// How many bytes of it are public.
    pub public: usize,
}

impl Match {
    /// Whether it is what another rule found as well, and says more of it.
    pub fn knows_better(&self, other: &Self) -> bool {
        (self.tier, self.rule) < (other.tier, other.rule)
            && self.rule != other.rule
            && (self.holds(other) || other.holds(self))
    }

    /// Whether it stands in a text outside of what others found, that hold it and know better, too: who lets these go has not seen it there.
    pub fn stands_alone(&self, better: &[&Self], text: &[u8]) -> bool {
        if better.iter().any(|other| self.holds(other)) {
            return false;
        }
        let times = |part: &Self, text: &[u8]| memchr::memmem::find_iter(text, &part.secret).count();
        let mut longest: Vec<&Self> = Vec::new();
        for one in better {
            if !better.iter().any(|other| other.secret.len() > one.secret.len() && other.holds(one))
                && !longest.iter().any(|other| other.secret == one.secret)
            {
                longest.push(one);
            }
        }
        // One that is spelled otherwise in the text stands there all the same.
        let held: usize = longest.iter().map(|one| times(one, text).max(1) * times(self, &one.secret)).sum();
        times(self, text) > held
    }

    fn holds(&self, part: &Self) -> bool {
        memchr::memmem::find(&self.secret, &part.secret).is_some()
    }
}
