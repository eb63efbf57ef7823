//! Histories that were rewritten: commits of which the times say little.

use super::story::Life;
use super::{blame, wrong};
use crate::support::story::Written;

/// So many seconds after its begin a turn changes the file.
const UNTIL_CHANGED: i64 = 5;

/// A file in a commit, and turns that each write a line into it.
struct Two {
    life: Life,
    one: Written,
}

impl Two {
    fn new() -> Self {
        Self::since(0)
    }

    fn since(clock: i64) -> Self {
        let mut life = Life::new("f.py");
        life.edit(0, 0, &["import os", "", "def first():", "    return 1", "", "print(first())"], "Ada Human");
        life.commit(clock, "begin");
        Self { life, one: Written::new(1) }
    }

    /// A first turn, committed.
    fn committed() -> Self {
        Self::new().and_first()
    }

    /// The same, while others wrote a line on a branch of theirs.
    fn beside_others() -> Self {
        let two = Self::new();
        two.life.git(10, &["branch", "others"]);
        let two = two.and_first();
        two.life.git(160, &["switch", "-q", "others"]);
        let theirs = std::fs::read_to_string(two.life.home.work().join("f.py")).unwrap();
        std::fs::write(two.life.home.work().join("f.py"), theirs + "print('theirs')\n").unwrap();
        two.life.commit(160, "theirs");
        two.life.git(161, &["switch", "-q", "main"]);
        two
    }

    fn and_first(self) -> Self {
        let two = self.turn(100, 4, "    # from the first turn", "1.1");
        two.life.commit(150, "first");
        two
    }

    /// A second turn, committed, too.
    fn and_more(self) -> Self {
        let two = self.turn(200, 2, "# from the second turn", "1.2");
        two.life.commit(250, "second");
        two
    }

    /// The next turn writes a line below another.
    fn turn(mut self, clock: i64, at: usize, line: &str, origin: &str) -> Self {
        let diff = self.life.edit(at, 0, &[line], origin);
        self.one.clock = clock;
        let changes = self.life.told(&diff);
        self.one = self.one.changed(line, &[changes]);
        let changed = self.one.clock - 60 - 2;
        assert_eq!(changed, clock + UNTIL_CHANGED);
        self
    }

    /// All lines are told as they came; `marked` are the turns that are found by likeness.
    fn holds(self, marked: &[&str]) {
        let Self { mut life, one } = self;
        one.put(&life.home);
        life.home.ok("init -q --no-hooks");
        let told = blame(&life.home, "", &["--json", &life.path]);
        assert_eq!(told.code, 0, "{}", told.stderr);
        for (_, truth) in life.lines.iter_mut().filter(|(_, truth)| marked.contains(&truth.as_str())) {
            *truth = format!("≈{truth}");
        }
        assert_eq!(wrong(&life, &told.json()), [""; 0]);
    }
}

#[test]
fn a_patch_in_the_second_of_the_commit_before_it_has_its_lines() {
    let changed = || Two::since(UNTIL_CHANGED).turn(0, 4, "    # one more line", "1.1");
    changed().holds(&[]);
    let two = changed();
    two.life.commit(UNTIL_CHANGED, "more");
    two.holds(&[]);
    let two = changed().turn(20, 2, "# from the second turn", "1.2");
    two.life.commit(20 + UNTIL_CHANGED, "more");
    two.holds(&[]);
}

#[test]
fn a_rebased_commit_holds_what_was_there_when_it_was_written() {
    let two = Two::committed().and_more();
    two.life.git(900, &["rebase", "-q", "--force-rebase", "--root"]);
    two.holds(&[]);
}

#[test]
fn an_amended_commit_holds_what_was_there_when_it_was_amended() {
    let two = Two::committed();
    let two = two.turn(200, 2, "# from the second turn", "1.2");
    two.life.git(250, &["commit", "-q", "-a", "--amend", "--no-edit"]);
    let two = two.turn(300, 0, "# from the third turn", "1.3");
    two.holds(&[]);
}

#[test]
fn a_squashed_commit_holds_all_of_its_turns() {
    let two = Two::committed().and_more();
    two.life.git(300, &["reset", "-q", "--soft", "HEAD~2"]);
    two.life.git(350, &["commit", "-q", "-m", "both"]);
    two.holds(&[]);
}

/// What others did meanwhile lacks the lines that the work tree had.
fn onto_others(bring: &[&str]) {
    let mut two = Two::beside_others();
    two = two.and_more();
    two.life.git(900, bring);
    two.life.edit(8, 0, &["print('theirs')"], "Ada Human");
    two.holds(&["1.1"]);
}

#[test]
fn turns_are_found_by_likeness_after_a_rebase_onto_what_others_did() {
    onto_others(&["rebase", "-q", "others"]);
}

#[test]
fn turns_are_found_by_likeness_after_a_merge_of_what_others_did() {
    onto_others(&["merge", "-q", "--no-edit", "others"]);
}

#[test]
fn lines_that_somebody_took_out_and_put_back_are_found_by_likeness() {
    let mut two = Two::committed();
    two.life.edit(4, 1, &[], "");
    two.life.commit(160, "without");
    two.life.edit(4, 0, &["    # from the first turn"], "1.1");
    two.life.commit(170, "with");
    two.holds(&["1.1"]);
}

#[test]
fn a_rename_that_is_not_committed_takes_the_lines_with_it() {
    for staged in [true, false] {
        let two = Two::committed();
        let mut two = two.turn(200, 2, "# from the second turn", "1.2");
        let (from, to) = (two.life.home.work().join("f.py"), two.life.home.work().join("src/g.py"));
        std::fs::create_dir(to.parent().unwrap()).unwrap();
        match staged {
            true => _ = two.life.git(210, &["mv", "f.py", "src/g.py"]),
            false => std::fs::rename(from, to).unwrap(),
        }
        std::fs::write(two.life.home.work().join("other.py"), "import os\n").unwrap();
        two.life.path = "src/g.py".to_owned();
        two.life.edit(0, 0, &["# mine"], "uncommitted");
        two.holds(&[]);
    }
}

#[test]
fn a_file_that_was_deleted_in_a_commit_and_written_anew_is_another() {
    let mut two = Two::committed();
    two.life.git(160, &["rm", "-q", "f.py"]);
    two.life.git(160, &["commit", "-q", "-m", "gone"]);
    for (_, origin) in &mut two.life.lines {
        "Ada Human".clone_into(origin);
    }
    two.life.write();
    two.life.commit(170, "anew");
    two.life.lines[4].1 = "1.1".to_owned();
    two.holds(&["1.1"]);
}

#[test]
fn what_a_patch_shows_of_an_earlier_turn_is_that_turns_again() {
    let mut two = Two::beside_others();
    two.life.git(170, &["rebase", "-q", "others"]);
    two.life.edit(7, 0, &["print('theirs')"], "Ada Human");
    two = two.turn(200, 4, "    # from the second turn", "1.2");
    two.life.commit(250, "second");
    two.life.git(300, &["reset", "-q", "--soft", "HEAD~2"]);
    two.life.git(350, &["commit", "-q", "-m", "both"]);
    two.holds(&["1.1"]);
}
