//! The table of what is looked for. Each rule was written from what the issuer of the secret publishes about its form, which its source names.
//!
//! Of two rules that find the same, the earlier one tells it: special ones stand before general ones.

mod ai;
mod chat;
mod cloud;
mod databases;
mod delivery;
mod general;
mod hosting;
mod keys;
mod monitoring;
mod payments;
mod web;
mod work;

use super::rule::Rule;

/// The rules, by fields.
const FIELDS: [&[Rule]; 12] = [
    hosting::RULES,
    delivery::RULES,
    cloud::RULES,
    ai::RULES,
    payments::RULES,
    chat::RULES,
    monitoring::RULES,
    work::RULES,
    keys::RULES,
    databases::RULES,
    web::RULES,
    general::RULES,
];

/// All rules of the table.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FIELDS.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::secrets::rule::{Finds, Tier};

    #[test]
    fn the_table_is_sound() {
        let mut ids = HashSet::new();
        for rule in rules() {
            assert!(ids.insert(rule.id), "{} stands twice", rule.id);
            assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
            assert!(rule.source.len() > 8 && !rule.keywords.is_empty(), "{}", rule.id);
            assert!(rule.keywords.iter().all(|keyword| keyword.len() >= 3), "{}", rule.id);
            let regex = regex::bytes::RegexBuilder::new(&format!("^(?:{})", rule.pattern)).unicode(false).build();
            let groups = regex.unwrap_or_else(|error| panic!("{}: {error}", rule.id)).captures_len();
            let has_group = matches!(rule.finds, Finds::Group | Finds::Block);
            assert_eq!(groups, 1 + usize::from(has_group), "{}", rule.id);
        }
        assert!(rules().filter(|rule| rule.tier == Tier::Sure).count() >= 120);
    }
}
