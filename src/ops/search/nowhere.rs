//! Patterns that no line can match, however often it is looked: each match would hold a line end, or a character that steers a screen.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Why no line can match a pattern, if so. What is no pattern can.
pub(super) fn reason(pattern: &str) -> Option<&'static str> {
    let hir = regex_syntax::parse(pattern).ok()?;
    if needs(&hir, &|letter| letter == '\n') {
        return Some("a line holds no line end");
    }
    let steers = |letter: char| letter.is_control() && letter != '\t';
    needs(&hir, &steers).then_some("what steers a screen is not in the text that is searched")
}

/// Whether every match holds a letter of a kind.
fn needs(hir: &Hir, is_so: &dyn Fn(char) -> bool) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|text| text.chars().any(is_so)),
        HirKind::Class(Class::Unicode(class)) => {
            // No kind that is asked for has a letter beyond these.
            let all = |range: &regex_syntax::hir::ClassUnicodeRange| {
                range.end() <= '\u{9f}' && (range.start()..=range.end()).all(is_so)
            };
            !class.ranges().is_empty() && class.iter().all(all)
        }
        HirKind::Repetition(repetition) => repetition.min > 0 && needs(&repetition.sub, is_so),
        HirKind::Capture(capture) => needs(&capture.sub, is_so),
        HirKind::Concat(parts) => parts.iter().any(|part| needs(part, is_so)),
        HirKind::Alternation(ways) => ways.iter().all(|way| needs(way, is_so)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_needs_what_no_line_holds_is_told() {
        for never in ["a\\nb", "\\n", "a\nb", "(a\\n|\\nb)", "\\x1b\\[", "[\\r\\x1b]+", "(\\r)"] {
            assert!(reason(never).is_some(), "{never}");
        }
        for can in ["a\\n?b", "a|\\n", "\\s", "[^a]", "\\t", "a b", "", "\\W", "(a\\r)*"] {
            assert_eq!(reason(can), None, "{can}");
        }
    }
}
