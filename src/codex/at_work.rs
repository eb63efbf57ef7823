//! Whether a turn's agent has been at work: what changes files may have run since the turn began.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use memchr::memmem::find;

use crate::disk::regular;
use crate::rollout::{Class, RecordType, next_line, skim, turn_id};

/// A turn that just began does so within so many bytes of the rollout's end.
const LOOK_BACK: u64 = 4 << 20;

/// What calls a tool, or tells that one ran.
const CALLS: [RecordType; 5] = [
    RecordType::FunctionCall,
    RecordType::CustomToolCall,
    RecordType::LocalShellCall,
    RecordType::CommandItem,
    RecordType::PatchItem,
];

/// Whether a turn that just began has called a tool by now. Where that can't be told, it may have.
pub fn has_called(rollout: &Path, turn: &str) -> bool {
    look(rollout, turn).unwrap_or(true)
}

fn look(rollout: &Path, turn: &str) -> io::Result<bool> {
    let mut file = regular::open(rollout)?;
    let start = file.metadata()?.len().saturating_sub(LOOK_BACK);
    file.seek(SeekFrom::Start(start))?;
    let mut reader = BufReader::new((&file).take(LOOK_BACK));
    // Within a string of a line, these quotes would be escaped.
    let calls: Vec<String> = CALLS.iter().map(|call| format!("\"type\":\"{}\"", call.name())).collect();
    let (mut begun, mut called, mut line) = (false, false, Vec::new());
    while next_line(&mut reader, &mut line)?.is_some() {
        let skimmed = skim(&line, false);
        if skimmed.class == Class::Start && turn_id(&skimmed).as_deref() == Some(turn) {
            (begun, called) = (true, false);
        }
        called |= begun && calls.iter().any(|call| find(&line, call.as_bytes()).is_some());
    }
    Ok(called)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(lines: &[&str]) -> bool {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.join("\n") + "\n").unwrap();
        has_called(file.path(), "t")
    }

    #[test]
    fn only_calls_of_the_turn_count() {
        let start = r#"{"timestamp":"x","type":"event_msg","payload":{"type":"task_started","turn_id":"t"}}"#;
        let call = r#"{"timestamp":"x","type":"response_item","payload":{"type":"function_call","name":"shell"}}"#;
        let said = r#"{"timestamp":"x","type":"response_item","payload":{"type":"message","role":"user","content":[{"text":"\"type\":\"function_call\""}]}}"#;
        assert!(!called(&[call, start, said]));
        assert!(called(&[call, start, said, call]));
        assert!(!called(&[call]), "the turn is not in the file yet");
        assert!(has_called(Path::new("/nowhere"), "t"));
    }
}
