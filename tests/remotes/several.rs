//! One machine and several remotes: what one of them tells takes nothing away that another one tells.

use super::{Shared, go_on, turns};
use crate::support::Home;
use crate::support::story::id;

/// A machine that made the save `alpha` and pushed it to one of two repositories, and another session with `beta` to the other.
fn two_remotes() -> (Shared, Shared, Home) {
    let (first, second) = (Shared::new(), Shared::new());
    let here = first.machine("desk");
    go_on(&here, 1, &["one", "two"]);
    here.ok(&format!("save alpha {}~1", id(1)));
    here.ok("push");
    go_on(&here, 2, &["other"]);
    here.ok(&format!("save beta {}", id(2)));
    here.ok(&format!("remote add meta {} --share session:{}", second.address(), id(2)));
    here.ok("push meta");
    (first, second, here)
}

/// A machine that pulled from both.
fn puller(first: &Shared, second: &Shared) -> Home {
    let there = first.machine("laptop");
    there.ok("pull");
    there.ok(&format!("remote add meta {}", second.address()));
    there.ok("pull meta");
    there
}

#[test]
fn a_save_stays_while_any_remote_tells_of_it() {
    let (first, second, here) = two_remotes();
    let there = puller(&first, &second);
    assert_eq!(turns(&there, "desk/alpha"), ["one"], "the other remote says nothing of it");
    assert_eq!(turns(&there, "desk/beta"), ["other"]);
    here.ok("push origin");
    there.ok("pull origin");
    // Gone at one of two remotes, then at both.
    here.ok("save --delete beta");
    here.ok("push origin");
    there.ok("pull origin");
    assert_eq!(turns(&there, "desk/beta"), ["other"], "the other one tells of it still");
    here.ok("push meta");
    there.ok("pull meta");
    assert_ne!(there.run(["log", "desk/beta"]).code, 0, "nobody tells of it");
    assert_eq!(turns(&there, "desk/alpha"), ["one"]);
}

#[test]
fn who_forgets_a_remote_loses_the_saves_that_it_alone_told_of() {
    let (first, second, here) = two_remotes();
    let there = puller(&first, &second);
    there.ok("remote remove meta");
    assert_ne!(there.run(["log", "desk/beta"]).code, 0);
    assert_eq!(turns(&there, "desk/alpha"), ["one"]);
    here.ok("push origin");
    there.ok("pull");
    there.ok(&format!("remote add meta {}", second.address()));
    there.ok("pull meta");
    there.ok("remote remove meta");
    assert_eq!(turns(&there, "desk/beta"), ["other"], "both told of it");
}

#[test]
fn of_a_name_that_stands_elsewhere_at_each_remote_what_the_machine_told_later_counts() {
    let (first, second, here) = two_remotes();
    here.ok("push origin");
    let there = puller(&first, &second);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    here.ok(&format!("save beta {}", id(1)));
    here.ok(&format!("remote set meta --share session:{}", id(1)));
    here.ok("push meta");
    there.ok("pull meta");
    assert_eq!(turns(&there, "desk/beta"), ["one", "two"]);
    // All that the first one told earlier is taken in once more.
    there.ok("remote set origin --take all");
    there.ok("pull origin");
    assert_eq!(turns(&there, "desk/beta"), ["one", "two"]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    here.ok("save --undo beta");
    here.ok("push meta");
    there.ok("pull meta");
    assert_eq!(turns(&there, "desk/beta"), ["other"], "what was undone was made later, and told earlier");
}
