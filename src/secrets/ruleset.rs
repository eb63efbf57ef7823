//! All rules that count: those of the table, and a person's own. What a line or a text says is scanned for the keywords of all of them in one pass.

use std::borrow::Cow;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::found::Match;
use super::keywords::Keywords;
use super::matcher::Matcher;
use super::own_rule::{OwnRule, RuleError};
use super::rule::{Finds, Rule, Tier};
use super::rules::rules;

/// Goes up when the same rules find something else.
const VERSION: u8 = 4;

/// The rules.
pub struct Rules {
    matchers: Vec<Matcher>,
    own: Vec<OwnRule>,
    keywords: Keywords,
}

impl Rules {
    /// The rules of the table, and a person's own.
    ///
    /// # Errors
    /// When these are more than fit.
    pub fn new(own: Vec<OwnRule>) -> Result<Self, RuleError> {
        let matchers: Vec<Matcher> = rules().map(Matcher::new).collect();
        let keywords = Keywords::new(matchers.iter().map(|matcher| matcher.rule.keywords));
        let keywords = keywords.map_err(|error| RuleError::Pattern(error.to_string()))?;
        Ok(Self { matchers, own, keywords })
    }

    /// The rules of the table.
    pub fn table(&self) -> impl Iterator<Item = &'static Rule> {
        self.matchers.iter().map(|matcher| matcher.rule)
    }

    /// A person's own rules.
    pub fn own(&self) -> &[OwnRule] {
        &self.own
    }

    /// What tells these rules from any others: what was scanned with the same need not be scanned again.
    pub fn hash_of_rules(&self) -> String {
        let mut hash = Sha256::new_with_prefix([VERSION]);
        let mut put = |text: &str| {
            hash.update(text.as_bytes());
            hash.update([0]);
        };
        for rule in self.table() {
            put(rule.id);
            put(rule.pattern);
            put(&format!("{:?} {:?} {:?}", rule.tier, rule.finds, rule.check));
            rule.keywords.iter().for_each(|keyword| put(keyword));
        }
        for own in &self.own {
            put(own.id());
            put(own.pattern());
        }
        hash.finalize().iter().take(20).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Hands over what the rules find whose keywords end within a part of a text.
    pub(super) fn each_match(&self, text: &[u8], part: Range<usize>, take: &mut dyn FnMut(Match, usize)) {
        self.keywords.each(&text[part.clone()], &mut |keyword, at| {
            let keyword = part.start + keyword.start..part.start + keyword.end;
            if let Some((secret, public)) = self.matchers[at].secret(text, keyword.clone()) {
                take(Match { rule: at, tier: self.matchers[at].rule.tier, secret, public }, keyword.start);
            }
        });
    }

    /// Hands over what a person's own rules find.
    pub(super) fn each_own_match(&self, text: &[u8], take: &mut dyn FnMut(Match)) {
        for (at, own) in self.own.iter().enumerate() {
            for found in own.regex.captures_iter(text) {
                let secret = found.get(1).or_else(|| found.get(0)).map(|found| found.as_bytes().to_vec());
                let rule = self.matchers.len() + at;
                take(Match { rule, tier: Tier::Sure, secret: secret.unwrap_or_default(), public: 0 });
            }
        }
    }

    /// Whether what a rule finds ends where its expression does, and not where a shape of its own says.
    pub(super) fn ends_open(&self, id: &str) -> bool {
        let matcher = self.matchers.iter().find(|matcher| matcher.rule.id == id);
        matcher.is_none_or(|matcher| matches!(matcher.rule.finds, Finds::Group | Finds::Value))
    }

    /// Whether a key of an object is worth looking at what it is given.
    pub(super) fn has_keyword(&self, key: &[u8]) -> bool {
        self.keywords.are_in(key)
    }

    /// What a rule is called.
    pub(super) fn id(&self, rule: usize) -> Cow<'static, str> {
        match self.matchers.get(rule) {
            Some(matcher) => Cow::Borrowed(matcher.rule.id),
            None => Cow::Owned(self.own[rule - self.matchers.len()].id().to_owned()),
        }
    }
}
