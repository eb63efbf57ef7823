//! The terminal: colour, columns, progress, paging. Everything that reaches a person goes through here.
//!
//! Text that came from a rollout, a ref or a file name is passed through [`codex_git::model::text`] before it is written, so
//! that it can neither steer the terminal nor pass for another line. Data goes to standard output, all talk to standard error.

mod age;
mod log;
mod pager;
mod paint;
#[cfg(feature = "ui")]
pub mod picker;
mod progress;
mod style;
mod table;
mod unstyled;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use codex_git::model::text;

pub use age::{age, brief_age};
pub use log::Log;
pub use paint::paint;
pub use progress::Progress;
pub use style::{BOLD, DIM, ERROR, HINT, NAME, RESET, WARN};
pub use table::{Align, Table};
use unstyled::Unstyled;

/// How wide a terminal is taken to be when it doesn't say.
const DEFAULT_WIDTH: usize = 100;

/// How wide the commands are at least that are named as next steps.
const STEP: usize = 22;

/// What was asked of the output.
#[derive(Clone, Debug)]
pub struct Ui {
    pub color: ColorChoice,
    pub quiet: bool,
    /// The command of the pager, if there is to be one, and what its environment gets.
    pub pager: Option<String>,
    pub pager_environment: Vec<(&'static str, &'static str)>,
    /// The terminal's width where the environment gives it.
    pub columns: Option<usize>,
    /// The options that name another codex home or store, as a shell takes them, with a blank after.
    pub options: String,
}

impl Ui {
    /// Writes data to standard output, through the pager if that is a terminal. A reader that goes away is no error.
    pub fn page(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let pager = self.pager.as_deref().filter(|_| io::stdout().is_terminal());
        match pager.and_then(|pager| pager::Pager::start(pager, &self.pager_environment)) {
            Some(mut pager) => {
                let color = if self.color == ColorChoice::Auto { ColorChoice::Always } else { self.color };
                let mut out = styled(pager.input(), color);
                let written = write(&mut out).and_then(|()| out.flush());
                drop(out);
                pager.wait();
                unless_gone(written)
            }
            None => self.print(write),
        }
    }

    /// Writes data to standard output, never through the pager.
    pub fn print(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        // What a stream is can't be seen through its buffer.
        let is_open = self.color == ColorChoice::Auto;
        let color = if is_open { AutoStream::choice(&io::stdout()) } else { self.color };
        let mut out = styled(io::stdout().lock(), color);
        unless_gone(write(&mut out).and_then(|()| out.flush()))
    }

    /// Writes bytes to standard output as they are; a terminal gets what can't steer it.
    pub fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if out.is_terminal() {
            drop(out);
            return self.print(|out| write!(out, "{}", text::plain_lines(&String::from_utf8_lossy(bytes))));
        }
        unless_gone(out.write_all(bytes).and_then(|()| out.flush()))
    }

    /// Writes a line of data to standard output.
    pub fn data(&self, line: impl Display) -> io::Result<()> {
        self.print(|out| writeln!(out, "{line}"))
    }

    /// Writes JSON to standard output, a line. What steers a terminal or ends a line somewhere is written as an escape.
    pub fn json(&self, json: impl Display) -> io::Result<()> {
        self.data(text::escaped(&json.to_string()))
    }

    /// Says something to the person, unless they asked for quiet.
    pub fn say(&self, words: impl Display) {
        if !self.quiet {
            self.tell(words);
        }
    }

    /// Asks the person something; the answer is typed behind it.
    pub fn ask(&self, words: impl Display) {
        let mut out = AutoStream::new(io::stderr().lock(), self.color);
        // There is nobody to ask where standard error is gone.
        let _ = write!(out, "{words}").and_then(|()| out.flush());
    }

    /// Says that something is not as it should be.
    pub fn warn(&self, words: impl Display) {
        self.tell(format_args!("{WARN}warning:{RESET} {}", text::plain(&words.to_string())));
    }

    /// Says why it did not work, and what to do.
    pub fn fail(&self, error: impl Display, hint: Option<String>) {
        self.tell(format_args!("{ERROR}error:{RESET} {}", text::plain(&error.to_string())));
        if let Some(hint) = hint {
            self.remedy(&hint);
        }
    }

    /// Says what may be typed next, unless the person asked for quiet.
    pub fn hint(&self, hint: &str) {
        if !self.quiet {
            self.remedy(hint);
        }
    }

    /// Says what to type against an error or a warning. Commands of ours carry the options that the person gave.
    pub fn remedy(&self, hint: &str) {
        self.tell(format_args!("{HINT}hint:{RESET} {}", text::plain(&self.command(hint))));
    }

    /// Commands of ours with the options that the person gave.
    pub fn command(&self, words: &str) -> String {
        words.replace("codex-git ", &format!("codex-git {}", self.options))
    }

    /// Says what may be typed next, a command a line, and what each does.
    pub fn steps(&self, steps: &[(&str, &str)]) {
        let command = |words: &str| text::plain(&self.command(words)).into_owned();
        let steps: Vec<_> = steps.iter().map(|(words, what)| (command(words), what)).collect();
        let widest = steps.iter().map(|(command, _)| text::width(command)).fold(STEP, usize::max);
        for (command, what) in steps {
            let room = " ".repeat(widest - text::width(&command));
            self.say(format_args!("  {NAME}{command}{RESET}{room} {what}"));
        }
    }

    /// How many columns a line may take; `None` where output is not a terminal and nothing needs to be cut.
    pub fn width(&self) -> Option<usize> {
        let terminal = io::stdout().is_terminal();
        self.columns.or_else(|| {
            terminal.then(|| terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0)))
        })
    }

    /// Whether a person reads what is printed.
    pub fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether a screen of its own is drawn in colours.
    #[cfg(feature = "ui")]
    pub fn has_colours(&self) -> bool {
        match self.color {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            color => color != ColorChoice::Never,
        }
    }

    /// Whether a person sees what is printed, and types.
    #[cfg(feature = "ui")]
    pub fn has_a_person(&self) -> bool {
        self.is_terminal() && io::stdin().is_terminal()
    }

    /// Whether what is printed goes to a file.
    pub fn prints_to_a_file(&self) -> bool {
        #[cfg(unix)]
        return rustix::fs::fstat(io::stdout())
            .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile);
        #[cfg(not(unix))]
        false
    }

    /// Whether colours were asked for, wherever output goes.
    pub fn is_coloured(&self) -> bool {
        self.color == ColorChoice::Always
    }

    /// Prints help where nothing was asked for.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn print_error(&self, help: impl Display) -> io::Result<()> {
        unless_gone(write!(AutoStream::new(io::stderr().lock(), self.color), "{help}"))
    }

    fn tell(&self, words: impl Display) {
        // There is nobody to tell that standard error is gone.
        let _ = writeln!(AutoStream::new(io::stderr().lock(), self.color), "{words}");
    }
}

/// A stream that is written to in large pieces, as lines are made of many small ones, with styles or without.
fn styled(out: impl Write + 'static, color: ColorChoice) -> Box<dyn Write> {
    let out: Box<dyn Write> = Box::new(io::BufWriter::new(out));
    match color {
        ColorChoice::Never => Box::new(Unstyled::new(out)),
        color => Box::new(AutoStream::new(out, color)),
    }
}

/// A reader that goes away has read enough.
fn unless_gone(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}
