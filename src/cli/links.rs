//! Conversations by links: sent to a server, and fetched from one.

use std::io::{self, BufReader, Read, Write};

use codex_git::Effect;
use codex_git::Workspace;
use codex_git::links::{self, Key, Link, MOST_SENT};
use codex_git::model::config_key::POST;
use codex_git::ops::{Imported, Point};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::json;
use super::words::{bytes, count, short};
use crate::ui::{DIM, Progress, RESET};

/// Seals a conversation, sends it, and prints the link to it.
pub fn post(context: &Context, workspace: &Workspace, point: &Point, typed: &str) -> Outcome {
    let setting = || workspace.setting(&POST).values.pop();
    let to = Some(typed.to_owned()).filter(|typed| !typed.is_empty()).or_else(setting).ok_or_else(|| {
        let words = "where to send it is not set".to_owned();
        Failure::Usage(words, "codex-git share --post URL, or once: codex-git config post URL".to_owned())
    })?;
    let (key, mut sealed) = (Key::new(), Limited(Vec::new()));
    let done = key.seal(&mut sealed, |out| Ok::<(), Failure>(workspace.share(point, out)?));
    if sealed.0.len() as u64 > MOST_SENT {
        return Err(links::Error::TooLarge { most: MOST_SENT }.into());
    }
    done?;
    let size = sealed.0.len() as u64;
    let link = links::send(&to, sealed.0, point.id, key)?;
    if context.json {
        return Ok(context.ui.json(json::posted(&link.to_string(), size, point))?);
    }
    let turns = count(point.message.turn as usize, "turn");
    context.ui.say(format_args!("sent {turns} of {}, {}, sealed", short(point.message.session), bytes(size)));
    context.ui.data(&link)?;
    context.ui.say("who has the link can read all that was said and printed");
    context.ui.say(format_args!("{DIM}there: codex-git import 'LINK'{RESET}"));
    Ok(())
}

/// Fetches a conversation and takes it in.
pub fn import(context: &Context, workspace: &Workspace, text: &str, effect: Effect) -> Result<Imported, Failure> {
    let link = Link::parse(text)?;
    let mut bar = Progress::new("KB", context.ui.quiet);
    let fetched = links::fetch(&link, &mut |come, all| {
        bar.at((come / 1000) as usize, (all.unwrap_or(come) / 1000) as usize);
    })?;
    drop(bar);
    let opened = link.key.open(BufReader::new(fetched)).ok_or_else(|| links::Error::Sealed(link.place()))?;
    let mut opened = Opened { opened, is_broken: false };
    let taken = workspace.import(&mut BufReader::new(&mut opened), Some(link.commit), effect);
    if opened.is_broken {
        return Err(links::Error::Sealed(link.place()).into());
    }
    Ok(taken?)
}

/// Bytes that are to be sent. No more are held than can be.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() as u64 > MOST_SENT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is opened, and whether it turned out to be broken.
struct Opened<R> {
    opened: R,
    is_broken: bool,
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.opened.read(out).inspect_err(|_| self.is_broken = true)
    }
}
