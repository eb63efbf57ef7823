//! Pages: a long session's beside its rollout written back, what a browser takes for it beside the same bytes as plain text, and the page of
//! all sessions beside their list.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Scale;
use crate::corpus::{crowd, one, place};
use crate::run::{Table, Unit, median, ours, peak, run};

pub fn pages(scale: Scale, table: &mut Table) {
    session(scale, table);
    all_sessions(scale, table);
}

fn session(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    let session = one(&home, scale.fork / 30_000 + 1, 30_000);
    run(ours(&home, &["-q", "init"]));
    run(ours(&home, &["-q", "record"]));
    let bytes = fs::metadata(place(&home, &session.name)).unwrap().len();
    let page = folder.join("page.html");
    let export = |words: &[&str]| {
        let out = ["-q", "export", &session.id, "--force", "--out", page.to_str().unwrap()];
        ours(&home, &[&out[..], words].concat())
    };
    let (mut brief, mut full, mut restore) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..scale.rounds.min(9) {
        full.push(run(export(&["--detail", "full", "--max-bytes", "1g"])));
        brief.push(run(export(&[])));
        let to = folder.join(format!("restored-{round}"));
        restore.push(run(ours(&home, &["-q", "restore", &session.id, "--to", to.to_str().unwrap()])));
    }
    let of = format!("a session of {} MB", bytes / 1_000_000);
    let restore = median(restore);
    table.compare(&format!("page of {of}"), median(brief), ("`restore --to`", restore), 4.0, Unit::Seconds);
    table.compare(&format!("full page of {of}"), median(full), ("`restore --to`", restore), 4.0, Unit::Seconds);
    let size = fs::metadata(&page).unwrap().len();
    table.compare(&format!("bytes of the page of {of}"), size as f64, ("its rollout", bytes as f64), 0.5, Unit::Bytes);
    let largest = 30_000 * 3 + size;
    let held = peak(export(&[])) - peak(ours(&home, &["show", "-n", "1", &session.id]));
    let what = format!("memory for the page of {of}, beyond `show -n 1`");
    table.compare(&what, held as f64, ("the page and three turns", largest as f64), 1.0, Unit::Bytes);
    if let Some(browser) = browser() {
        run(export(&["--detail", "full", "--max-bytes", "1g"]));
        opening(scale, table, &browser, &page);
    }
}

/// A browser takes for a page what it takes for the same bytes as plain text, times little.
fn opening(scale: Scale, table: &mut Table, browser: &str, page: &Path) {
    let plain = page.with_file_name("plain.html");
    let text = fs::read_to_string(page).unwrap();
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    fs::write(&plain, format!("<!doctype html><meta charset=utf-8><pre>{}</pre>", &text[..floor(&text, page)]))
        .unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds.min(5) {
        ours.push(open(browser, page));
        theirs.push(open(browser, &plain));
    }
    let what = format!("a browser opens a full page of {} MB", fs::metadata(page).unwrap().len() / 1_000_000);
    table.compare(&what, median(ours), ("the same bytes in one `<pre>`", median(theirs)), 3.0, Unit::Seconds);
}

/// As many bytes of a text as a file has, at the end of a letter.
fn floor(text: &str, like: &Path) -> usize {
    let most = usize::try_from(fs::metadata(like).unwrap().len()).unwrap();
    (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap()
}

/// From the start of a browser until it has drawn a page and is gone.
fn open(browser: &str, page: &Path) -> Duration {
    let began = Instant::now();
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"]);
    command.arg(format!("--screenshot={}", page.with_extension("png").display()));
    command.arg(format!("file://{}", page.display()));
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success());
    began.elapsed()
}

fn browser() -> Option<String> {
    let is_there =
        |name: &&str| Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    ["chromium", "google-chrome"].into_iter().find(is_there).map(str::to_owned)
}

fn all_sessions(scale: Scale, table: &mut Table) {
    let (home, sessions) = (table.folder(), scale.look[1]);
    crowd(&home, sessions, 20);
    run(ours(&home, &["-q", "init"]));
    run(ours(&home, &["-q", "record"]));
    let page = table.folder().join("graph.html");
    let (mut drawn, mut listed) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds.min(9) {
        drawn.push(run(ours(&home, &["-q", "graph", "--html", "--force", "--out", page.to_str().unwrap()])));
        listed.push(run(ours(&home, &["list", "--all", "--json"])));
    }
    let what = format!("`graph --html` of {sessions} sessions");
    table.compare(&what, median(drawn), ("`list --all --json`", median(listed)), 2.0, Unit::Seconds);
    let size = fs::metadata(&page).unwrap().len() as f64;
    table.limit("… its size, at 300 bytes a session", size, sessions as f64 * 300.0, Unit::Bytes);
}
