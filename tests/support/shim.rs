//! The program with a fault at its n-th change of a file: `tests/fault/shim.c`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{Home, Ran, ran};

/// What happens at a change.
#[derive(Clone, Copy, Debug)]
pub enum How {
    Kill,
    /// The change fails with this errno.
    Fail(i32),
    /// This command runs before the change.
    Run(&'static str),
}

pub const ALL: [How; 4] = [How::Kill, How::Fail(ENOSPC), How::Fail(EIO), How::Fail(EACCES)];

const EIO: i32 = 5;
const EACCES: i32 = 13;
pub const ENOSPC: i32 = 28;

/// How many changes below a home the command makes, and how it ends.
pub fn changes(home: &Home, mut command: Command) -> (usize, Ran) {
    let count = home.path().parent().unwrap().join("count");
    preload(home, &mut command, 0, How::Kill).env("FAULT_COUNT", &count);
    let ran = ran(command.output().unwrap());
    (fs::read_to_string(count).unwrap().parse().unwrap(), ran)
}

/// Runs a command with a fault at its n-th change.
pub fn faulty(home: &Home, mut command: Command, at: usize, how: How) -> Ran {
    ran(preload(home, &mut command, at, how).output().unwrap())
}

/// Runs a command where files can't be locked.
pub fn without_locks(home: &Home, mut command: Command) -> Ran {
    const ENOLCK: i32 = 37;
    ran(preload(home, &mut command, 0, How::Kill).env("FAULT_LOCK", ENOLCK.to_string()).output().unwrap())
}

fn preload<'a>(home: &Home, command: &'a mut Command, at: usize, how: How) -> &'a mut Command {
    let how = match how {
        How::Kill => "KILL".to_owned(),
        How::Fail(errno) => errno.to_string(),
        How::Run(command) => format!("RUN {command}"),
    };
    command.env("LD_PRELOAD", shim()).env("FAULT_ROOT", home.path());
    command.env("FAULT_AT", at.to_string()).env("FAULT_HOW", how)
}

/// The shim, compiled once.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::Builder::new().prefix("codex-git-shim-").tempdir().unwrap().keep();
        let library = folder.join("shim.so");
        let mut compiler = Command::new(option_env!("CC").unwrap_or("cc"));
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-o"]).arg(&library).arg(root.join("tests/fault/shim.c"));
        let output = compiler.arg("-ldl").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        library
    })
}
