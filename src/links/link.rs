//! A link: where something is, which commit it must hold, and the key that opens it: `ADDRESS#COMMIT.KEY`.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::{Error, Key};
use crate::model::{ObjectId, text};

/// A link.
#[derive(Clone)]
pub struct Link {
    /// Where it is, without what stands behind the `#`.
    address: Url,
    /// The commit that it must hold.
    pub commit: ObjectId,
    /// What opens it.
    pub key: Key,
}

impl Link {
    /// The link to what a server put at an address.
    pub(super) fn new(mut address: Url, commit: ObjectId, key: Key) -> Self {
        address.set_fragment(None);
        Self { address, commit, key }
    }

    /// Whether a text is meant as a link, good or not.
    pub fn is_meant(text: &str) -> bool {
        let text = bare(text);
        ["https://", "http://"]
            .iter()
            .any(|scheme| text.get(..scheme.len()).is_some_and(|own| own.eq_ignore_ascii_case(scheme)))
    }

    /// Reads a link.
    ///
    /// # Errors
    /// [`Error::NotALink`] when it is none.
    pub fn parse(typed: &str) -> Result<Self, Error> {
        let typed = bare(typed);
        let (place, rest) = typed.split_once('#').unwrap_or((typed, ""));
        let wrong = |reason| Error::NotALink { text: without_secrets(place), reason };
        let address = address(place).map_err(wrong)?;
        let incomplete = || wrong("what stands behind its `#` is missing or not whole");
        let (commit, key) = rest.split_once('.').ok_or_else(incomplete)?;
        let commit = commit.parse().map_err(|()| incomplete())?;
        Ok(Self { address, commit, key: Key::parse(key).ok_or_else(incomplete)? })
    }

    /// Where it is.
    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// Where it is, for a person.
    pub fn place(&self) -> String {
        shown(&self.address)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}.{}", self.address, self.commit, self.key.text())
    }
}

/// A link without what chats put around it.
fn bare(typed: &str) -> &str {
    typed.trim().trim_start_matches('<').trim_end_matches('>')
}

/// What may be told of a text that is no good link: what can be a key or a password is left out.
pub(super) fn without_secrets(typed: &str) -> String {
    let end = typed.find(['#', '?', '%']).unwrap_or(typed.len());
    match Url::parse(&typed[..end]) {
        Ok(url) if url.has_host() => shown(&url),
        _ => text::plain(&typed[..end]).into_owned(),
    }
}

/// Reads an address that may be asked: what is said on the way must be read by nobody else.
pub(super) fn address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "it is no address of the web")?;
    if is_private(&url) { Ok(url) } else { Err("only https is spoken, and http to this machine") }
}

/// Whether nobody else reads what is said there.
pub(super) fn is_private(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_here(url),
        _ => false,
    }
}

/// Whether it is this machine.
pub(super) fn is_here(url: &Url) -> bool {
    let host = host(url);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// The name or the number of the machine that it is on.
fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.')
}

/// Whether an address names a machine that only this one or its neighbours reach: nobody elsewhere has anything to lead to there.
pub(super) fn is_inside(url: &Url) -> bool {
    let host = host(url);
    is_here(url)
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|ip: IpAddr| match ip.to_canonical() {
            IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
            IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified(),
        })
}

/// An address as a person reads it: without a user's name and password, and without what stands behind `?` and `#`.
pub(super) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    text::plain(&format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn a_link_reads_back_as_it_is_written() {
        let key = Key::new();
        let url = Url::parse("https://example.org/x/y?z=1#gone").unwrap();
        let text = Link::new(url, COMMIT.parse().unwrap(), key.clone()).to_string();
        assert_eq!(text, format!("https://example.org/x/y?z=1#{COMMIT}.{}", key.text()));
        assert_eq!(Link::parse(&text).unwrap().to_string(), text);
        assert!(Link::is_meant(&text) && !Link::is_meant("it.bundle") && Link::is_meant("HTTP://x"));
    }

    #[test]
    fn what_others_could_read_is_no_link_and_no_key_is_told() {
        let rest = format!("#{COMMIT}.{}", Key::new().text());
        for place in ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/x", "https://example.org/"] {
            assert!(Link::parse(&format!("{place}{rest}")).is_ok(), "{place}");
        }
        for place in [
            "http://example.org/x",
            "file:///etc/passwd",
            "ftp://localhost/",
            "http://127.0.0.1.example.org/",
            "x",
            "https:",
        ] {
            let told = Link::parse(&format!("{place}{rest}")).err().unwrap().to_string();
            assert!(!told.contains(&rest[42..]), "{told}");
        }
        let place = "https://example.org/";
        let short = &rest[..rest.len() - 1];
        for rest in ["", "#", "#x", short, &rest.replace('.', "")] {
            assert!(Link::parse(&format!("{place}{rest}")).is_err(), "{rest}");
        }
        for inside in ["http://localhost/", "https://10.1.2.3/", "https://[fd00::1]/", "https://169.254.1.1/"] {
            assert!(is_inside(&Url::parse(inside).unwrap()), "{inside}");
        }
        assert!(!is_inside(&Url::parse("https://example.org/").unwrap()));
        assert_eq!(shown(&Url::parse("https://a:b@example.org:1/x?y#z").unwrap()), "https://example.org:1/x");
    }
}
