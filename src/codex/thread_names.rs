//! The names that people gave their sessions in Codex: `session_index.jsonl` in the codex home, which every Codex since 0.98 adds a
//! line to at each `/rename`. It is only read; a name is given through Codex's app server.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::model::SessionId;
use crate::rollout::Object;

/// The names of a codex home's sessions, as they were last given. A file that can't be read holds none.
pub fn thread_names(home: &Path) -> HashMap<SessionId, String> {
    let bytes = fs::read(home.join("session_index.jsonl")).unwrap_or_default();
    bytes.split(|byte| *byte == b'\n').filter_map(name).collect()
}

fn name(line: &[u8]) -> Option<(SessionId, String)> {
    let line = Object::parse(line)?;
    Some((SessionId::parse(&line.str("id")?)?, line.str("thread_name")?.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_counts_and_broken_lines_do_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(thread_names(folder.path()).is_empty());
        let (a, b) = ("01a20579-8247-72d2-b159-c5492aec819f", "01a20579-8247-72d2-b159-c5492aec8199");
        let line = |id, name| {
            format!("{{\"id\":\"{id}\",\"thread_name\":\"{name}\",\"updated_at\":\"2026-11-22T22:58:27Z\"}}\n")
        };
        let text = [line(a, "first"), line(b, "other"), "{torn\n".into(), line(a, "second")].concat();
        fs::write(folder.path().join("session_index.jsonl"), text).unwrap();
        let names = thread_names(folder.path());
        assert_eq!(names[&SessionId::parse(a).unwrap()], "second");
        assert_eq!(names.len(), 2);
    }
}
