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
    /// Whether it is what another rule found as well in a text, and says more of it.
    pub fn knows_better(&self, other: &Self, text: &[u8]) -> bool {
        let has = |all: &Self, part: &Self| memchr::memmem::find(&all.secret, &part.secret).is_some();
        (self.tier, self.rule) < (other.tier, other.rule)
            && self.rule != other.rule
            && (has(other, self) || has(self, other) && !other.stands_alone(self, text))
    }

    /// Whether it stands in a text outside of a longer one, too: who lets the longer one go has not seen it there.
    fn stands_alone(&self, longer: &Self, text: &[u8]) -> bool {
        let times = |part: &Self, text: &[u8]| memchr::memmem::find_iter(text, &part.secret).count();
        self.secret.len() < longer.secret.len() && times(self, text) > times(longer, text) * times(self, &longer.secret)
    }
}
