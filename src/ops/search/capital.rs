//! Capital letters in what was typed: where there is one, case counts.

use std::convert::Infallible;

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Ast, ClassSetItem, Literal, LiteralKind, Visitor, visit};

/// Whether a capital letter was typed that stands for itself: not one that names a class or a group, and none that is told by its number.
pub(super) fn has_capital(typed: &str, is_fixed: bool) -> bool {
    if is_fixed {
        return typed.chars().any(char::is_uppercase);
    }
    // What is no pattern is refused for that.
    Parser::new().parse(typed).is_ok_and(|ast| visit(&ast, Capitals(false)).unwrap_or(false))
}

/// Whether a capital letter was met.
struct Capitals(bool);

impl Capitals {
    fn meet(&mut self, letter: &Literal) {
        self.0 |= letter.kind == LiteralKind::Verbatim && letter.c.is_uppercase();
    }
}

impl Visitor for Capitals {
    type Output = bool;
    type Err = Infallible;

    fn finish(self) -> Result<bool, Infallible> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Infallible> {
        if let Ast::Literal(letter) = ast {
            self.meet(letter);
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        match item {
            ClassSetItem::Literal(letter) => self.meet(letter),
            ClassSetItem::Range(range) => {
                self.meet(&range.start);
                self.meet(&range.end);
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_that_stand_for_themselves_count() {
        for typed in ["Fix", "a[A-Z]", "(b|C)", "x*Y", "ä|Ö", "[^X]"] {
            assert!(has_capital(typed, false), "{typed}");
        }
        for typed in [
            "fix",
            r"\Sa\W",
            r"\p{Greek}|a",
            r"\pLa",
            "(?P<Name>a)",
            "(?<N>a)",
            r"\x41",
            "[[:upper:]]",
            r"a\B",
            "(?U)a",
        ] {
            assert!(!has_capital(typed, false), "{typed}");
        }
        assert!(has_capital(r"\S", true) && !has_capital("(", false));
    }
}
