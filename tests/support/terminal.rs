//! A terminal of its own for a program that wants one: what is typed goes in, and the screen can be read.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const SIZE: PtySize = PtySize { rows: 50, cols: 120, pixel_width: 0, pixel_height: 0 };
const PATIENCE: Duration = Duration::from_secs(40);

type Input = Arc<Mutex<Box<dyn Write + Send>>>;
type Screen = Arc<Mutex<vt100::Parser>>;

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    input: Input,
    screen: Screen,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Runs a command in a new terminal.
    pub fn run(command: &Command) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.cwd(command.get_current_dir().unwrap());
        builder.env("TERM", "xterm-256color");
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => builder.env(name, value),
                None => builder.env_remove(name),
            }
        }
        let child = pair.slave.spawn_command(builder).unwrap();
        let input: Input = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let screen: Screen = Arc::new(Mutex::new(vt100::Parser::new(SIZE.rows, SIZE.cols, 0)));
        let output = pair.master.try_clone_reader().unwrap();
        let (shown, answers) = (Arc::clone(&screen), Arc::clone(&input));
        std::thread::spawn(move || show(output, &shown, &answers));
        Self { child, input, screen, _master: pair.master }
    }

    /// Types a line, as a person would: Codex takes what comes too fast for a paste, whose line feed sends nothing.
    pub fn line(&self, text: &str) {
        self.press(text);
        std::thread::sleep(Duration::from_millis(400));
        self.press("\r");
    }

    /// Sends keys as they are.
    pub fn press(&self, keys: &str) {
        let mut input = self.input.lock().unwrap();
        input.write_all(keys.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// Waits until the screen shows a text, and gives all that it shows.
    pub fn shows(&self, text: &str) -> String {
        self.shows_times(text, 1)
    }

    /// Waits until the screen shows a text so many times.
    pub fn shows_times(&self, text: &str, times: usize) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.screen.lock().unwrap().screen().contents();
            if shown.matches(text).count() >= times {
                return shown;
            }
            assert!(Instant::now() < until, "the terminal never showed `{text}`:\n{shown}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the screen has not shown a text for some looks in a row: what is drawn anew is gone for a moment, too.
    pub fn lacks(&self, text: &str) {
        let until = Instant::now() + PATIENCE;
        let mut looks = 0;
        while looks < 6 {
            let shown = self.screen.lock().unwrap().screen().contents();
            looks = if shown.contains(text) { 0 } else { looks + 1 };
            assert!(Instant::now() < until, "the terminal still shows `{text}`:\n{shown}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills the program, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the program's end.
    pub fn wait(&mut self) -> u32 {
        self.child.wait().unwrap().exit_code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
    }
}

/// Keeps the screen, and answers what programs ask of a terminal.
fn show(mut output: Box<dyn Read + Send>, screen: &Screen, input: &Input) {
    let mut bytes = [0; 8192];
    while let Ok(read @ 1..) = output.read(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
        let (row, column) = {
            let mut screen = screen.lock().unwrap();
            screen.process(&bytes[..read]);
            screen.screen().cursor_position()
        };
        let mut answer = String::new();
        if text.contains("\x1b[6n") {
            answer.push_str(&format!("\x1b[{};{}R", row + 1, column + 1));
        }
        if text.contains("\x1b[c") {
            answer.push_str("\x1b[?62;c");
        }
        // A program that is gone asks nothing.
        let _ = input.lock().unwrap().write_all(answer.as_bytes());
    }
}
