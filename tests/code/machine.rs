//! A state machine: two sessions, a person and git work in one folder, in random order, and somebody goes back, merges, and takes that back.
//!
//! Whatever happens: no byte is replaced or removed that is in no snapshot and no commit. And what is put back is what the rule says, by a model
//! of its own that knows the folder before and after each turn.
//!
//! `CODEX_GIT_MACHINE=2000x60 cargo test --test suite code::machine` runs more of it: so many sequences of so many steps. By itself it runs 200
//! of 40.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use codex_git::model::code::Spared;
use codex_git::ops::code::GoingBack;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::stage::{Files, Stage, chmod, link, put};
use crate::support::Home;

/// Files that are worked on: among them one in the place of a folder, one that is ignored, and one that looks like a secret.
const PATHS: [&str; 11] = ["a", "b", "d/x", "d/y", "d", "e/f/g", "e/f", "new", "x.log", ".env", "d/deep.log"];

#[derive(Clone, Copy, Debug)]
enum Edit {
    Write(u8, u8),
    /// A line of the file is another.
    Line(u8, u8),
    Delete(u8),
    Execute(u8),
    Link(u8),
}

#[derive(Clone, Debug)]
enum Step {
    /// A turn of one of the sessions; whether it tells of its edits as patches.
    Turn(u8, Vec<Edit>),
    /// Both sessions at once; the second's edits come last.
    Both(Vec<Edit>, Vec<Edit>),
    Rewind(u8, u8),
    Person(Edit),
    Ignore(bool),
    Commit,
    Checkout,
    Stash(bool),
    Branch(u8),
    Restore(u8, u8),
    Merge(u8, u8),
    Paths(u8, u8, u8),
    All(u8, u8),
    /// And back at once, which must be exact, and again.
    ThereAndBack(u8, u8),
    Undo,
}

fn edit() -> impl Strategy<Value = Edit> {
    let which = any::<u8>;
    prop_oneof![
        5 => (which(), which()).prop_map(|(path, what)| Edit::Write(path, what)),
        4 => (which(), which()).prop_map(|(path, line)| Edit::Line(path, line)),
        2 => which().prop_map(Edit::Delete),
        1 => which().prop_map(Edit::Execute),
        1 => which().prop_map(Edit::Link),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<u8>;
    let edits = || prop::collection::vec(edit(), 0..4);
    prop_oneof![
        8 => (which(), edits()).prop_map(|(talk, edits)| Step::Turn(talk, edits)),
        2 => (edits(), edits()).prop_map(|(first, second)| Step::Both(first, second)),
        1 => (which(), which()).prop_map(|(talk, turn)| Step::Rewind(talk, turn)),
        6 => edit().prop_map(Step::Person),
        1 => any::<bool>().prop_map(Step::Ignore),
        1 => Just(Step::Commit),
        1 => Just(Step::Checkout),
        1 => any::<bool>().prop_map(Step::Stash),
        1 => which().prop_map(Step::Branch),
        4 => (which(), which()).prop_map(|(talk, turn)| Step::Restore(talk, turn)),
        2 => (which(), which()).prop_map(|(talk, turn)| Step::Merge(talk, turn)),
        2 => (which(), which(), which()).prop_map(|(talk, turn, path)| Step::Paths(talk, turn, path)),
        1 => (which(), which()).prop_map(|(talk, turn)| Step::All(talk, turn)),
        2 => (which(), which()).prop_map(|(talk, turn)| Step::ThereAndBack(talk, turn)),
        4 => Just(Step::Undo),
    ]
}

/// What is wanted of a file, and what is expected to stand there.
type Goal<'a> = (Option<&'a (char, Vec<u8>)>, Option<&'a (char, Vec<u8>)>);

/// Where one goes back to: the first turn that goes, when the state was that is wanted, among all turns and restores, and that state.
struct Since<'a> {
    first: usize,
    at: usize,
    files: &'a Files,
}

/// A turn as the model knows it.
struct Turn {
    /// When it was, among all turns and restores.
    at: usize,
    before: Files,
    after: Files,
    /// The paths that are surely its own, where another session worked at the same time.
    sure: Option<BTreeSet<Vec<u8>>>,
}

struct Machine {
    stage: Stage,
    /// All turns of each session, by time.
    turns: [Vec<Turn>; 2],
    /// Which of them the conversation of each session has.
    lines: [Vec<usize>; 2],
    /// The folder as it was, and as it was to be, when somebody went back last.
    last: Option<(Files, Files)>,
    /// The files before and after each time that somebody went back, and when that was.
    gone_back: Vec<(usize, Files, Files)>,
    /// How many turns and restores there were.
    events: usize,
    /// Whether the ignore rules were changed: then the model does not know what a snapshot has.
    is_vague: bool,
    count: u32,
}

fn name(which: u8) -> &'static str {
    PATHS[usize::from(which) % PATHS.len()]
}

/// Makes room for a file.
fn make_room(root: &Path, path: &str) {
    let place = root.join(path);
    for above in place.ancestors().skip(1).take_while(|above| *above != root) {
        if fs::symlink_metadata(above).is_ok_and(|data| !data.is_dir()) {
            fs::remove_file(above).unwrap();
        }
    }
    match fs::symlink_metadata(&place) {
        Ok(data) if data.is_dir() => fs::remove_dir_all(&place).unwrap(),
        Ok(_) => fs::remove_file(&place).unwrap(),
        Err(_) => {}
    }
    fs::create_dir_all(place.parent().unwrap()).unwrap();
}

impl Machine {
    fn new() -> Self {
        let mut stage = Stage::in_home(Home::in_memory());
        stage.talk();
        stage.put(".gitignore", "*.log\n");
        stage.put("a", lines(0));
        stage.put("d/x", lines(1));
        stage.git(&["add", "-A"]);
        stage.git(&["commit", "-q", "-m", "x"]);
        Self {
            stage,
            turns: [vec![], vec![]],
            lines: [vec![], vec![]],
            last: None,
            gone_back: vec![],
            events: 0,
            is_vague: false,
            count: 10,
        }
    }

    fn edit(&mut self, edit: Edit) -> &'static str {
        let root = self.stage.root();
        self.count += 1;
        let (Edit::Write(path, _) | Edit::Line(path, _) | Edit::Delete(path) | Edit::Execute(path) | Edit::Link(path)) =
            edit;
        let path = name(path);
        let place = root.join(path);
        let is_file = fs::symlink_metadata(&place).is_ok_and(|data| data.is_file());
        match edit {
            Edit::Write(_, what) => {
                make_room(&root, path);
                // Few contents, so that what was there comes back by chance as well.
                put(&root, path, if what % 2 == 0 { lines(u32::from(what % 3)) } else { lines(self.count) });
            }
            Edit::Line(_, line) if is_file => {
                let text = fs::read_to_string(&place).unwrap();
                let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
                let at = usize::from(line) % all.len();
                all[at] = format!("line {}", self.count);
                fs::write(&place, all.join("\n") + "\n").unwrap();
            }
            Edit::Delete(_) if is_file => fs::remove_file(&place).unwrap(),
            Edit::Execute(_) if is_file => {
                let is_executable = super::stage::mode(&root, path) & 0o100 != 0;
                chmod(&root, path, if is_executable { 0o644 } else { 0o755 });
            }
            Edit::Link(_) => {
                make_room(&root, path);
                link(&root, path, "a");
            }
            _ => {}
        }
        path
    }

    fn edits(&mut self, edits: &[Edit]) -> Vec<&'static str> {
        edits.iter().map(|edit| self.edit(*edit)).collect()
    }

    fn add(&mut self, talk: usize, mut turn: Turn) {
        self.events += 1;
        turn.at = self.events;
        self.lines[talk].push(self.turns[talk].len());
        self.turns[talk].push(turn);
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Turn(talk, edits) => {
                let talk = usize::from(*talk % 2);
                let before = self.stage.files();
                self.stage.begin(talk);
                self.edits(edits);
                self.stage.finish(talk);
                let after = self.stage.files();
                self.add(talk, Turn { at: 0, before, after, sure: None });
            }
            Step::Both(first, second) => {
                let before = self.stage.files();
                self.stage.begin(0);
                self.stage.begin(1);
                let mut sure = [BTreeSet::new(), BTreeSet::new()];
                for (talk, edits) in [first, second].into_iter().enumerate() {
                    let named = self.edits(edits);
                    if self.count.is_multiple_of(2) {
                        self.stage.patch(talk, &named);
                        sure[talk] = named.iter().map(|path| path.as_bytes().to_vec()).collect();
                    }
                }
                self.stage.finish(1);
                self.stage.finish(0);
                let after = self.stage.files();
                for (talk, sure) in sure.into_iter().enumerate() {
                    self.add(talk, Turn { at: 0, before: before.clone(), after: after.clone(), sure: Some(sure) });
                }
            }
            Step::Rewind(talk, turn) => {
                let talk = usize::from(*talk % 2);
                let turn = usize::from(*turn) % (self.lines[talk].len() + 1);
                self.stage.rewind(talk, turn);
                self.lines[talk].truncate(turn);
            }
            Step::Person(edit) => drop(self.edit(*edit)),
            Step::Ignore(more) => {
                self.is_vague = true;
                make_room(&self.stage.root(), ".gitignore");
                self.stage.put(".gitignore", if *more { "*.log\nb\nd/\n" } else { "*.log\n" });
            }
            Step::Commit => {
                self.git(&["add", "-A"]);
                self.git(&["commit", "-q", "-m", "x"]);
            }
            Step::Checkout => self.git(&["checkout", "-q", "-f", "HEAD", "--", "."]),
            Step::Stash(push) => self.git(if *push { &["stash", "-q", "-u"] } else { &["stash", "pop", "-q"] }),
            Step::Branch(which) => {
                let name = ["main", "other"][usize::from(*which % 2)];
                self.git(&["branch", "-q", "other"]);
                self.git(&["checkout", "-q", name]);
            }
            Step::Restore(talk, turn) => drop(self.restore(*talk, *turn, false)),
            Step::Merge(talk, turn) => drop(self.restore(*talk, *turn, true)),
            Step::Paths(talk, turn, path) => self.exactly(*talk, *turn, Some(name(*path))),
            Step::All(talk, turn) => self.exactly(*talk, *turn, None),
            Step::ThereAndBack(talk, turn) => {
                let before = self.stage.files();
                let Some(plan) = self.restore(*talk, *turn, false).filter(|plan| !plan.steps.is_empty()) else {
                    return;
                };
                let after = self.stage.files();
                self.undo();
                if !self.is_vague {
                    assert_eq!(self.stage.files(), before, "undone, all is as before: {:?}", plan.steps);
                    self.undo();
                    assert_eq!(self.stage.files(), after, "and done again");
                }
            }
            Step::Undo => self.undo(),
        }
    }

    fn git(&mut self, words: &[&str]) {
        let root = self.stage.root();
        let git = Command::new("git").arg("-C").arg(root).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
        drop(git.unwrap());
        let rules = fs::read(self.stage.root().join(".gitignore")).unwrap_or_default();
        self.is_vague |= rules != b"*.log\n";
    }

    /// Carries out a plan. What goes is in the snapshot that was taken first, and what is left was not touched.
    fn go(&mut self, plan: &GoingBack) {
        let before = self.stage.files();
        let went = self.stage.go(plan);
        let after = self.stage.files();
        assert!(went.failed.is_empty(), "{:?}", went.failed);
        let changed: BTreeSet<&Vec<u8>> =
            before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).collect();
        assert_eq!(changed, plan.steps.keys().collect(), "what is planned is done, and nothing else");
        if plan.steps.is_empty() {
            return;
        }
        let store = git2::Repository::open_bare(self.stage.store()).unwrap();
        let project = git2::Repository::open(self.stage.root()).unwrap();
        let kept = store.find_reference(&plan.undo).unwrap().peel_to_tree().unwrap();
        for path in changed {
            assert!(!path.ends_with(b".log"), "{path:?} is never touched");
            let Some((_, bytes)) = before.get(path) else { continue };
            let id = git2::Oid::hash_object(git2::ObjectType::Blob, bytes).unwrap();
            let there = kept.get_path(Path::new(std::str::from_utf8(path).unwrap())).map(|entry| entry.id());
            assert_eq!(there.ok(), Some(id), "{path:?} was not kept");
            assert!(store.find_blob(id).is_ok() || project.find_blob(id).is_ok(), "the bytes of {path:?} are nowhere");
        }
        self.events += 1;
        self.gone_back.push((self.events, before.clone(), after.clone()));
        self.last = Some((before, after));
    }

    fn restore(&mut self, talk: u8, turn: u8, merge: bool) -> Option<GoingBack> {
        let talk = usize::from(talk % 2);
        let line = &self.lines[talk];
        if line.is_empty() {
            return None;
        }
        let turn = usize::from(turn) % (line.len() + 1);
        let mut wanted = self.stage.wanted(talk, turn);
        wanted.merge = merge;
        let plan = self.stage.plan(&wanted).unwrap();
        if !self.is_vague && !merge {
            // What was done since, restores included: those before the first turn that goes back, too, if they came after the one that stays.
            let turns = &self.turns[talk];
            let since = match turn {
                0 => Since { first: line[0], at: turns[line[0]].at, files: &turns[line[0]].before },
                turn => Since {
                    first: line[turn - 1] + 1,
                    at: turns[line[turn - 1]].at,
                    files: &turns[line[turn - 1]].after,
                },
            };
            self.check(&plan, talk, &since);
        }
        self.go(&plan);
        Some(plan)
    }

    /// What the rule says of a file: what is wanted, and what is expected to stand there. None, if nobody's turn or restore had to do with it.
    fn rule<'m>(&'m self, path: &Vec<u8>, talk: usize, since: &Since<'_>, now: &'m Files) -> Option<Goal<'m>> {
        let (mut goal, mut is_own, mut states): (Option<Goal<'m>>, _, _) = (None, false, Vec::new());
        let mut standing: Vec<(Goal<'m>, _)> = Vec::new();
        let turns = self.turns[talk].iter().map(|turn| (turn.at, &turn.before, &turn.after, Some(&turn.sure)));
        let restores = self.gone_back.iter().map(|(at, before, after)| (*at, before, after, None));
        let mut events: Vec<_> = turns.chain(restores).collect();
        events.sort_by_key(|(at, ..)| *at);
        let begin = self.turns[talk].get(since.first).map_or(usize::MAX, |turn| turn.at);
        for (at, before, after, turn) in events {
            let (before, after) = (before.get(path), after.get(path));
            let is_sure = turn.is_none_or(|sure| sure.as_ref().is_none_or(|sure| sure.contains(path)));
            match (turn, &mut goal) {
                _ if before == after || !is_sure => {}
                (Some(_), _) if at < begin => is_own = true,
                (Some(_), None) => (goal, is_own) = (Some((before, after)), true),
                (Some(_), Some(goal)) => (goal.1, states, standing) = (after, Vec::new(), Vec::new()),
                (None, _) if at < since.at => {}
                (None, None) if is_own && before == since.files.get(path) => goal = Some((before, after)),
                (None, Some(goal)) if standing.last().is_some_and(|(last, _)| *last == (after, before)) => {
                    goal.1 = standing.pop().unwrap().1;
                }
                (None, Some(goal)) => {
                    standing.push(((before, after), goal.1));
                    states.push(goal.1);
                    if states.contains(&before) {
                        goal.1 = after;
                    }
                }
                (None, None) => {}
            }
        }
        // What is as it once was is as it is expected.
        let now = now.get(path);
        goal.map(|(want, expected)| (want, if states.contains(&now) { now } else { expected }))
    }

    /// Compares a plan with what the rule says.
    fn check(&self, plan: &GoingBack, talk: usize, since: &Since<'_>) {
        let now = self.stage.files();
        let is_seen = |path: &[u8]| !path.ends_with(b".log") && !path.ends_with(b".env");
        let known = self.turns[talk].iter().flat_map(|turn| turn.before.keys().chain(turn.after.keys()));
        let paths: BTreeSet<&Vec<u8>> = known.chain(now.keys()).collect();
        for path in paths.into_iter().filter(|path| is_seen(path)) {
            let Some((want, expected)) = self.rule(path, talk, since, &now) else {
                assert!(!plan.steps.contains_key(path), "{path:?} was not changed by these turns");
                continue;
            };
            let now = now.get(path);
            let (step, spared) = (plan.steps.get(path), plan.spared.get(path));
            match () {
                () if now == want => assert_eq!((step, spared), (None, None), "{path:?} is as it is wanted"),
                () if now != expected => assert_eq!((step, spared), (None, Some(&Spared::Changed)), "{path:?}"),
                () => {
                    let is_barred = matches!(spared, Some(Spared::Folder | Spared::Above | Spared::Gone));
                    assert!(step.is_some() != is_barred, "{path:?}: {spared:?}");
                    assert!(step.is_none_or(|step| step.to.is_some() == want.is_some()));
                }
            }
        }
    }

    fn exactly(&mut self, talk: u8, turn: u8, path: Option<&str>) {
        let talk = usize::from(talk % 2);
        let line = &self.lines[talk];
        if line.is_empty() {
            return;
        }
        let turn = usize::from(turn) % (line.len() + 1);
        let mut wanted = self.stage.wanted(talk, turn);
        match path {
            Some(path) => wanted.paths = vec![path.as_bytes().to_vec()],
            None => wanted.all = true,
        }
        // That no file has the path is told.
        if let Ok(plan) = self.stage.plan(&wanted) {
            self.go(&plan);
        }
    }

    fn undo(&mut self) {
        let Some((before, after)) = self.last.clone() else { return };
        self.stage.now += 1;
        let (root, bounds, now) = (self.stage.root(), self.stage.bounds(), self.stage.now);
        let plan = self.stage.workspace.plan_code_undo(&root, &bounds, now).unwrap();
        let files = self.stage.files();
        for path in plan.steps.keys() {
            assert_eq!(files.get(path), after.get(path), "{path:?} is as it was left");
        }
        self.go(&plan);
        let files = self.stage.files();
        for path in plan.steps.keys() {
            assert_eq!(files.get(path), before.get(path), "{path:?} is as it was");
        }
    }
}

/// A text of a few lines.
fn lines(number: u32) -> String {
    (1..=12).map(|line| if line == 6 { format!("text {number}\n") } else { format!("{line}\n") }).collect()
}

fn failure(steps: &[Step]) -> Option<String> {
    let run = || {
        let mut machine = Machine::new();
        steps.iter().for_each(|step| machine.run(step));
    };
    std::panic::catch_unwind(run).err().map(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}

/// The shortest sequence that fails, by leaving out one step after the other.
fn shortest(mut steps: Vec<Step>) -> Vec<Step> {
    let mut at = 0;
    while at < steps.len() {
        let mut fewer = steps.clone();
        fewer.remove(at);
        if failure(&fewer).is_some() { steps = fewer } else { at += 1 }
    }
    steps
}

#[test]
fn machine() {
    let size = std::env::var("CODEX_GIT_MACHINE").unwrap_or_else(|_| "200x40".to_owned());
    let (cases, steps) = size.split_once('x').unwrap();
    let (cases, steps): (u32, usize) = (cases.parse().unwrap(), steps.parse().unwrap());
    let parts = u32::try_from(std::thread::available_parallelism().map_or(1, usize::from)).unwrap();
    let part = |_| {
        let mut runner = TestRunner::default();
        for _ in 0..cases.div_ceil(parts) {
            let steps = prop::collection::vec(step(), steps).new_tree(&mut runner).unwrap().current();
            if failure(&steps).is_some() {
                let steps = shortest(steps);
                panic!("{steps:?}\n{}", failure(&steps).unwrap_or_default());
            }
        }
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..parts).map(|number| scope.spawn(move || part(number))).collect();
        all.into_iter().for_each(|one| one.join().unwrap());
    });
}

#[test]
fn a_file_and_what_was_in_a_folder_of_its_name_are_not_both_put_back() {
    use Edit::{Delete, Line, Link, Write};
    let steps = [
        Step::Turn(180, vec![Write(22, 68), Delete(255), Write(91, 77)]),
        Step::Person(Write(169, 201)),
        Step::Turn(148, vec![Line(87, 228), Line(15, 149), Link(3)]),
        Step::Merge(176, 0),
        Step::Undo,
        Step::Restore(176, 0),
        Step::Undo,
    ];
    assert_eq!(failure(&steps), None);
}
