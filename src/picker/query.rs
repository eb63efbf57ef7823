//! What is typed above the list, as it is meant.

/// What the list is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Sessions that have all these words, if there are any.
    Words { words: Vec<String>, has_capital: bool },
    /// Sessions in whose conversations this is.
    Text(String),
}

/// What is looked at of a session: as it is, and in small letters.
pub struct Haystack {
    as_it_is: String,
    lower: String,
}

impl Haystack {
    pub fn of(text: String) -> Self {
        Self { lower: text.to_lowercase(), as_it_is: text }
    }
}

impl Query {
    /// Reads it: what begins with `?` is looked for in conversations.
    pub fn read(typed: &str) -> Self {
        match typed.trim_start().strip_prefix('?') {
            Some(text) => Self::Text(text.trim().to_owned()),
            None => {
                let words: Vec<String> = typed.split_whitespace().map(str::to_owned).collect();
                let has_capital = words.iter().any(|word| word.chars().any(char::is_uppercase));
                Self::Words { words, has_capital }
            }
        }
    }

    /// The text that is looked for in conversations, if there is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Words { .. } => None,
        }
    }

    /// Whether it leaves everything in the list.
    pub fn takes_all(&self) -> bool {
        match self {
            Self::Words { words, .. } => words.is_empty(),
            Self::Text(text) => text.is_empty(),
        }
    }

    /// Whether a session has all words. Capital letters count if one was typed.
    pub fn takes(&self, haystack: &Haystack) -> bool {
        match self {
            Self::Text(_) => true,
            Self::Words { words, has_capital } => {
                let text = if *has_capital { &haystack.as_it_is } else { &haystack.lower };
                words.iter().all(|word| text.contains(word.as_str()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_count_and_a_capital_letter_makes_case_count() {
        let tally = Haystack::of("Tally, the tool\n~/tally\nÄrger".to_owned());
        let takes = |typed| Query::read(typed).takes(&tally);
        assert!(takes("") && takes("tool tally") && takes("  the ") && takes("Tally") && takes("ärger"));
        assert!(!takes("tool hammer") && !takes("TALLY") && !takes("Tool"));
    }

    #[test]
    fn a_question_mark_looks_into_conversations() {
        assert_eq!(Query::read("?borrow checker").text(), Some("borrow checker"));
        assert!(Query::read("?").takes_all() && Query::read(" ").takes_all() && !Query::read("?x").takes_all());
        assert_eq!(Query::read("why?").text(), None);
    }
}
