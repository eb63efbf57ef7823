//! Who made a commit or a tag or moved a ref, and when, as git writes it: `name <address> seconds +0000`.

/// The tool's own name and address: the same on every machine, so that the same bytes give the same ids.
pub(crate) const TOOL: (&str, &str) = ("codex-git", "codex-git@codex.invalid");

/// A name, an address, and a time in seconds since 1970, in UTC.
pub(crate) fn render((name, address): (&str, &str), time: i64) -> String {
    format!("{name} <{address}> {time} +0000")
}

/// The name and the time of such a line.
pub(crate) fn parse(line: &str) -> Option<(&str, i64)> {
    let (name, rest) = line.split_once(" <")?;
    let (_, time) = rest.rsplit_once("> ")?;
    Some((name, time.split(' ').next()?.parse().ok()?))
}
