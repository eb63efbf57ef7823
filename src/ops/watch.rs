//! Watch: turns are recorded as they end, without any hook.

use std::collections::HashSet;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use super::{Effect, Error, LogEntry, News, Recorded, Workspace};
use crate::codex::{HomeWatch, Watching};
use crate::model::SessionId;

/// How often all folders are looked through, where the system tells of changes and where it doesn't.
const SWEEP: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(2));

/// What a watch tells.
#[derive(Debug)]
pub enum Watched {
    /// A turn was recorded.
    Turn(Box<LogEntry>),
    /// Something else happened to a session.
    News(SessionId, News),
    /// A rollout can't be recorded. It is told once.
    Failed(Error),
}

impl Workspace {
    /// Records what there is, and then each turn as it ends, until `stop` is done.
    ///
    /// # Errors
    /// When the codex home can't be read at the start.
    pub async fn watch(&self, stop: impl Future<Output = ()>, tell: &mut dyn FnMut(Watched)) -> Result<(), Error> {
        let mut watch = HomeWatch::begin(&self.home)?;
        let told_of = Watching::begin(self.home());
        if let Err(error) = &told_of {
            tracing::info!(%error, "nobody is told of the watch");
        }
        let mut told = HashSet::new();
        let mut tell = |watched: Watched| {
            let again = matches!(&watched, Watched::Failed(error) if !told.insert(error.to_string()));
            if !again {
                tell(watched);
            }
        };
        let report = self.record_all(Effect::Write, &mut |_| {});
        report.recorded.iter().for_each(|recorded| tell_news(recorded, &mut tell));
        report.failed.into_iter().for_each(|error| tell(Watched::Failed(error)));
        // What changed meanwhile.
        self.sweep(&mut watch, &mut tell);
        tokio::pin!(stop);
        loop {
            let pause = if watch.listen() { SWEEP.0 } else { SWEEP.1 };
            tokio::select! {
                () = &mut stop => return Ok(()),
                paths = watch.changes() => self.record_each(paths, &mut tell),
                () = tokio::time::sleep(pause) => self.sweep(&mut watch, &mut tell),
            }
        }
    }

    fn sweep(&self, watch: &mut HomeWatch, tell: &mut dyn FnMut(Watched)) {
        match watch.sweep(&self.home) {
            Ok(paths) => self.record_each(paths, tell),
            Err(error) => tell(Watched::Failed(error.into())),
        }
    }

    fn record_each(&self, paths: Vec<PathBuf>, tell: &mut dyn FnMut(Watched)) {
        for path in paths.into_iter().filter(|path| path.exists()) {
            match self.record_ended(&path).and_then(|recorded| Ok((self.last_turns(&recorded)?, recorded))) {
                Ok((turns, recorded)) => {
                    tell_news(&recorded, tell);
                    turns.into_iter().for_each(|turn| tell(Watched::Turn(Box::new(turn))));
                    self.gc_if_due(&[recorded], Effect::Write);
                }
                Err(error) => tell(Watched::Failed(error)),
            }
        }
    }
}

fn tell_news(recorded: &Recorded, tell: &mut dyn FnMut(Watched)) {
    if let Some(news) = recorded.news {
        tell(Watched::News(recorded.session, news));
    }
}
