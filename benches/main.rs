//! The benchmark: what codex-git does, beside what a person would run instead, in the same run.
//!
//! `cargo bench` runs everything, `cargo bench -- turn import` what is named, `cargo bench -- --smoke` a small version that only
//! proves that the benchmark works. `benches/README.md` says how to read the table.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    missing_docs,
    reason = "a benchmark that can't go on has failed, and it has files and an environment of its own"
)]

mod blame;
mod code;
mod corpus;
#[path = "../tests/support/git_host.rs"]
mod git_host;
mod history;
mod hook;
mod import;
mod large;
mod live;
mod look;
mod pack;
mod page;
mod picker;
mod remotes;
mod run;
mod search;
mod secrets;
mod share;
mod whole;

use run::Table;

/// How large everything is.
#[derive(Clone, Copy)]
pub struct Scale {
    /// Turns that are measured one by one.
    pub rounds: usize,
    /// Turns of the long session, branches and loose objects of the crowded stores.
    pub long: usize,
    pub crowd: usize,
    /// Sessions and bytes of the two corpora.
    pub large: (usize, usize),
    pub many: (usize, usize),
    /// Sessions of the three homes that are looked at.
    pub look: [usize; 3],
    /// Sessions and bytes of what is searched.
    pub search: (usize, usize),
    /// The one large rollout, the one long line, the session that is forked.
    pub rollout: usize,
    pub line: usize,
    pub fork: usize,
    /// Loose turns to be packed.
    pub loose: [usize; 2],
}

const FULL: Scale = Scale {
    rounds: 40,
    long: 4900,
    crowd: 100_000,
    large: (500, 350 << 20),
    many: (10_000, 1000 << 20),
    look: [10, 10_000, 100_000],
    search: (1_100, 1000 << 20),
    rollout: 500 << 20,
    line: 200 << 20,
    fork: 50 << 20,
    loose: [64, 5000],
};

const SMOKE: Scale = Scale {
    rounds: 3,
    long: 120,
    crowd: 300,
    large: (12, 3 << 20),
    many: (40, 2 << 20),
    look: [2, 20, 200],
    search: (12, 3 << 20),
    rollout: 10 << 20,
    line: 3 << 20,
    fork: 1 << 20,
    loose: [8, 70],
};

/// Measures something, and adds it to the table.
type Part = fn(Scale, &mut Table);

/// The parts, single turns first.
const PARTS: [(&str, Part); 18] = [
    ("turn", live::turns),
    ("hook", hook::hooks),
    ("import", import::imports),
    ("large", large::memory),
    ("whole", whole::listings),
    ("look", look::looking),
    ("history", history::histories),
    ("search", search::searching),
    ("secrets", secrets::scanning),
    ("blame", blame::blames),
    ("fork", whole::forks),
    ("advance", whole::advances),
    ("pack", pack::packing),
    ("page", page::pages),
    ("picker", picker::pickers),
    ("share", share::shares),
    ("remotes", remotes::remotes),
    ("code", code::snapshots),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let scale = if args.iter().any(|arg| arg == "--smoke") { SMOKE } else { FULL };
    let named: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let mut table = Table::new();
    for (name, part) in PARTS {
        if named.is_empty() || named.iter().any(|arg| *arg == name) {
            eprintln!("{name} …");
            part(scale, &mut table);
        }
    }
    table.print();
}
