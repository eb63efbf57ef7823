//! Directories that were moved: where one that a session recorded is now.
//!
//! A move takes a directory and all below it elsewhere. The longest old name that fits counts, and moves follow each other: after A → B and B → C,
//! A is C. No move leads in a circle, so every directory is in one place in the end.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, is_separator};

/// A directory that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Move {
    /// Where it was, from the root of the file system on.
    pub old: String,
    /// Where it is.
    pub new: String,
}

/// Why a directory can't have been moved like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// It is no `OLD=NEW` of two whole paths.
    #[error("it must be OLD=NEW, two whole paths")]
    NoMove,
    /// The name is not one that can be written down and read again.
    #[error("`{}` can't be written down as a moved directory", .0.escape_debug())]
    BadPath(String),
    /// Both are the same.
    #[error("`{0}` and its new place are the same")]
    Itself(String),
    /// The new place is in the old one.
    #[error("`{new}` lies in `{old}`: what is recorded there would move again and again")]
    Within {
        /// Where it was.
        old: String,
        /// Where it would be.
        new: String,
    },
    /// Another move leads back.
    #[error("`{}` can't be moved to `{}`: sessions of `{}` count as being in `{}`, which leads in a circle", this.old, this.new, other.old, other.new)]
    Circle {
        /// The move.
        this: Move,
        /// One that leads back.
        other: Move,
    },
}

impl Move {
    /// A move between two whole paths.
    ///
    /// # Errors
    /// When these can't be written down as one, or are the same, or lie within each other.
    pub fn new(old: &str, new: &str) -> Result<Self, MoveError> {
        for path in [old, new] {
            // What is read must be what was written: neither path may look like the end of one and the beginning of another.
            let name = path.trim_end_matches(is_separator);
            let is_odd = name.is_empty() || !Path::new(path).is_absolute() || path.contains(char::is_control);
            if is_odd || split(path).is_some() {
                return Err(MoveError::BadPath(path.to_owned()));
            }
        }
        let [old, new] = [old, new].map(|path| path.trim_end_matches(is_separator).to_owned());
        if old == new {
            return Err(MoveError::Itself(old));
        }
        match below(&new, &old) {
            Some(_) => Err(MoveError::Within { old, new }),
            None => Ok(Self { old, new }),
        }
    }

    /// Reads `OLD=NEW`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, MoveError> {
        let (old, new) = split(text).ok_or(MoveError::NoMove)?;
        Self::new(old, new)
    }
}

impl fmt::Display for Move {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}", self.old, self.new)
    }
}

/// The two whole paths of a text: names can have a `=` in them, too.
fn split(text: &str) -> Option<(&str, &str)> {
    let halves = text.match_indices('=').map(|(at, _)| (&text[..at], &text[at + 1..]));
    halves.into_iter().find(|(old, new)| Path::new(old).is_absolute() && Path::new(new).is_absolute())
}

/// What follows a directory in the path of one that it is or holds.
fn below<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(directory)?;
    (rest.is_empty() || rest.starts_with(is_separator)).then_some(rest)
}

/// All directories that were moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves(Vec<Move>);

impl Moves {
    /// Reads moves as they were written down, the oldest first. The second value has those that make no sense, and why: they count for nothing.
    pub fn read<'t>(texts: impl IntoIterator<Item = &'t str>) -> (Self, Vec<(String, MoveError)>) {
        let (mut moves, mut odd) = (Self::default(), Vec::new());
        for text in texts {
            match Move::parse(text).and_then(|one| moves.with(one)) {
                Ok(more) => moves = more,
                Err(error) => odd.push((text.to_owned(), error)),
            }
        }
        (moves, odd)
    }

    /// The same, and one more. It takes the place of one of the same directory.
    ///
    /// # Errors
    /// When they would lead in a circle.
    pub fn with(&self, one: Move) -> Result<Self, MoveError> {
        let mut moves: Vec<Move> = self.0.iter().filter(|other| other.old != one.old).cloned().collect();
        moves.push(one.clone());
        let moves = Self(moves);
        // The new one first: what leads back from its end is what stands in its way.
        let starts = moves.0.iter().rev().flat_map(|other| [&other.new, &other.old]);
        for (way, _, ends) in starts.map(|start| moves.way(start)) {
            if !ends {
                let other = way.into_iter().find(|other| **other != one).cloned();
                let Move { old, new } = one.clone();
                return Err(match other {
                    Some(other) => MoveError::Circle { this: one, other },
                    None => MoveError::Within { old, new },
                });
            }
        }
        Ok(moves)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Move> {
        self.0.iter()
    }

    /// Where a directory is now that was at a path, and the same of a file.
    pub fn now<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if self.0.is_empty() { Cow::Borrowed(path) } else { self.way(path).1 }
    }

    /// The moves that a directory takes part in, in their order.
    pub fn of(&self, path: &str) -> Vec<&Move> {
        self.way(path).0
    }

    /// The moves that take a directory from a path, where it is after them, and whether that is the end: none of them is taken twice.
    fn way<'p>(&self, path: &'p str) -> (Vec<&Move>, Cow<'p, str>, bool) {
        let (mut way, mut path): (Vec<&Move>, _) = (Vec::new(), Cow::Borrowed(path));
        loop {
            let fits = |one: &&Move| below(&path, &one.old).is_some();
            let Some(one) = self.0.iter().filter(fits).max_by_key(|one| one.old.len()) else {
                return (way, path, true);
            };
            if way.contains(&one) {
                return (way, path, false);
            }
            path = Cow::Owned(format!("{}{}", one.new, below(&path, &one.old).unwrap_or_default()));
            way.push(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(texts: &[&str]) -> Moves {
        let (moves, odd) = Moves::read(texts.iter().copied());
        assert_eq!(odd, []);
        moves
    }

    #[test]
    fn a_directory_is_where_the_longest_name_and_the_moves_after_it_lead() {
        let moves = moves(&["/a=/b", "/a/deep=/else", "/b=/c"]);
        for (was, is) in [
            ("/a", "/c"),
            ("/a/x/y", "/c/x/y"),
            ("/a/deep", "/else"),
            ("/a/deep/er", "/else/er"),
            ("/a/deeper", "/c/deeper"),
            ("/ab", "/ab"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(moves.now(was), is, "{was}");
            assert_eq!(moves.now(is), is, "{is} is the end");
        }
        assert_eq!(moves.of("/a/x").len(), 2);
    }

    #[test]
    fn a_later_move_of_the_same_directory_takes_the_place_of_the_earlier() {
        assert_eq!(moves(&["/a=/b", "/a/=/c/"]).now("/a"), "/c");
    }

    #[test]
    fn no_move_leads_in_a_circle() {
        for texts in [
            &["/a=/b", "/b=/a"][..],
            &["/a=/b", "/b=/c", "/c=/a"],
            &["/a=/b/x", "/b=/a"],
            &["/old=/n", "/n/sub=/old/sub"],
            &["/a=/a/b"],
            &["/a=/a"],
        ] {
            let (moves, odd) = Moves::read(texts.iter().copied());
            assert_eq!((moves.0.len(), odd.len()), (texts.len() - 1, 1), "{texts:?}");
        }
        let back = moves(&["/a=/b", "/b=/c"]).with(Move::new("/c", "/a").unwrap());
        let MoveError::Circle { other, .. } = back.unwrap_err() else { panic!("it leads in a circle") };
        assert_eq!(other.to_string(), "/a=/b", "without it, /c can be /a");
        assert!(moves(&["/b=/c"]).with(Move::new("/c", "/a").unwrap()).is_ok());
    }

    #[test]
    fn what_is_written_down_is_read_again() {
        for (old, new) in [("/a=b", "/c"), ("/a", "/c=d"), ("/a b", "/ü"), ("/a\"", "/b#;")] {
            let one = Move::new(old, new).unwrap();
            assert_eq!(Move::parse(&one.to_string()).unwrap(), one);
        }
        for (old, new) in [("/a=/b", "/c"), ("/a", "/b=/c"), ("a", "/b"), ("/a", "b"), ("/", "/b"), ("/a\nb", "/c")] {
            assert!(Move::new(old, new).is_err(), "{old} {new}");
        }
        for odd in ["", "=", "/a", "/a=", "=/b", "a=b", "/a=b"] {
            assert_eq!(Move::parse(odd), Err(MoveError::NoMove), "{odd}");
        }
    }
}
