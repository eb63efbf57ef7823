//! Progress of long work: only on a terminal, and only once the work has taken a quarter of a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PATIENCE: Duration = Duration::from_millis(250);

/// A bar that shows itself when it is worth it.
pub struct Progress {
    what: &'static str,
    quiet: bool,
    began: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Work on a number of `what` (a plural).
    pub fn new(what: &'static str, quiet: bool) -> Self {
        Self { what, quiet, began: Instant::now(), bar: None }
    }

    /// Tells how far the work is.
    pub fn at(&mut self, done: usize, total: usize) {
        if self.quiet || (self.bar.is_none() && self.began.elapsed() < PATIENCE) {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| bar(self.what, total));
        bar.set_position(done as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &'static str, total: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr_with_hz(10));
    // The template is fixed; if indicatif ever refused it, its own default would do.
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}
