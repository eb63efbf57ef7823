//! Lineage: files that say anything of which others they go on from appear in any order and are recorded one after the other; what is recorded is
//! sound, is recorded once, and comes back.
#![no_main]

use codex_git::ops::Report;
use codex_git::{Effect, Workspace};
use libfuzzer_sys::fuzz_target;

/// The ids that files have and name.
fn id(number: u8) -> String {
    format!("01a20579-8247-72d2-b159-00000000000{}", number % 4)
}

fn line(kind: &str, number: u8) -> String {
    format!("{{\"type\":\"event_msg\",\"payload\":{{\"type\":\"{kind}\",\"turn_id\":\"{number}\",\"message\":\"m{number}\"}}}}\n")
}

/// Each byte is one step: a new file, or a line of the file before.
fn files(data: &[u8]) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut bytes = data.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte % 8 {
            0 | 1 => {
                let [own, base, low, high] = std::array::from_fn(|_| bytes.next().unwrap_or_default());
                let end = u16::from_be_bytes([high % 16, low]);
                let base = match base % 3 {
                    0 => String::new(),
                    _ => format!(",\"forked_from_id\":\"{}\",\"history_base\":{{\"thread_id\":\"{}\",\"end_byte_offset\":{end}}}", id(base), id(base / 4)),
                };
                let segment = if byte % 8 == 1 { format!("_{}", id(own / 4)) } else { String::new() };
                let meta = format!("{{\"type\":\"session_meta\",\"payload\":{{\"id\":\"{}\",\"timestamp\":\"2026-11-22T22:56:19Z\"{base}}}}}\n", id(own));
                files.push((format!("rollout-2026-11-22T22-56-19-{}{segment}.jsonl", id(own)), meta));
            }
            kind => {
                let Some((_, text)) = files.last_mut() else { continue };
                match kind {
                    2 | 3 => ["task_started", "user_message", "task_complete"].iter().for_each(|kind| *text += &line(kind, byte / 8)),
                    4 => *text += &line("task_started", byte / 8),
                    5 => *text += &line("task_complete", byte / 8),
                    6 => *text += &line("user_message", byte / 8),
                    _ => *text += "{torn",
                }
            }
        }
    }
    files.sort();
    files.dedup_by(|a, b| a.0 == b.0);
    files.truncate(6);
    files
}

/// The same things in the order of this number; each number below 720 is another order of six.
fn in_order<T>(mut things: Vec<T>, mut number: usize) -> Vec<T> {
    let mut ordered = Vec::new();
    while !things.is_empty() {
        let at = number % things.len();
        number /= things.len();
        ordered.push(things.remove(at));
    }
    ordered
}

/// Records all that is there; what was recorded is not recorded again.
fn record(workspace: &Workspace) -> Report {
    let report = workspace.record_all(Effect::Write, &mut |_| {});
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let again = workspace.record_all(Effect::Write, &mut |_| {});
    assert_eq!(again.changed(), 0, "{:?}", again.recorded);
    report
}

fuzz_target!(|data: &[u8]| {
    // The first two bytes are the order in which the files appear.
    let Some((order, data)) = data.split_first_chunk::<2>() else { return };
    let files = in_order(files(data), usize::from(u16::from_be_bytes(*order)));
    if files.is_empty() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("sessions");
    std::fs::create_dir(&folder).unwrap();
    let workspace = Workspace::init(home.path(), &home.path().join("sessions.git")).unwrap();
    let mut report = Report::default();
    for (name, text) in &files {
        std::fs::write(folder.join(name), text).unwrap();
        report = record(&workspace);
    }
    let checked = workspace.verify(&mut |_| {}).unwrap();
    assert!(checked.problems.is_empty(), "{:?}", checked.problems.iter().map(|problem| &problem.what).collect::<Vec<_>>());
    for recorded in &report.recorded {
        let out = home.path().join("out").join(recorded.session.to_string());
        workspace.restore(recorded.session, Some(&out), Effect::Write).unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
    for session in workspace.missing().unwrap() {
        workspace.restore(session, None, Effect::Write).unwrap();
    }
    for (name, text) in &files {
        let whole = text.rfind('\n').map_or("", |at| &text[..=at]);
        let place = home.path().join("sessions/2026/11/22").join(name);
        let there = [folder.join(name), place].into_iter().find(|path| path.exists()).unwrap();
        assert_eq!(std::fs::read_to_string(there).unwrap(), whole, "{name}");
    }
});
