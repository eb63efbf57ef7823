//! Which files of a room reach each other in a circle, by the paths that they name.
//!
//! What counts is what a file's own code names: `use` lines, grouped ones too, paths that begin with `crate`, `super` or `self`, and methods that a
//! type has in another file, called on `self` or on what is called like the type (`store.branch(…)` of `Store`). A name that
//! a `mod.rs` hands on (`pub use x::Y`) is that of the file behind it, so handing on makes no circle. Tests may name what they like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A path in the crate, by its segments.
type Name = Vec<String>;

/// The modules of a crate, which are its files: their paths from the root on, and their code.
pub struct Modules(BTreeMap<Name, String>);

impl Modules {
    /// Those below a folder.
    pub fn read(src: &Path) -> Self {
        let mut modules = Self(BTreeMap::new());
        modules.add(src, &[]);
        modules
    }

    fn add(&mut self, folder: &Path, name: &[String]) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let own = [name, std::slice::from_ref(&stem)].concat();
            if path.is_dir() {
                self.add(&path, &own);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let own = if stem == "mod" { name.to_vec() } else { own };
                self.0.insert(own, code(&fs::read_to_string(&path).unwrap()));
            }
        }
    }

    /// The files of a room that reach each other, a list for each circle.
    pub fn circles(&self, room: &str) -> Vec<Vec<String>> {
        let files: Vec<&Name> = self.0.keys().filter(|name| name.first().is_some_and(|first| first == room)).collect();
        let methods = self.methods(&files);
        let named = |file: &Name| self.named_by(file).into_iter().chain(self.called_by(file, &methods)).collect();
        let next: BTreeMap<&Name, BTreeSet<Name>> = files.iter().map(|file| (*file, named(file))).collect();
        let reached: BTreeMap<&Name, BTreeSet<Name>> = files.iter().map(|file| (*file, reach(file, &next))).collect();
        let mut circles = BTreeSet::new();
        for file in files {
            let circle: Vec<String> = reached[file]
                .iter()
                .filter(|other| reached.get(other).is_some_and(|back| back.contains(file)))
                .map(|other| other.join("/"))
                .collect();
            circles.insert(circle);
        }
        circles.into_iter().filter(|circle| !circle.is_empty()).collect()
    }

    /// Which files of a folder name another that lies there.
    pub fn naming_siblings(&self, folder: &[&str]) -> Vec<String> {
        let lies_there = |name: &Name| name.len() == folder.len() + 1 && name.iter().zip(folder).all(|(a, b)| a == b);
        let files = self.0.keys().filter(|file| lies_there(file));
        files.filter(|file| self.named_by(file).iter().any(lies_there)).map(|file| file.join("/")).collect()
    }

    /// The methods of the types of a room: in which file each stands, by its type's name and its own.
    fn methods(&self, files: &[&Name]) -> BTreeMap<(String, String), Name> {
        let mut methods = BTreeMap::new();
        for file in files {
            for (of, body) in impls(&self.0[*file]) {
                let starts = body.split("fn ").skip(1);
                let names = starts.filter_map(|start| Some((start.split(['(', '<']).next()?, start)));
                let with_self =
                    names.filter(|(_, start)| start.split(')').next().is_some_and(|args| args.contains("self")));
                methods.extend(with_self.map(|(name, _)| ((of.clone(), name.to_owned()), (*file).clone())));
            }
        }
        methods
    }

    /// The other files whose methods a file calls.
    fn called_by(&self, file: &Name, methods: &BTreeMap<(String, String), Name>) -> BTreeSet<Name> {
        let code = &self.0[file];
        let own = impls(code).into_iter().flat_map(|(of, body)| {
            calls(body).into_iter().filter(|(on, _)| *on == "self").map(move |(_, name)| (of.clone(), name.to_owned()))
        });
        let named = calls(code).into_iter().map(|(on, name)| (type_called(on), name.to_owned()));
        own.chain(named).filter_map(|call| methods.get(&call)).filter(|other| *other != file).cloned().collect()
    }

    /// The other files that a file names.
    fn named_by(&self, file: &Name) -> BTreeSet<Name> {
        let (uses, rest) = statements(&self.0[file]);
        let used = uses.iter().filter(|used| !used.handed_on).map(|used| used.path.clone());
        let named = used.chain(self.paths(file, &rest));
        let files = named.filter_map(|path| self.file_of(&self.absolute(file, &path)?));
        files.filter(|other| other != file).collect()
    }

    /// The paths in code that begin with `crate`, `super`, `self` or a module of the file's own.
    fn paths(&self, file: &Name, code: &str) -> Vec<Name> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let words = code.split(|c| !is_part(c)).filter(|word| word.contains("::"));
        let paths = words.map(|word| segments(word.trim_matches(':')));
        paths.filter(|path| self.absolute(file, path).is_some()).collect()
    }

    /// A path that a file names, from the crate's root on; `None` if it leads out of the crate.
    fn absolute(&self, file: &Name, path: &[String]) -> Option<Name> {
        let up = path.iter().take_while(|segment| *segment == "super").count();
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([file, &path[1..]].concat()),
            "super" => Some([&file[..file.len().checked_sub(up)?], &path[up..]].concat()),
            first => {
                let child = [file.as_slice(), &[first.to_owned()]].concat();
                self.0.contains_key(&child).then(|| [file, path].concat())
            }
        }
    }

    /// The file that a path leads to: where what it names is defined.
    fn file_of(&self, path: &Name) -> Option<Name> {
        let len = (0..=path.len()).rev().find(|len| self.0.contains_key(&path[..*len]))?;
        let (file, rest) = (path[..len].to_vec(), &path[len..]);
        let (uses, _) = statements(&self.0[&file]);
        let behind = uses.iter().find(|used| used.handed_on && rest.first() == Some(&used.name));
        match behind.and_then(|used| self.absolute(&file, &used.path)) {
            Some(behind) => self.file_of(&[&behind, &rest[1..]].concat()),
            None => Some(file),
        }
    }
}

/// The blocks of code that give types their methods, each with the name of its type.
fn impls(code: &str) -> Vec<(String, &str)> {
    let starts = code.match_indices("\nimpl").map(|(at, _)| at + 1).chain(code.starts_with("impl").then_some(0));
    starts
        .filter_map(|start| {
            let block = &code[start..];
            let head = block.split('{').next()?;
            let of = head.rsplit(" for ").next()?.trim_start_matches("impl").trim();
            // What stands in angle brackets before the type are parameters, and behind it arguments.
            let of = if of.starts_with('<') { of.split_once("> ")?.1 } else { of };
            let name = of.split(['<', ' ']).next()?.rsplit("::").next()?;
            Some((name.to_owned(), &block[..block.find("\n}").unwrap_or(block.len())]))
        })
        .collect()
}

/// The calls of methods in code: on what, as far as that is a name, and of which.
fn calls(code: &str) -> Vec<(&str, &str)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let dots = code.match_indices('.');
    dots.filter_map(|(dot, _)| {
        let (before, after) = (code[..dot].trim_end(), &code[dot + 1..]);
        let end = after.find(|c| !is_name(c))?;
        let start = before.rfind(|c| !is_name(c)).map_or(0, |at| at + 1);
        after[end..].starts_with('(').then(|| (&before[start..], &after[..end]))
    })
    .collect()
}

/// The type that something of this name is of, by the custom of this code.
fn type_called(name: &str) -> String {
    name.split('_').filter_map(|word| Some(word.get(..1)?.to_uppercase() + word.get(1..)?)).collect()
}

/// All that a file reaches; itself, only if that is in a circle.
fn reach(file: &Name, next: &BTreeMap<&Name, BTreeSet<Name>>) -> BTreeSet<Name> {
    let (mut reached, mut ahead) = (BTreeSet::new(), vec![file.clone()]);
    while let Some(file) = ahead.pop() {
        ahead.extend(next.get(&file).into_iter().flatten().filter(|other| reached.insert((*other).clone())).cloned());
    }
    reached
}

/// A file's code, without comments and tests.
fn code(text: &str) -> String {
    let own = text.split("\nmod tests {").next().unwrap_or_default();
    own.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// A name that a `use` brings.
struct Used {
    path: Name,
    /// What it is called here.
    name: String,
    /// Whether others may use it from here.
    handed_on: bool,
}

/// What a file's `use` lines bring, and the rest of its code.
fn statements(code: &str) -> (Vec<Used>, String) {
    let (mut uses, mut rest, mut lines) = (Vec::new(), String::new(), code.lines());
    while let Some(line) = lines.next() {
        let (before, found) = line.split_once("use ").unwrap_or((line, ""));
        let before = before.trim();
        if found.is_empty() || !(before.is_empty() || before == "pub" || before.starts_with("pub(")) {
            rest.push_str(line);
            rest.push('\n');
            continue;
        }
        let mut tree = found.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().unwrap());
        }
        expand(&[], tree.trim_end().trim_end_matches(';'), !before.is_empty(), &mut uses);
    }
    (uses, rest)
}

/// Adds what a tree of a `use` brings.
fn expand(prefix: &[String], tree: &str, handed_on: bool, uses: &mut Vec<Used>) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let prefix = [prefix, &segments(head.trim_end_matches("::"))].concat();
        let group = group.strip_suffix('}').unwrap();
        branches(group).into_iter().for_each(|branch| expand(&prefix, branch, handed_on, uses));
        return;
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
    let mut path = [prefix, &segments(path)].concat();
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let Some(last) = path.last() else { return };
    uses.push(Used { name: alias.unwrap_or(last).to_owned(), path, handed_on });
}

/// The branches of a group: what stands between its own commas.
fn branches(group: &str) -> Vec<&str> {
    let mut depth = 0;
    let split = |c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    };
    group.split(split).filter(|branch| !branch.trim().is_empty()).collect()
}

fn segments(path: &str) -> Name {
    path.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

fn modules(files: &[(&str, &str)]) -> Modules {
    Modules(files.iter().map(|(name, text)| (segments(name), code(text))).collect())
}

#[test]
fn methods_that_call_each_other_across_files_are_a_circle() {
    let two = |a: &str, b: &str| modules(&[("r", "mod a;\nmod b;"), ("r::a", a), ("r::b", b)]).circles("r");
    let circle = vec![vec!["r/a".to_owned(), "r/b".to_owned()]];
    let there = "impl Thing {\n    pub fn there(&self) {\n        self.back();\n    }\n}";
    for back in [
        "impl Thing {\n    fn back(&self) {\n        self\n            .there();\n    }\n}",
        "impl<'a> Thing<'a> {\n    fn back(&self) {}\n}\nfn f(thing: &Thing) {\n    thing.there();\n}",
    ] {
        assert_eq!(two(there, back), circle, "{back}");
    }
    for other in
        ["impl Other {\n    fn back(&self) {\n        self.there();\n    }\n}", "fn f(it: &It) {\n    it.there();\n}"]
    {
        assert_eq!(two(there, other), Vec::<Vec<String>>::new(), "{other}");
    }
}

#[test]
fn files_that_name_each_other_are_a_circle_however_they_do_it() {
    let circle = vec![vec!["r/a".to_owned(), "r/b".to_owned()]];
    let two = |a: &str, b: &str| {
        modules(&[("r", "mod a;\nmod b;\npub use b::Thing;\nmod c;"), ("r::a", a), ("r::b", b), ("r::c", "")])
            .circles("r")
    };
    let (thing, back) = ("use super::Thing;", "use crate::r::{c::C, a::{self, A}};");
    assert_eq!(two(thing, back), circle);
    assert_eq!(two("use super::{\n    c,\n    b::Other,\n};", back), circle);
    assert_eq!(two("fn f() {\n    super::b::g(1)\n}", "fn g() { let x: crate::r::a::A; }"), circle);
    assert_eq!(two("use super::Thing as Other;", "fn g() {\n    use super::a::f;\n}"), circle);
    assert_eq!(two(thing, "use super::c::C;"), Vec::<Vec<String>>::new());
    assert_eq!(
        two(thing, "// use super::a;\nfn g() {}\n\n#[cfg(test)]\nmod tests {\n    use super::super::a;\n}"),
        [[""; 0]; 0]
    );
}

#[test]
fn a_room_that_hands_names_on_is_in_no_circle_but_one_whose_own_code_is_used_may_be() {
    let room = |code: &str, a: &str| modules(&[("r", code), ("r::a", a)]).circles("r");
    assert_eq!(room("mod a;\npub use a::A;", "use super::B;"), [[""; 0]; 0]);
    assert_eq!(room("mod a;\nuse a::A;\npub struct B;", "use super::B;"), [["r", "r/a"]]);
    assert_eq!(room("mod a;\nfn f() { a::g() }\npub struct B;", "use super::B;"), [["r", "r/a"]]);
}
