//! What git says while it talks to a remote: how far it is, and in the end why it failed.

/// The lines that are no reason: what the other side counts, and advice.
const ASIDE: [&str; 6] = ["remote:", "warning:", "hint:", "To ", "Total ", "Delta compression"];

/// The first reason that is among what git said.
pub(super) fn reason(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let counts = |line: &str| line.contains("% (") || line.ends_with("done.");
    let is_reason = |line: &&str| !counts(line) && !ASIDE.iter().any(|aside| line.starts_with(aside));
    let remote = |line: &&&str| line.starts_with("remote:") && !counts(line);
    let first = lines.iter().position(is_reason).map(|at| match lines.get(at + 1) {
        Some(more) if lines[at].ends_with(':') => format!("{} {more}", lines[at]),
        _ => lines[at].to_owned(),
    });
    // What the other side says of its own accord tells more than that it ended.
    let told = lines.iter().rfind(remote).filter(|_| first.as_ref().is_none_or(|first| first.contains("hung up")));
    let told = told.map(|line| (*line).to_owned()).or(first).or(lines.last().map(|line| (*line).to_owned()));
    told.unwrap_or_else(|| "git failed".to_owned())
}

/// The last words of the other side's own that are among what git said.
pub(super) fn words_of_remote(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(said);
    let lines = text.split(['\r', '\n']).filter_map(|line| line.trim().strip_prefix("remote:"));
    let mut words = lines.map(str::trim).filter(|line| {
        !line.is_empty() && !line.contains("% (") && !line.ends_with("done.") && !line.starts_with("error:")
    });
    words.next_back().map(str::to_owned)
}

/// How many of how many it is at, if it says that.
pub(super) fn count_in(piece: &[u8]) -> Option<(usize, usize)> {
    let text = String::from_utf8_lossy(piece);
    let (_, counted) = text.rsplit_once("% (")?;
    let (done, rest) = counted.split_once('/')?;
    let total = rest.split(')').next()?;
    Some((done.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_among_what_is_said() {
        for (said, why) in [
            ("fatal: unable to access 'x': Failed to connect\n", "fatal: unable to access 'x': Failed to connect"),
            (
                "ssh: connect to host h port 22: Connection refused\r\nfatal: Could not read from remote repository.\n\nPlease make sure\n",
                "ssh: connect to host h port 22: Connection refused",
            ),
            (
                "remote: Counting objects:  50% (1/2)\rremote: Counting objects: 100% (2/2), done.\nfatal: bad object\n",
                "fatal: bad object",
            ),
            (
                "fatal: unable to connect to h:\nh[0: 127.0.0.1]: errno=Connection refused\n",
                "fatal: unable to connect to h: h[0: 127.0.0.1]: errno=Connection refused",
            ),
            ("remote: no space left\nfatal: the remote end hung up unexpectedly\n", "remote: no space left"),
            ("", "git failed"),
        ] {
            assert_eq!(reason(said.as_bytes()), why);
        }
    }

    #[test]
    fn the_other_side_has_words_of_its_own() {
        let said = b"remote: Resolving deltas: 100% (1/1), done.\nremote: you may not write here        \nTo x\n";
        assert_eq!(words_of_remote(said).as_deref(), Some("you may not write here"));
        assert_eq!(words_of_remote(b"To x\nremote: Counting objects: 3, done.\n"), None);
    }

    #[test]
    fn progress_is_the_last_count() {
        assert_eq!(count_in(b"Receiving objects:  10% (1/10)\rReceiving objects:  20% (2/10), 3 KiB"), Some((2, 10)));
        assert_eq!(count_in(b"Enumerating objects: 5, done."), None);
    }
}
