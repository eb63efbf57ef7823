//! What going back does to each file: the rule, without any I/O.
//!
//! A file is put back only if it is as the turns left it. What somebody changed since, what no snapshot has, and what stands in the way is left
//! as it is, and named. Nothing is replaced or removed that the snapshot of the folder as it is does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::is_safe;
use crate::model::ObjectId;

/// A file of a snapshot: its mode and its bytes' id.
pub type Version = (u32, ObjectId);

/// The modes of a tree's files: a symbolic link, a file, and a file that its owner may execute.
pub const LINK: u32 = 0o120_000;
/// See [`LINK`].
pub const PLAIN: u32 = 0o100_644;
/// See [`LINK`].
pub const EXECUTABLE: u32 = 0o100_755;

/// What is wanted of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What is to stand there; none, if no file is.
    pub want: Option<Version>,
    /// What the turns left there; none, where whatever stands there is to give way.
    pub expected: Option<Left>,
}

/// What the turns left at a path: a file, or none.
pub type Left = Option<Version>;

/// What stands at a path now, seen through no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// A file that the snapshot of the folder as it is has, too.
    Kept(Version),
    /// A file that it does not have, since it is ignored or was left out; and which, if that can be told.
    Unkept(Option<Version>),
    /// A folder; whether it holds something that no snapshot has.
    Folder {
        /// Whether it does.
        unkept: bool,
    },
    /// Something that has no bytes: a pipe, a socket.
    Other,
}

/// Why a path is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Spared {
    /// Somebody changed it after the turns.
    Changed,
    /// Others changed it between the turns, and that is to stay.
    Between,
    /// Another session, or a person, may have changed it, and not the turn.
    Unsure,
    /// What stands there is in no snapshot.
    Unkept,
    /// The project's ignore rules keep it out.
    Ignored,
    /// The snapshot left it out, so that what it held is not known.
    LeftOut,
    /// Its bytes are gone.
    Gone,
    /// A folder stands there with something in it.
    Folder,
    /// A file or a link stands where its folder would have to be.
    Above,
    /// It is no name that a file may have.
    Name,
}

const WORDS: [(Spared, &str, &str); 10] = [
    (Spared::Changed, "changed", "changed since"),
    (Spared::Between, "between", "changed by others between the turns"),
    (Spared::Unsure, "unsure", "perhaps not changed by this session"),
    (Spared::Unkept, "unkept", "what is there now is in no snapshot"),
    (Spared::Ignored, "ignored", "ignored"),
    (Spared::LeftOut, "left-out", "not in the snapshot"),
    (Spared::Gone, "gone", "the project no longer has the bytes"),
    (Spared::Folder, "folder", "a folder has that name now"),
    (Spared::Above, "above", "a file or a link has the name of the folder"),
    (Spared::Name, "name", "no file may have such a name"),
];

impl Spared {
    /// Its word, for programs.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(why, ..)| *why == self).map_or("", |(_, word, _)| word)
    }
}

impl fmt::Display for Spared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(WORDS.iter().find(|(why, ..)| why == self).map_or("", |(.., words)| words))
    }
}

/// What is done to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What stands there.
    pub from: Option<Version>,
    /// What is to stand there.
    pub to: Option<Version>,
}

impl Step {
    /// What it does, in a word.
    pub const fn word(self) -> &'static str {
        match (self.from, self.to) {
            (None, _) => "add",
            (_, None) => "delete",
            _ => "update",
        }
    }
}

/// What is done, and what is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// What is done, by path.
    pub steps: BTreeMap<Vec<u8>, Step>,
    /// What is left as it is, and why.
    pub spared: BTreeMap<Vec<u8>, Spared>,
}

impl Steps {
    /// Decides for all paths. `standing` says what stands at a path, `files` are those of the folder as it is.
    pub fn of(
        goals: &BTreeMap<Vec<u8>, Goal>,
        files: &BTreeMap<Vec<u8>, Version>,
        standing: &dyn Fn(&[u8]) -> Standing,
    ) -> Self {
        let mut steps = Self::default();
        for (path, goal) in goals {
            let is_name = path.split(|byte| *byte == b'/').all(is_safe);
            let decision = if is_name { decided(goal, standing(path)) } else { Err(Spared::Name) };
            match decision {
                Ok(Some(step)) => drop(steps.steps.insert(path.clone(), step)),
                Ok(None) => {}
                Err(why) => drop(steps.spared.insert(path.clone(), why)),
            }
        }
        steps.settle(files, standing);
        steps
    }

    /// Leaves a path as it is.
    pub fn spare(&mut self, path: &[u8], why: Spared) {
        self.steps.remove(path);
        self.spared.insert(path.to_vec(), why);
    }

    /// Leaves what could not be done since something else is left: that can be in the way of more.
    pub fn settle(&mut self, files: &BTreeMap<Vec<u8>, Version>, standing: &dyn Fn(&[u8]) -> Standing) {
        let mut left = BTreeMap::new();
        loop {
            let written = self.steps.iter().filter(|(_, step)| step.to.is_some());
            let barred: Vec<_> =
                written.filter_map(|(path, _)| Some((path.clone(), self.bar(path, files, standing)?))).collect();
            if barred.is_empty() {
                break;
            }
            barred.iter().for_each(|(path, _)| _ = self.steps.remove(path));
            left.extend(barred);
        }
        self.spared.extend(left);
    }

    /// What is in the way of a file.
    fn bar(
        &self,
        path: &[u8],
        files: &BTreeMap<Vec<u8>, Version>,
        standing: &dyn Fn(&[u8]) -> Standing,
    ) -> Option<Spared> {
        let goes = |path: &[u8]| self.steps.get(path).is_some_and(|step| step.to.is_none());
        // Turns can have known a file in the place of a folder that a person made, and what was in the folder before.
        let comes = |path: &[u8]| self.steps.get(path).is_some_and(|step| step.to.is_some());
        let is_barred = |above: &[u8]| match standing(above) {
            _ if comes(above) => true,
            Standing::Nothing | Standing::Folder { .. } => false,
            Standing::Kept(_) => !goes(above),
            Standing::Unkept(_) | Standing::Other => true,
        };
        if above(path).any(is_barred) {
            return Some(Spared::Above);
        }
        let Standing::Folder { unkept } = standing(path) else { return None };
        let inside = [path, b"/"].concat();
        let mut within = files.range(inside.clone()..).take_while(|(path, _)| path.starts_with(&inside));
        (unkept || !within.all(|(path, _)| goes(path))).then_some(Spared::Folder)
    }
}

fn decided(goal: &Goal, standing: Standing) -> Result<Option<Step>, Spared> {
    let now = match standing {
        // A folder that is in the way is looked at when it is known what goes.
        Standing::Nothing | Standing::Folder { .. } => None,
        Standing::Kept(version) => Some(version),
        Standing::Unkept(version) if version.is_some() && version == goal.want => return Ok(None),
        Standing::Unkept(_) | Standing::Other => return Err(Spared::Unkept),
    };
    match goal.expected {
        _ if now == goal.want => Ok(None),
        Some(expected) if now != expected => Err(Spared::Changed),
        _ => Ok(Some(Step { from: now, to: goal.want })),
    }
}

/// The folders that a path is in, from the top.
pub fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').filter_map(|(at, _)| path.get(..at))
}

/// Whether a path is another, or lies below it; every path lies below the empty one.
pub fn lies_in(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// The folders that files were in which are gone, the deepest first.
pub fn folders_of<'a>(paths: impl Iterator<Item = &'a [u8]>) -> Vec<&'a [u8]> {
    let folders: BTreeSet<&[u8]> = paths.flat_map(above).collect();
    // What lies below a path comes after it.
    folders.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(byte: u8) -> Option<Version> {
        Some((0o100_644, ObjectId::from_bytes([byte; 20])))
    }

    fn steps(goals: &[(&str, Goal)], standing: &dyn Fn(&[u8]) -> Standing) -> Steps {
        let goals = goals.iter().map(|(path, goal)| (path.as_bytes().to_vec(), *goal)).collect();
        Steps::of(&goals, &BTreeMap::new(), standing)
    }

    #[test]
    fn a_file_goes_back_only_if_it_is_as_the_turns_left_it_and_a_snapshot_has_it() {
        let kept = |byte| Standing::Kept((0o100_644, ObjectId::from_bytes([byte; 20])));
        let goal = Goal { want: version(1), expected: Some(version(2)) };
        for (standing, want) in [
            (kept(1), Ok(None)),
            (kept(2), Ok(Some(Step { from: version(2), to: version(1) }))),
            (kept(3), Err(Spared::Changed)),
            (Standing::Nothing, Err(Spared::Changed)),
            (Standing::Unkept(version(1)), Ok(None)),
            (Standing::Unkept(version(2)), Err(Spared::Unkept)),
            (Standing::Unkept(None), Err(Spared::Unkept)),
            (Standing::Other, Err(Spared::Unkept)),
        ] {
            assert_eq!(decided(&goal, standing), want, "{standing:?}");
        }
        let any = Goal { want: version(1), expected: None };
        assert_eq!(decided(&any, kept(3)), Ok(Some(Step { from: version(3), to: version(1) })));
        assert_eq!(decided(&any, Standing::Unkept(version(3))), Err(Spared::Unkept));
    }

    #[test]
    fn what_stays_in_the_way_of_others_has_them_stay_too() {
        let make = Goal { want: version(1), expected: Some(None) };
        let remove = |expected| Goal { want: None, expected: Some(version(expected)) };
        let file = |path: &[u8]| match path {
            b"d" => Standing::Kept((0o100_644, ObjectId::from_bytes([2; 20]))),
            _ => Standing::Nothing,
        };
        let both = steps(&[("d", remove(2)), ("d/x", make)], &file);
        assert_eq!((both.steps.len(), both.spared.len()), (2, 0));
        let left = steps(&[("d", remove(3)), ("d/x", make)], &file);
        assert_eq!(left.spared[&b"d"[..]], Spared::Changed);
        assert_eq!(left.spared[&b"d/x"[..]], Spared::Above);
        let twice = steps(&[("d", make), ("d/x", make)], &|_| Standing::Nothing);
        assert_eq!((twice.steps.len(), twice.spared[&b"d/x"[..]]), (1, Spared::Above), "only one can be there");
        let folder = |unkept| move |_: &[u8]| Standing::Folder { unkept };
        assert_eq!(steps(&[("d", make)], &folder(false)).steps.len(), 1);
        assert_eq!(steps(&[("d", make)], &folder(true)).spared[&b"d"[..]], Spared::Folder);
        for path in ["../x", ".git/config", "a//b", "/x", ""] {
            assert_eq!(steps(&[(path, make)], &|_| Standing::Nothing).spared[path.as_bytes()], Spared::Name, "{path}");
        }
    }
}
