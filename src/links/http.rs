//! Sending and fetching, over HTTP.
//!
//! No server is waited for longer than half a minute while nothing comes from it, or made to answer more than is carried by a link. What an answer
//! leads on to is asked up to three times, and never anything that others could read on the way, nor, from elsewhere, what is here.

use std::fs::File;
use std::future::Future;
use std::io::{Seek, Write};
use std::sync::Once;
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, Url};

use super::link::{address, is_here, is_inside, is_private, shown, without_secrets};
use super::{Error, Key, Link};
use crate::model::ObjectId;

/// More is not sent.
pub const MOST_SENT: u64 = 64 << 20;

/// More is not fetched.
const MOST_FETCHED: u64 = 2 << 30;

/// A server that sends nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is sent may take so much longer for each megabyte.
const A_MEGABYTE: Duration = Duration::from_secs(10);

/// So often an answer may lead on.
const LED_ON: usize = 3;

/// An address that a server answers with is not longer.
const ADDRESS: usize = 4096;

/// Sends sealed bytes to a server, which puts them somewhere; the link to that. `key` is what they were sealed with.
///
/// # Errors
/// When the server can't be reached, does not take them, or does not say where they are.
pub fn send(to: &str, sealed: Vec<u8>, commit: ObjectId, key: Key) -> Result<Link, Error> {
    let to = address(to).map_err(|reason| Error::NotAServer { text: without_secrets(to), reason })?;
    if sealed.len() as u64 > MOST_SENT {
        return Err(Error::TooLarge { most: MOST_SENT });
    }
    let place = shown(&to);
    let megabytes = u32::try_from(sealed.len() >> 20).unwrap_or(u32::MAX);
    let patience = PATIENCE + A_MEGABYTE * megabytes;
    wait(async {
        let sent = client(&to)?.post(to.clone()).header("content-type", "application/octet-stream").body(sealed).send();
        let mut answer = answered("send it to", &place, tokio::time::timeout(patience, sent).await)?;
        let base = answer.url().clone();
        let header = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut said = Vec::new();
        each(&mut answer, ("read the answer of", &place), |piece| {
            said.extend_from_slice(piece);
            Ok(said.len() <= ADDRESS)
        })
        .await?;
        let body = String::from_utf8(said).ok().filter(|said| said.len() <= ADDRESS);
        let said = header.into_iter().chain(body).filter(|said| !said.trim().is_empty());
        let found = said.filter_map(|said| base.join(said.trim()).ok()).find(is_private_file);
        found.map(|found| Link::new(found, commit, key)).ok_or(Error::NoAddress(place))
    })
}

/// Whether it leads to something: an answer that says nothing leads to where one is.
fn is_private_file(url: &Url) -> bool {
    is_private(url) && url.path().len() > 1 && url.as_str().bytes().all(is_plain)
}

/// A link is pasted into shells, between quotes.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?&=%@+,[]".contains(&byte)
}

/// Fetches what a link leads to, into a file that has no name. `progress` is told how many bytes have come, and how many there are, if the server says.
///
/// # Errors
/// When the server can't be reached or does not give it, and when it is too large.
pub fn fetch(link: &Link, progress: &mut dyn FnMut(u64, Option<u64>)) -> Result<File, Error> {
    let place = shown(link.address());
    let mut file = tempfile::tempfile().map_err(Error::io("make a temporary file"))?;
    wait(async {
        let asked = client(link.address())?.get(link.address().clone()).send();
        let mut answer = answered("fetch", &place, tokio::time::timeout(PATIENCE, asked).await)?;
        let all = answer.content_length();
        let mut come = 0;
        each(&mut answer, ("fetch", &place), |piece| {
            come += piece.len() as u64;
            if come > MOST_FETCHED {
                return Err(Error::TooLarge { most: MOST_FETCHED });
            }
            file.write_all(piece).map_err(Error::io("write a temporary file"))?;
            progress(come, all);
            Ok(true)
        })
        .await?;
        Ok(())
    })?;
    file.rewind().map_err(Error::io("read a temporary file"))?;
    Ok(file)
}

/// Hands over an answer piece by piece, until there is no more or no more is taken.
async fn each(
    answer: &mut Response,
    (doing, place): (&'static str, &str),
    mut take: impl FnMut(&[u8]) -> Result<bool, Error>,
) -> Result<(), Error> {
    let failed = |said: String| Error::Http { doing, place: place.to_owned(), said };
    loop {
        let came = tokio::time::timeout(PATIENCE, answer.chunk()).await.map_err(|_| failed(slow()))?;
        match came.map_err(|error| failed(reason(error)))? {
            Some(piece) if take(&piece)? => {}
            _ => return Ok(()),
        }
    }
}

/// A good answer.
fn answered<E>(
    doing: &'static str,
    place: &str,
    asked: Result<reqwest::Result<Response>, E>,
) -> Result<Response, Error> {
    let failed = |said: String| Error::Http { doing, place: place.to_owned(), said };
    let answer = asked.map_err(|_| failed(slow()))?.map_err(|error| failed(reason(error)))?;
    let status = answer.status();
    if status.is_success() {
        Ok(answer)
    } else {
        Err(Error::Status { place: place.to_owned(), status: status.to_string() })
    }
}

fn slow() -> String {
    format!("it did not answer for {} seconds", PATIENCE.as_secs())
}

/// What went wrong, from the outermost to the innermost cause, without any address: one may hold a password.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut causes = vec![error.to_string()];
    let mut next = std::error::Error::source(&error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.dedup();
    crate::model::text::plain(&causes.pop().unwrap_or_default()).into_owned()
}

fn client(asked: &Url) -> Result<Client, Error> {
    static RING: Once = Once::new();
    // Somebody who uses the library may have chosen another one.
    RING.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let policy = Policy::custom(lead_on);
    let builder = Client::builder().redirect(policy).referer(false).connect_timeout(PATIENCE).user_agent("codex-git");
    // What is said to this machine goes to no other.
    let builder = if is_here(asked) { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| Error::Http { doing: "get ready to ask", place: shown(asked), said: reason(error) })
}

fn lead_on(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > LED_ON {
        return attempt.error("it leads on and on");
    }
    let url = attempt.url();
    let from_inside = attempt.previous().iter().all(is_inside);
    if is_private(url) && (from_inside || !is_inside(url)) {
        return attempt.follow();
    }
    attempt.error("it leads on to where nothing is asked")
}

/// Runs it to its end.
fn wait<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Error::io("get ready to ask a server"))?.block_on(work)
}
