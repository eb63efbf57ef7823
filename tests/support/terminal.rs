//! A terminal of its own for a program that wants one: what is typed goes in, and the screen can be read.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Rows and columns.
const SIZE: (u16, u16) = (50, 120);
const PATIENCE: Duration = Duration::from_secs(40);

type Input = Arc<Mutex<Box<dyn Write + Send>>>;
type Screen = Arc<Mutex<vt100::Parser>>;

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    input: Input,
    screen: Screen,
    master: Box<dyn MasterPty + Send>,
}

/// How a program left its terminal.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    /// Whether a screen of its own is still shown.
    pub alternate: bool,
    pub hidden_cursor: bool,
    /// Whether what is pasted comes in brackets.
    pub brackets: bool,
    /// Whether the terminal takes lines and shows what is typed.
    pub cooked: bool,
}

impl Left {
    /// As it was before.
    pub const WHOLE: Self = Self { alternate: false, hidden_cursor: false, brackets: false, cooked: true };
}

fn size((rows, cols): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

impl Terminal {
    /// Runs a command in a new terminal.
    pub fn run(command: &Command) -> Self {
        Self::sized(command, SIZE)
    }

    /// The same in a terminal of so many rows and columns.
    pub fn sized(command: &Command, rows_and_columns: (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(size(rows_and_columns)).unwrap();
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
        let screen: Screen = Arc::new(Mutex::new(vt100::Parser::new(rows_and_columns.0, rows_and_columns.1, 0)));
        let output = pair.master.try_clone_reader().unwrap();
        let (shown, answers) = (Arc::clone(&screen), Arc::clone(&input));
        std::thread::spawn(move || show(output, &shown, &answers));
        Self { child, input, screen, master: pair.master }
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

    /// Waits until the screen is as wanted, and gives all that it shows.
    pub fn is(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.screen.lock().unwrap().screen().contents();
            if is(&shown) {
                return shown;
            }
            assert!(Instant::now() < until, "the terminal, {:?}, never was so: {what}\n{shown}", self.left());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Gives the terminal another size.
    pub fn resize(&self, rows_and_columns: (u16, u16)) {
        self.screen.lock().unwrap().screen_mut().set_size(rows_and_columns.0, rows_and_columns.1);
        self.master.resize(size(rows_and_columns)).unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// How the terminal is just now.
    pub fn left(&self) -> Left {
        let flags = format!("{:?}", self.master.get_termios().unwrap().local_flags);
        let screen = self.screen.lock().unwrap();
        let screen = screen.screen();
        Left {
            alternate: screen.alternate_screen(),
            hidden_cursor: screen.hide_cursor(),
            brackets: screen.bracketed_paste(),
            cooked: flags.contains("ICANON") && flags.contains("ECHO"),
        }
    }

    /// Waits until the terminal is whole.
    pub fn is_whole(&self) {
        let until = Instant::now() + PATIENCE;
        while self.left() != Left::WHOLE {
            assert!(Instant::now() < until, "the terminal is {:?}", self.left());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What stands in a row and column of the screen.
    pub fn letter(&self, row: u16, column: u16) -> String {
        let screen = self.screen.lock().unwrap();
        screen.screen().cell(row, column).unwrap().contents().to_owned()
    }

    /// Whether anything on the screen has a colour.
    pub fn is_coloured(&self) -> bool {
        let screen = self.screen.lock().unwrap();
        let (rows, columns) = screen.screen().size();
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        cells
            .filter_map(|(row, column)| screen.screen().cell(row, column))
            .any(|cell| cell.fgcolor() != vt100::Color::Default)
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
