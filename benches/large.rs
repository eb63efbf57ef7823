//! Memory: one large rollout, and one long line.

use crate::Scale;
use crate::corpus::{Session, one, put};
use crate::run::{Table, Unit, ours, peak};

/// What an import may hold.
const MOST: f64 = 80e6;

pub fn memory(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("rollout");
    one(&home, scale.rollout / 180_000 + 1, 180_000);
    let held = peak(ours(&home, &["-q", "init"]));
    table.limit(
        &format!("memory of importing a rollout of {} MB", scale.rollout >> 20),
        held as f64,
        MOST,
        Unit::Bytes,
    );
    let home = folder.join("line");
    let mut session = Session::new(1);
    let text = session.meta() + &session.turn(9000) + &session.long_line(scale.line) + &session.turn(9000);
    put(&home, &session.name, &text);
    drop(text);
    let held = peak(ours(&home, &["-q", "init"]));
    table.limit(&format!("memory of importing a line of {} MB", scale.line >> 20), held as f64, MOST, Unit::Bytes);
}
