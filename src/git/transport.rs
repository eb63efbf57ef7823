//! Repositories elsewhere, reached by the person's `git`: their ssh, credentials and proxies count, their hooks and their odd settings don't.
//!
//! Git speaks no protocol but those below, whatever an address says or leads to. It is watched: what takes too long without getting on, or sends
//! more than any store has, is ended.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Error;
use super::program::{ALLOC_LIMIT, git, in_english};
use super::said::{reason, words_of_remote};
use super::shortcut::Shortcut;
use super::watch::Watch;
use crate::model::ObjectId;
use crate::model::repository_address::{is_address, shown_address};

/// How often is looked at what it does.
const LOOK: Duration = Duration::from_millis(200);

/// So long git has to clean up after itself when it is ended.
const GRACE: Duration = Duration::from_secs(2);

/// More than git prints of a remote that is shared by people.
const MOST_PRINTED: u64 = 1 << 20;

/// So many commits are named that what is fetched may go on from: they stand on git's command line.
const MOST_TIPS: usize = 2_000;

/// So many ids are asked for at once.
const AT_ONCE: usize = 10_000;

/// What of git's own environment says how to reach others, and where the person's settings are.
const KEPT: [&str; 8] = [
    "GIT_SSH",
    "GIT_ASKPASS",
    "GIT_PROXY",
    "GIT_SSL",
    "GIT_TRACE",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

/// What counts whatever the person's settings are.
const SETTINGS: [&str; 19] = [
    "core.bigFileThreshold=16m",
    "protocol.version=2",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.ssh.allow=always",
    "protocol.file.allow=always",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.alternateRefsPrefixes=refs/none/",
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.fsckObjects=true",
    "fetch.unpackLimit=1",
    "fetch.prune=false",
    "pack.indexVersion=2",
    "push.gpgSign=false",
    "push.followTags=false",
    "submodule.recurse=false",
    "transfer.hideRefs=",
];

/// Where a repository elsewhere is, and how it may be reached.
#[derive(Clone, Debug)]
pub struct Transport {
    address: String,
    /// Whether protocols are spoken that anybody on the way can read and change.
    is_open: bool,
    /// Whether git may ask the person for names and passwords.
    asks: bool,
}

/// A ref that is to move at a remote.
#[derive(Clone, Debug)]
pub struct RemoteMove {
    /// Its name there.
    pub name: String,
    /// What it is to hold; `None` if it is to go.
    pub to: Option<ObjectId>,
    /// What it must hold before, where it does not only move forward.
    pub lease: Option<ObjectId>,
}

/// What a remote said of refs that were to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All moved.
    All,
    /// Somebody moved one of them, too.
    Moved,
    /// It takes them one by one only.
    NotTogether,
    /// It does not want a ref of that name, or for some other reason.
    Refused(String),
}

/// What git came to.
struct Ran {
    /// What it printed.
    printed: String,
    /// The other side's own words, if it had any.
    words: Option<String>,
    failure: Option<Error>,
}

impl Ran {
    fn done(self) -> Result<String, Error> {
        self.failure.map_or(Ok(self.printed), Err)
    }
}

impl Transport {
    /// The way to an address. The error says why none leads there.
    ///
    /// # Errors
    /// When git would take it for an option, or would have to speak what is not spoken.
    pub fn new(address: &str, is_open: bool, asks: bool) -> Result<Self, String> {
        if address.is_empty() || address.starts_with('-') || address.contains(char::is_control) {
            return Err("it is no address of a repository".to_owned());
        }
        let transport = Self { address: address.to_owned(), is_open, asks };
        match transport.protocol() {
            "https" | "ssh" | "git+ssh" | "ssh+git" | "file" => Ok(transport),
            "http" | "git" if is_open || transport.is_here() => Ok(transport),
            scheme @ ("http" | "git") => {
                Err(format!("everybody on the way can read and change what goes by `{scheme}`"))
            }
            scheme => Err(format!("`{scheme}` is not spoken")),
        }
    }

    /// The address as it may be shown.
    pub fn shown(&self) -> String {
        shown_address(&self.address)
    }

    fn protocol(&self) -> &str {
        let transport = self.address.split_once("::").map(|(helper, _)| helper);
        match (transport.filter(|helper| !helper.contains(['/', ':'])), self.address.split_once("://")) {
            (Some(helper), _) => helper,
            (None, Some((scheme, _))) => scheme,
            (None, None) if is_address(&self.address) => "ssh",
            (None, None) => "file",
        }
    }

    /// Whether the address is one of this machine.
    fn is_here(&self) -> bool {
        let rest = self.address.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let host = if host.starts_with('[') { host.split(']').next().unwrap_or_default() } else { host };
        let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
        host == "localhost" || host == "[::1" || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
    }

    fn command(&self, repository: &Path) -> Command {
        let mut git = in_english(git());
        let kept = |name: &str| KEPT.iter().any(|kept| name.starts_with(kept));
        git.envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(kept)));
        git.env(ALLOC_LIMIT.0, ALLOC_LIMIT.1);
        git.arg("--git-dir").arg(repository);
        if !self.asks {
            // What nobody watches asks a program, and that knows nothing.
            git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "false");
            git.env("SSH_ASKPASS", "false").env("SSH_ASKPASS_REQUIRE", "force");
            // All that it starts is ended with it. A group of its own may not ask on a terminal.
            #[cfg(unix)]
            std::os::unix::process::CommandExt::process_group(&mut git, 0);
        }
        git.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        if self.is_open || self.is_here() {
            git.args(["-c", "protocol.http.allow=always", "-c", "protocol.git.allow=always"]);
        }
        git
    }

    /// The refs of a remote whose names fit patterns, with what they hold.
    ///
    /// # Errors
    /// When the remote can't be reached, or has more of them than can be.
    pub fn refs(&self, repository: &Path, patterns: &[&str]) -> Result<Vec<(String, ObjectId)>, Error> {
        let mut git = self.command(repository);
        git.args(["ls-remote", "--refs", "--"]).arg(&self.address).args(patterns);
        let ran = self.run("fetch", git, Vec::new(), repository, &mut |_, _| {})?;
        let printed = ran.done()?;
        let of = |line: &str| {
            let (id, name) = line.split_once('\t')?;
            Some((name.to_owned(), id.parse().ok()?))
        };
        Ok(printed.lines().filter_map(of).collect())
    }

    /// Fetches commits by their ids, with all that they reach and that `known` does not.
    ///
    /// # Errors
    /// As [`Transport::refs`].
    pub fn fetch_ids(
        &self,
        repository: &Path,
        ids: &[ObjectId],
        known: &[ObjectId],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), Error> {
        for ids in ids.chunks(AT_ONCE) {
            let mut git = self.command(repository);
            git.args(["fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]);
            git.args(["--no-auto-gc", "--stdin"]);
            git.args(known.iter().take(MOST_TIPS).map(|id| format!("--negotiation-tip={id}")));
            git.arg("--").arg(&self.address);
            let asked = ids.iter().map(|id| format!("{id}\n")).collect::<String>();
            self.run("fetch", git, asked.into_bytes(), repository, progress)?.done()?;
        }
        Ok(())
    }

    /// Moves refs at the remote; `is_together`: all of them or none. `shortcut`: what it has of what they are to hold.
    ///
    /// # Errors
    /// When the remote can't be reached.
    pub fn push(
        &self,
        repository: &Path,
        moves: &[RemoteMove],
        (is_together, shortcut): (bool, Option<&Shortcut>),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Answer, Error> {
        let mut git = self.command(repository);
        let told = shortcut.map(|shortcut| shortcut.tell(&mut git, repository)).transpose();
        let _told = told.map_err(Error::io("tell git what the remote has"))?;
        // What is alike in a long history was found when it was recorded.
        let window = if shortcut.is_some_and(Shortcut::is_little) { "pack.window=10" } else { "pack.window=0" };
        git.args(["-c", window, "push", "--porcelain", "--progress", "--no-verify"]);
        git.args(is_together.then_some("--atomic"));
        for RemoteMove { name, lease, .. } in moves {
            git.args(lease.map(|lease| format!("--force-with-lease={name}:{lease}")));
        }
        git.arg("--").arg(&self.address);
        let to = |to: &Option<ObjectId>| to.map(|to| to.to_string()).unwrap_or_default();
        git.args(moves.iter().map(|moved| format!("{}:{}", to(&moved.to), moved.name)));
        let Ran { printed, words, failure } = self.run("push", git, Vec::new(), repository, progress)?;
        match failure {
            None => Ok(Answer::All),
            Some(_) if printed.lines().any(|line| line.starts_with('!')) => Ok(outcome(&printed, words.as_deref())),
            Some(Error::Program { said, .. }) if said.contains("--atomic") => Ok(Answer::NotTogether),
            Some(error) => Err(error),
        }
    }

    /// Runs git to its end.
    fn run(
        &self,
        doing: &'static str,
        mut git: Command,
        input: Vec<u8>,
        repository: &Path,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Ran, Error> {
        tracing::info!(address = self.shown(), doing, "asks a remote");
        git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = git.spawn().map_err(Error::io("run git"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // Git says itself why it does not read.
            std::thread::spawn(move || stdin.write_all(&input).ok());
        }
        let printed = child.stdout.take().map(|mut stdout| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                stdout.by_ref().take(MOST_PRINTED).read_to_end(&mut text).map(|_| text)
            })
        });
        let said = Watch::new(self.asks, repository).until_it_ends(&mut child, progress);
        if said.is_err() {
            self.end(&mut child);
            remove_halves(repository);
        }
        let ended = child.wait().map_err(Error::io("run git"))?;
        let said = said?;
        let printed = printed.and_then(|printed| printed.join().ok()?.ok()).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        let failure = (!ended.success()).then(|| self.failed(doing, &reason(&said)));
        Ok(Ran { printed, words: words_of_remote(&said), failure })
    }

    /// Ends git with all that it started, if that can be: first by asking it to.
    #[cfg(unix)]
    fn end(&self, child: &mut Child) {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        let pid = Pid::from_child(child);
        let send = |signal| if self.asks { kill_process(pid, signal) } else { kill_process_group(pid, signal) };
        send(Signal::TERM).ok();
        let since = Instant::now();
        while since.elapsed() < GRACE && !matches!(child.try_wait(), Ok(Some(_))) {
            std::thread::sleep(LOOK / 10);
        }
        send(Signal::KILL).ok();
    }

    #[cfg(not(unix))]
    fn end(&self, child: &mut Child) {
        child.kill().ok();
    }

    fn failed(&self, doing: &'static str, reason: &str) -> Error {
        let doing = if doing == "push" { "push to the remote" } else { "fetch from the remote" };
        // Git repeats addresses, with all that is in them.
        let said = reason.replace(&self.address, &self.shown());
        let secret = self.address.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
        let said = secret.map_or(said.clone(), |(secret, _)| said.replace(secret, "…"));
        Error::said(doing, said.as_bytes())
    }
}

/// What is said of a ref that somebody else moved, too.
const MOVED: [&str; 8] = [
    "fetch first",
    "non-fast-forward",
    "stale info",
    "cannot lock ref",
    "failed to update ref",
    "incorrect old value",
    "atomic transaction failed",
    "unable to migrate objects",
];

/// Removes what a fetch that was ended left of a pack.
fn remove_halves(repository: &Path) {
    let entries = std::fs::read_dir(repository.join("objects/pack")).into_iter().flatten().flatten();
    let halves = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("tmp_"));
    halves.for_each(|half| drop(std::fs::remove_file(half.path())));
}

/// What came of refs of which one did not move.
fn outcome(told: &str, own: Option<&str>) -> Answer {
    let reasons = told.lines().filter(|line| line.starts_with('!')).filter_map(|line| line.split('\t').nth(2));
    let reasons: Vec<&str> = reasons.collect();
    let is_moved = |reason: &&str| MOVED.iter().any(|word| reason.contains(word));
    if reasons.iter().any(is_moved) {
        return Answer::Moved;
    }
    // Of refs that go together, one is to blame, and the others only fail with it.
    let first = reasons.iter().find(|reason| !reason.contains("atomic")).or(reasons.first());
    let words = first.and_then(|reason| Some(reason.split_once('(')?.1.trim_end_matches(')')));
    let words = words.or(first.copied()).unwrap_or("it gave no reason");
    let words = own.map_or_else(|| words.to_owned(), |own| format!("{words}: {own}"));
    Answer::Refused(crate::model::text::plain(&words).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_reads_on_the_way_is_spoken() {
        let new = |address, open| Transport::new(address, open, false).map(drop);
        for address in [
            "https://host/a",
            "ssh://git@host/a",
            "git@host:a",
            "/srv/a.git",
            "file:///srv/a",
            "http://127.0.0.1:8080/a",
        ] {
            assert_eq!(new(address, false), Ok(()), "{address}");
        }
        for address in ["http://host/a", "git://host/a", "http://127.0.0.1.evil.org/a", "http://localhost@evil.org/a"] {
            assert!(new(address, false).is_err(), "{address}");
            assert_eq!(new(address, true), Ok(()), "{address}");
        }
        for address in ["", "-oProxyCommand=x", "ext::sh -c x", "fd::3", "ftp://host/a", "a\nb", "foo::https://host/a"]
        {
            assert!(new(address, true).is_err(), "{address}");
        }
    }

    #[test]
    fn what_a_remote_says_of_refs_is_understood() {
        let told = "To x\n!\ta:refs/a\t[rejected] (fetch first)\n!\tb:refs/b\t[rejected] (atomic push failed)\nDone\n";
        assert_eq!(outcome(told, None), Answer::Moved);
        let told = "!\ta:refs/a\t[remote rejected] (deny updating a hidden ref)\n";
        assert_eq!(outcome(told, None), Answer::Refused("deny updating a hidden ref".to_owned()));
    }
}
