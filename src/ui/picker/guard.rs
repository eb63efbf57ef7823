//! A terminal that is taken for a whole screen, and given back whole: at the end, on an error, and on a panic.

use std::io::{self, Write, stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

/// Whether the terminal is taken.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Has a panic give the terminal back before it tells what happened.
static HOOK: Once = Once::new();

/// A terminal that is taken while this lives.
pub struct Guard(());

impl Guard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it can't be taken; then it is as it was.
    pub fn take() -> io::Result<Self> {
        HOOK.call_once(|| tell_after_giving_back(thread::current().id()));
        let guard = Self(());
        guard.retake()?;
        Ok(guard)
    }

    /// Takes the terminal again, after it was given back or somebody else changed it.
    ///
    /// # Errors
    /// As [`Guard::take`].
    pub fn retake(&self) -> io::Result<()> {
        give_back()?;
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
    }

    /// Gives the terminal back for a while.
    ///
    /// # Errors
    /// When nothing can be written to it.
    pub fn give_back(&self) -> io::Result<()> {
        give_back()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = give_back();
    }
}

fn give_back() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let written = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    disable_raw_mode().and(written).and(stdout().flush())
}

/// A panic of the thread that draws ends the picker, so the terminal is given back first. What another thread has to say would be lost on
/// the screen; that it is gone is told by who waits for it.
fn tell_after_giving_back(drawing: ThreadId) {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        if thread::current().id() == drawing {
            // The panic is told all the same.
            let _ = give_back();
        }
        if !TAKEN.load(Ordering::SeqCst) {
            tell(what);
        }
    }));
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Read;
    use std::panic::catch_unwind;
    use std::sync::mpsc::channel;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::*;

    /// Runs one of the tests below in a terminal of its own; what it printed, and whether the terminal takes lines after.
    fn in_a_terminal(test: &str) -> (vt100::Parser, String, bool) {
        let size = PtySize { rows: 24, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", &format!("ui::picker::guard::tests::{test}"), "--ignored", "--nocapture"]);
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        let mut child = pair.slave.spawn_command(command).unwrap();
        let mut output = pair.master.try_clone_reader().unwrap();
        let (send, bytes) = channel();
        std::thread::spawn(move || {
            let mut all = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut all) {
                if send.send(all[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        child.wait().unwrap();
        let modes = format!("{:?}", pair.master.get_termios().unwrap().local_flags);
        drop(pair);
        let bytes: Vec<u8> = bytes.iter().flatten().collect();
        let mut screen = vt100::Parser::new(size.rows, size.cols, 0);
        screen.process(&bytes);
        let is_cooked = modes.contains("ICANON") && modes.contains("ECHO");
        (screen, String::from_utf8_lossy(&bytes).into_owned(), is_cooked)
    }

    fn is_whole(test: &str) {
        let (screen, printed, is_cooked) = in_a_terminal(test);
        let screen = screen.screen();
        assert!(printed.contains("\u{1b}[?1049h"), "it was taken: {printed:?}");
        assert!(is_cooked && !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        let shown = screen.contents();
        assert!(shown.contains("what went wrong"), "the panic is told on the screen that stays: {shown}");
    }

    #[test]
    fn a_panic_that_unwinds_leaves_the_terminal_whole() {
        is_whole("panics_in_a_terminal");
    }

    #[test]
    fn the_hook_alone_leaves_the_terminal_whole() {
        is_whole("panics_in_a_terminal_that_nobody_gives_back");
    }

    #[test]
    fn a_panic_of_another_thread_leaves_the_screen_alone() {
        let (_, printed, is_cooked) = in_a_terminal("another_thread_panics");
        assert!(is_cooked && printed.contains("the screen is still taken"), "{printed}");
        assert!(!printed.contains("what went wrong"), "{printed}");
    }

    #[test]
    #[ignore = "run in a terminal by another test"]
    fn panics_in_a_terminal() {
        let _guard = Guard::take().unwrap();
        panic!("what went wrong");
    }

    #[test]
    #[ignore = "run in a terminal by another test"]
    fn panics_in_a_terminal_that_nobody_gives_back() {
        std::mem::forget(Guard::take().unwrap());
        assert!(catch_unwind(|| panic!("what went wrong")).is_err());
    }

    #[test]
    #[ignore = "run in a terminal by another test"]
    fn another_thread_panics() {
        let guard = Guard::take().unwrap();
        assert!(std::thread::spawn(|| panic!("what went wrong")).join().is_err());
        assert!(TAKEN.load(Ordering::SeqCst));
        drop(guard);
        writeln!(stdout(), "the screen is still taken").unwrap();
    }
}
