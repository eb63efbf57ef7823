//! A real browser without a window, which opens pages and does what it is told (`tests/browser/drive.mjs`).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// What browsers of this family are called.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// What was seen while a page was open.
pub struct Seen {
    /// What the expressions gave, in order.
    pub values: Vec<Value>,
    /// What was asked of the network, or of a file.
    pub requests: Vec<String>,
    /// What stood in the console, and what dialogs said.
    pub console: Vec<String>,
}

/// Does some steps in a browser.
pub fn drive(steps: &[Value]) -> Seen {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/drive.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(program()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = node.spawn().unwrap();
    let steps: String = steps.iter().map(|step| format!("{step}\n")).collect();
    child.stdin.take().unwrap().write_all(steps.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    let texts =
        |key: &str| seen[key].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    Seen { values: seen["values"].as_array().unwrap().clone(), requests: texts("requests"), console: texts("console") }
}

/// A page opened at a size, with what follows.
pub fn open(page: &Path, size: (u32, u32), mut steps: Vec<Value>) -> Seen {
    steps.insert(0, json!({ "size": [size.0, size.1], "dark": false, "open": page }));
    drive(&steps)
}

/// An expression whose value is wanted.
pub fn eval(expression: &str) -> Value {
    json!({ "eval": expression })
}

fn program() -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap();
    let mut found = std::env::split_paths(&paths).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    found.find(|path| path.is_file()).unwrap_or_else(|| panic!("no browser: `tests/run` installs chromium"))
}
