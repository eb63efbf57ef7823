//! The screen: what is drawn on it, and what comes from it.

use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::mem::ManuallyDrop;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event as Told};
use ratatui::crossterm::style::force_color_output;

use super::brush::Brush;
use super::draw::draw;
use super::guard::Guard;
use super::input::key;
use super::signals::{self, Asked, Signals};
use crate::picker::{Key, Panes, Picker};

/// How long signals wait at the most.
const SIGNALS: Duration = Duration::from_millis(100);

/// A frame is handed to the terminal in one piece.
const FRAME: usize = 64 << 10;

type Out = BufWriter<Stdout>;

/// What came from the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Nothing, for as long as one was willing to wait.
    Nothing,
    Key(Key),
    Pasted(String),
    /// It is to be drawn anew: its size changed, or it was away.
    Changed,
    /// The program is to end, by this signal.
    End(i32),
}

/// A screen that is taken.
pub struct Screen {
    /// Dropping it would complain where nobody hears it any more; the guard does all that it does.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Out>>>,
    brush: Brush,
    signals: Signals,
    guard: Guard,
}

impl Screen {
    /// Takes the screen.
    ///
    /// # Errors
    /// When there is none, or it can't be taken.
    pub fn take(brush: Brush) -> io::Result<Self> {
        // Whether there are colours was decided before.
        force_color_output(brush.is_coloured);
        let signals = Signals::new()?;
        let guard = Guard::take()?;
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(FRAME, stdout())))?;
        Ok(Self { terminal: ManuallyDrop::new(terminal), brush, signals, guard })
    }

    /// How large it is.
    ///
    /// # Errors
    /// When the terminal does not say.
    pub fn panes(&self) -> io::Result<Panes> {
        let size = self.terminal.size()?;
        Ok(Panes { width: size.width, height: size.height })
    }

    /// Draws the picker, in the size that the screen has now.
    ///
    /// # Errors
    /// When the terminal takes nothing.
    pub fn draw(&mut self, picker: &mut Picker) -> io::Result<()> {
        let panes = self.panes()?;
        if panes != picker.panes() {
            picker.resize(panes);
        }
        let brush = self.brush;
        self.terminal.draw(|frame| draw(frame, picker, brush)).map(drop)
    }

    /// Draws everything the next time, whatever stands on the screen.
    ///
    /// # Errors
    /// As [`Screen::draw`].
    pub fn forget(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// What comes next, if it comes soon enough.
    ///
    /// # Errors
    /// When nothing can be read.
    pub fn next(&mut self, patience: Duration) -> io::Result<Event> {
        match self.signals.asked() {
            Some(Asked::End(signal)) => return Ok(Event::End(signal)),
            Some(Asked::Stop) => {
                self.suspend()?;
                return Ok(Event::Changed);
            }
            Some(Asked::GoOn) => {
                self.retake()?;
                return Ok(Event::Changed);
            }
            None => {}
        }
        // A terminal that is gone would be read for ever.
        if let Some(signal) = signals::wait(Duration::ZERO)? {
            return Ok(Event::End(signal));
        }
        if !event::poll(Duration::ZERO)? {
            let patience = patience.min(SIGNALS);
            if let Some(signal) = signals::wait(patience)? {
                return Ok(Event::End(signal));
            }
            if !event::poll(if cfg!(unix) { Duration::ZERO } else { patience })? {
                return Ok(Event::Nothing);
            }
        }
        Ok(match event::read()? {
            Told::Key(told) => key(&told).map_or(Event::Nothing, Event::Key),
            Told::Paste(text) => Event::Pasted(text),
            Told::Resize(..) => {
                // It may have been smaller meanwhile, and have lost what stood there.
                self.terminal.clear()?;
                Event::Changed
            }
            _ => Event::Nothing,
        })
    }

    /// Whether something waits to be read.
    ///
    /// # Errors
    /// As [`Screen::next`].
    pub fn has_next(&self) -> io::Result<bool> {
        Ok(signals::wait(Duration::ZERO)?.is_some() || event::poll(Duration::ZERO)?)
    }

    /// Gives the terminal back and stops, until the shell says to go on.
    ///
    /// # Errors
    /// When the terminal can't be taken again.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.guard.give_back()?;
        signals::stop()?;
        self.retake()
    }

    fn retake(&mut self) -> io::Result<()> {
        self.guard.retake()?;
        self.terminal.clear()
    }

    /// Has the terminal put a text where it can be pasted from. Whether it does is not told.
    ///
    /// # Errors
    /// As [`Screen::draw`].
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(text))?;
        Write::flush(out)
    }

    /// Gives the terminal back and ends by a signal, as a program would that does not note signals.
    ///
    /// # Errors
    /// When the program still lives.
    pub fn end_by(self, signal: i32) -> io::Result<()> {
        drop(self);
        signals::obey(signal)
    }
}
