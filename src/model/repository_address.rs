//! Addresses of git repositories: what all spellings of one have in common, and whether one is an address or a path.

use super::ObjectId;

/// The names that hosts have where ssh goes through the port of HTTPS, as they document it.
const OTHER_NAMES: [(&str, &str); 3] =
    [("ssh.github.com", "github.com"), ("altssh.gitlab.com", "gitlab.com"), ("altssh.bitbucket.org", "bitbucket.org")];

/// What an address of a repository has in common with every other address of it: the host and the path.
pub fn same_address(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('@').filter(|(user, _)| !user.contains('/')).map_or(rest, |(_, rest)| rest);
    let (host, path) = rest.split_once(['/', ':']).unwrap_or((rest, ""));
    // After a scheme a port can stand before the path.
    let path = path.split_once('/').filter(|(port, _)| port.parse::<u16>().is_ok()).map_or(path, |(_, path)| path);
    let path = path.trim_matches('/');
    let host = host.to_ascii_lowercase();
    format!("{}/{}", known_host(&host), path.strip_suffix(".git").unwrap_or(path))
}

/// The same of one that was told before other names of hosts were known.
pub fn with_known_host(address: &str) -> String {
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    format!("{}/{path}", known_host(host))
}

fn known_host(host: &str) -> &str {
    let known = OTHER_NAMES.iter().find(|(other, _)| *other == host).map(|(_, name)| *name);
    known.or_else(|| host.strip_prefix("www.")).unwrap_or(host)
}

/// Whether git takes a text for an address and not for a path: it has a scheme, or a host before its first slash.
pub fn is_address(text: &str) -> bool {
    text.contains("://") || text.split('/').next().is_some_and(|first| first.contains(':'))
}

/// The repository and the commit that `ADDRESS#COMMIT` means; `None` for any other text.
pub fn commit_at(text: &str) -> Option<(&str, ObjectId)> {
    let (address, commit) = text.rsplit_once('#')?;
    Some((address, commit.parse().ok()?)).filter(|(address, _)| !address.is_empty())
}

/// An address for others: without the password that it holds; by http without a name as well, which can be a token, and is the person's own.
pub fn without_login(url: &str) -> String {
    match login(url) {
        None => url.to_owned(),
        Some(Login { scheme, user: Some(user), rest }) => format!("{scheme}://{user}@{rest}"),
        Some(Login { scheme, user: None, rest }) => format!("{scheme}://{rest}"),
    }
}

/// An address with a login in it: the scheme, the name (none by http, where it can be a token), the host and what follows.
struct Login<'a> {
    scheme: &'a str,
    user: Option<&'a str>,
    rest: &'a str,
}

fn login(url: &str) -> Option<Login<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let at = rest[..rest.find('/').unwrap_or(rest.len())].rfind('@')?;
    let is_http = scheme.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
    let user = rest[..at].split(':').next().filter(|_| !is_http);
    Some(Login { scheme, user, rest: &rest[at + 1..] })
}

/// An address as it may be shown: without the password in it, and without what steers a terminal.
pub fn shown_address(url: &str) -> String {
    let plain = super::text::plain(url);
    match login(&plain) {
        Some(Login { scheme, user, rest }) => format!("{scheme}://{}@{rest}", user.unwrap_or("…")),
        None => plain.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_get_has_no_login() {
        assert_eq!(without_login("https://ci:pw@host:8080/a.git"), "https://host:8080/a.git");
        assert_eq!(without_login("HTTP://token@host/a@b"), "HTTP://host/a@b");
        assert_eq!(without_login("ssh://git:pw@host/a"), "ssh://git@host/a");
        for as_it_is in ["https://host/a", "git@host:a", "ssh://git@host/a", "/srv/a@b"] {
            assert_eq!(without_login(as_it_is), as_it_is);
        }
    }

    #[test]
    fn one_repository_has_many_addresses() {
        let same = "github.com/a/b";
        for url in [
            "https://github.com/a/b.git",
            "https://user:token@GitHub.com/a/b",
            "git@github.com:a/b.git",
            "ssh://git@github.com:22/a/b.git/",
            "git://github.com/a/b",
            "https://www.github.com/a/b",
            "ssh://git@ssh.github.com:443/a/b.git",
        ] {
            assert_eq!(same_address(url), same, "{url}");
        }
        assert_ne!(same_address("https://github.com/a/c"), same);
        for told in ["ssh.github.com/a/b", same] {
            assert_eq!(with_known_host(told), same);
        }
        assert_eq!(same_address("/srv/git/b.git"), same_address("file:///srv/git/b"));
    }

    #[test]
    fn an_address_is_told_from_a_path() {
        for address in ["https://github.com/a/b", "git@github.com:a/b", "host:b", "ext::sh", "file:///srv/b"] {
            assert!(is_address(address), "{address}");
        }
        for path in ["/srv/b", "b", "./a:b", "../b.git", "folder/a:b"] {
            assert!(!is_address(path), "{path}");
        }
    }

    #[test]
    fn a_commit_in_a_repository_has_an_address() {
        let id = "0123456789012345678901234567890123456789";
        let text = format!("git@host:a#b#{id}");
        assert_eq!(commit_at(&text), Some(("git@host:a#b", id.parse().unwrap())));
        for text in ["https://host/a", &format!("#{id}"), &format!("https://host/a#{id}.key"), "host:a#0123"] {
            assert_eq!(commit_at(text), None, "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(shown_address("https://me:secret@host/a"), "https://…@host/a");
        assert_eq!(shown_address("https://ghp_token@host/a"), "https://…@host/a");
        assert_eq!(shown_address("ssh://git@host/a"), "ssh://git@host/a");
        assert_eq!(shown_address("https://host/a@b"), "https://host/a@b");
        assert!(!shown_address("git@host:a\u{1b}[31m").contains(char::is_control));
    }
}
