//! The picker among many sessions: its first screen beside `list --all`, and from a key to the screen that shows it.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::Scale;
use crate::corpus::crowd;
use crate::run::{Table, Unit, median, ours, run};

const SIZE: PtySize = PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 };

/// How long anything on the screen is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub fn pickers(scale: Scale, table: &mut Table) {
    let (home, sessions) = (table.folder(), scale.look[1]);
    crowd(&home, sessions, 1);
    run(ours(&home, &["-q", "init"]));
    run(ours(&home, &["-q", "record"]));
    let (mut first, mut listed, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.rounds.min(9) {
        listed.push(run(ours(&home, &["--no-pager", "list", "--all"])));
        let began = Instant::now();
        let mut picker = Picker::start(&home);
        picker.until(|shown| shown.contains(&format!("{sessions} of {sessions} sessions")));
        first.push(began.elapsed());
        for _ in 0..10 {
            let before = picker.selected();
            let pressed = Instant::now();
            picker.press("\u{1b}[B");
            while picker.selected() == before {
                picker.read(pressed);
            }
            keys.push(pressed.elapsed());
        }
        picker.end();
    }
    let what = format!("first screen of `ui` among {sessions} sessions");
    table.compare(&what, median(first), ("`list --all`", median(listed)), 2.0, Unit::Seconds);
    table.limit(&format!("from a key to the screen among {sessions}"), median(keys), 0.05, Unit::Seconds);
}

/// A picker in a terminal.
struct Picker {
    child: Box<dyn Child + Send + Sync>,
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Picker {
    fn start(home: &Path) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_codex-git"));
        command.args(["ui", "--all", "--codex-home"]);
        command.arg(home);
        command.cwd(home);
        command.env("TERM", "xterm-256color");
        ["CODEX_THREAD_ID", "CODEX_GIT_UI", "COLUMNS", "NO_COLOR"]
            .into_iter()
            .for_each(|name| command.env_remove(name));
        let child = pair.slave.spawn_command(command).unwrap();
        let mut from = pair.master.try_clone_reader().unwrap();
        let (give, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 65536];
            while let Ok(read @ 1..) = from.read(&mut bytes) {
                if give.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let input = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(SIZE.rows, SIZE.cols, 0);
        Self { child, input, output, screen, _master: pair.master }
    }

    /// Takes what came; gives up after a while.
    fn read(&mut self, since: Instant) {
        assert!(since.elapsed() < PATIENCE, "{}", self.screen.screen().contents());
        if let Ok(bytes) = self.output.recv_timeout(PATIENCE) {
            self.screen.process(&bytes);
        }
    }

    fn until(&mut self, is_it: impl Fn(&str) -> bool) {
        let since = Instant::now();
        while !is_it(&self.screen.screen().contents()) {
            self.read(since);
        }
    }

    /// The row that is selected.
    fn selected(&self) -> Option<usize> {
        self.screen.screen().contents().lines().position(|line| line.starts_with(['▌', '>']))
    }

    fn press(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).and_then(|()| self.input.flush()).unwrap();
    }

    fn end(mut self) {
        self.press("\u{3}");
        self.child.wait().unwrap();
    }
}
