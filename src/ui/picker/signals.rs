//! Signals that ask the picker to end or to stop: they are noted, and what they ask for is done once the terminal is whole.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To end, by this signal.
    End(i32),
    /// To stop until somebody says to go on.
    Stop,
    /// To draw anew: somebody said to go on, after a stop that nobody could foresee.
    GoOn,
}

#[cfg(unix)]
mod noted {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    use signal_hook::{SigId, flag, low_level};

    use super::Asked;

    const ALL: [i32; 6] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT];

    /// Signals that are noted while this lives.
    pub struct Signals {
        noted: Vec<(i32, Arc<AtomicBool>)>,
        handlers: Vec<SigId>,
    }

    impl Signals {
        pub fn new() -> io::Result<Self> {
            let mut signals = Self { noted: Vec::new(), handlers: Vec::new() };
            for signal in ALL {
                let noted = Arc::new(AtomicBool::new(false));
                signals.handlers.push(flag::register(signal, Arc::clone(&noted))?);
                signals.noted.push((signal, noted));
            }
            Ok(signals)
        }

        /// What was asked for since somebody looked.
        pub fn asked(&self) -> Option<Asked> {
            let (signal, _) = self.noted.iter().find(|(_, noted)| noted.swap(false, Ordering::SeqCst))?;
            Some(match *signal {
                SIGTSTP => Asked::Stop,
                SIGCONT => Asked::GoOn,
                signal => Asked::End(signal),
            })
        }
    }

    impl Drop for Signals {
        fn drop(&mut self) {
            for handler in self.handlers.drain(..) {
                low_level::unregister(handler);
            }
        }
    }

    /// Waits until there is input or a signal, no longer than that; how to end, if the terminal is gone.
    pub fn wait(patience: Duration) -> io::Result<Option<i32>> {
        let input = io::stdin();
        let mut files = [PollFd::new(&input, PollFlags::IN)];
        match poll(&mut files, Timespec::try_from(patience).ok().as_ref()) {
            Ok(_) if files[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => Ok(Some(SIGHUP)),
            Ok(_) | Err(Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Does what a signal does to a program that does not note it.
    pub fn obey(signal: i32) -> io::Result<()> {
        low_level::emulate_default_handler(signal)
    }

    /// Stops until somebody says to go on.
    pub fn stop() -> io::Result<()> {
        obey(SIGTSTP)
    }
}

#[cfg(not(unix))]
mod noted {
    use std::io;
    use std::time::Duration;

    use super::Asked;

    /// There are no such signals here.
    pub struct Signals;

    impl Signals {
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub fn asked(&self) -> Option<Asked> {
            None
        }
    }

    pub fn wait(_: Duration) -> io::Result<Option<i32>> {
        Ok(None)
    }

    pub fn obey(_: i32) -> io::Result<()> {
        Ok(())
    }

    pub fn stop() -> io::Result<()> {
        Ok(())
    }
}

pub use noted::{Signals, wait};

/// Ends by a signal, as a program that does not note it would.
pub fn obey(signal: i32) -> io::Result<()> {
    noted::obey(signal)
}

/// Stops until somebody says to go on.
pub fn stop() -> io::Result<()> {
    noted::stop()
}
