//! Whether a prompt steers a turn that runs: what Codex tells a hook is the same for both, and the rollout tells them apart.
//!
//! A prompt that begins a turn is not in the rollout yet when its hook runs; one that steers comes when the turn's own prompt is there. A turn
//! towards a goal has no prompt of its own. Seen on 0.130, 0.145 and 0.169 (`docs/codex.md`).

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::disk::regular;
use crate::rollout::{Class, Line, RecordType, next_line, skim, turn_id};

/// How much of the file's end is looked at first; if the turn does not begin there, more.
const LOOK_BACK: u64 = 1 << 20;

/// Whether a prompt that belongs to this turn was typed while the turn ran. Where that can't be told, it is taken to be so: to stop a turn
/// that runs is worse than to let a word through to the model.
pub fn steers(rollout: &Path, turn: Option<&str>) -> bool {
    let Some(turn) = turn else { return true };
    look(rollout, turn).unwrap_or(true)
}

fn look(rollout: &Path, turn: &str) -> io::Result<bool> {
    let mut file = regular::open(rollout)?;
    let len = file.metadata()?.len();
    let mut back = LOOK_BACK;
    loop {
        let start = len.saturating_sub(back);
        file.seek(SeekFrom::Start(start))?;
        let seen = Seen::read(BufReader::new((&file).take(len - start)), start > 0, turn)?;
        if seen.begun || start == 0 {
            return Ok(seen.prompted);
        }
        back = back.saturating_mul(8);
    }
}

/// What the end of a rollout says of a turn.
#[derive(Default)]
struct Seen {
    begun: bool,
    prompted: bool,
}

impl Seen {
    fn read(mut reader: impl io::BufRead, mut inside: bool, turn: &str) -> io::Result<Self> {
        let (mut seen, mut line) = (Self::default(), Vec::new());
        while next_line(&mut reader, &mut line)?.is_some() {
            if !std::mem::take(&mut inside) {
                seen.line(&skim(&line, false), turn);
            }
        }
        Ok(seen)
    }

    fn line(&mut self, line: &Line<'_>, turn: &str) {
        let Some(record) = &line.record else { return };
        let is_own = turn_id(line).as_deref() == Some(turn);
        match line.class {
            Class::Start if is_own => {
                *self = Self { begun: true, prompted: record.seeks_goal() };
            }
            // An event of the eras before 0.148 names no turn.
            Class::Prompt => self.prompted |= self.begun,
            _ => self.prompted |= is_own && record.item() == Some(RecordType::UserItem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(payload: &str) -> String {
        format!("{{\"timestamp\":\"2026-11-22T22:00:00Z\",\"type\":\"event_msg\",\"payload\":{{{payload}}}}}\n")
    }

    fn steers_in(lines: &[String]) -> bool {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.concat()).unwrap();
        steers(file.path(), Some("t"))
    }

    #[test]
    fn a_prompt_steers_once_the_turn_has_one() {
        let start = line(r#""type":"task_started","turn_id":"t""#);
        let other = line(r#""type":"item_completed","turn_id":"s","item":{"type":"UserMessage"}"#);
        let prompt = line(r#""type":"item_completed","turn_id":"t","item":{"type":"UserMessage"}"#);
        let old = line(r#""type":"user_message","message":"x""#);
        let compaction = line(r#""type":"item_completed","turn_id":"t","item":{"type":"ContextCompaction"}"#);
        let context = line(r#""type":"turn_context","turn_id":"t""#);
        assert!(!steers_in(&[other.clone(), old.clone(), start.clone(), context.clone()]));
        assert!(!steers_in(&[start.clone(), context.clone(), compaction]));
        assert!(steers_in(&[start.clone(), context.clone(), prompt.clone(), context.clone()]));
        assert!(steers_in(&[start.clone(), context, old]));
        let far = line(&format!("\"type\":\"agent_message\",\"message\":\"{}\"", "x".repeat(3 << 20)));
        assert!(steers_in(&[start, prompt, far]), "however long the turn is");
    }

    #[test]
    fn a_turn_towards_a_goal_is_steered_without_a_prompt() {
        assert!(steers_in(&[line(
            r#""type":"task_started","turn_id":"t","turn_attribution":{"turn_trigger":"goal"}"#
        )]));
    }

    #[test]
    fn what_can_not_be_told_is_not_stopped() {
        assert!(steers(Path::new("/nowhere"), Some("t")));
        assert!(steers(tempfile::NamedTempFile::new().unwrap().path(), None));
    }
}
