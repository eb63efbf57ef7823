//! Samples of secrets: drawn from the rules' own patterns by a generator with a fixed seed, so that no real one and none that a code host knows
//! stands in a source file.

use codex_git::secrets::{Finds, Rule, Rules, rules};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Repetitions that may go on for ever, or very long, go on for at most so much longer.
const MORE: u32 = 24;

/// Draws numbers, the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// A text with a secret in it, and the rule that is to find it.
pub struct Sample {
    pub rule: &'static Rule,
    pub text: String,
}

/// As many samples of each rule, each found by that rule where it stands alone.
pub fn samples(all: &Rules, each: usize) -> Vec<Sample> {
    let mut random = Random::new(7);
    let (mut samples, mut odd) = (Vec::new(), Vec::new());
    for rule in rules() {
        let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(rule.pattern).unwrap();
        for _ in 0..each {
            // Chance makes words that stand in for secrets, and tokens that a rule before knows as well.
            let is_found = |text: &String| found(all, text).iter().any(|found| found == rule.id);
            match (0..40).map(|_| text_of(rule, &hir, &mut random)).find(is_found) {
                Some(text) => samples.push(Sample { rule, text }),
                None => odd.push(rule.id),
            }
        }
    }
    assert_eq!(odd, [""; 0], "rules that don't find what their patterns allow");
    samples
}

/// The rules that find something in a text.
pub fn found(all: &Rules, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    all.scan_text(text, &mut |finding| found.push(finding.rule().to_owned()));
    found
}

fn text_of(rule: &Rule, hir: &Hir, random: &mut Random) -> String {
    let mut bytes = Vec::new();
    draw(hir, random, &mut bytes);
    let drawn = String::from_utf8(bytes).unwrap();
    match rule.finds {
        Finds::Value => {
            let name = rule.keywords[random.below(rule.keywords.len())].to_ascii_uppercase();
            format!("{name}={drawn}")
        }
        _ => drawn,
    }
}

fn draw(hir: &Hir, random: &mut Random, out: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend(&*literal.0),
        HirKind::Class(class) => out.push(letter(class, random)),
        HirKind::Capture(group) => draw(&group.sub, random, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| draw(part, random, out)),
        HirKind::Alternation(parts) => draw(&parts[random.below(parts.len())], random, out),
        HirKind::Repetition(repeated) => {
            // Escapes are for the disguises.
            if matches!(repeated.sub.kind(), HirKind::Literal(literal) if &*literal.0 == b"\\") {
                return;
            }
            let most = repeated.max.unwrap_or(u32::MAX).min(repeated.min + MORE);
            let times = repeated.min as usize + random.below((most - repeated.min + 1) as usize);
            // A block's fewest characters hold no key.
            let times = if repeated.max == Some(16_000) || repeated.max == Some(8_000) { 400 } else { times };
            (0..times).for_each(|_| draw(&repeated.sub, random, out));
        }
    }
}

/// A printed letter of a class; a letter or a digit if it has one, most of the time.
fn letter(class: &Class, random: &mut Random) -> u8 {
    let Class::Bytes(class) = class else { panic!("a class of bytes") };
    let all: Vec<u8> =
        class.iter().flat_map(|range| range.start()..=range.end()).filter(u8::is_ascii_graphic).collect();
    let plain: Vec<u8> = all.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    match (plain.is_empty(), all.is_empty()) {
        (false, _) if plain.len() < 20 || random.below(12) > 0 || all.len() > 70 => plain[random.below(plain.len())],
        (_, false) => all[random.below(all.len())],
        _ => b' ',
    }
}
