//! How long ago something was, in words.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time between two moments (in seconds since 1970), in the one unit that fits.
pub fn age(then: i64, now: i64) -> String {
    match span(then, now) {
        Span::Future => "in the future".to_owned(),
        Span::Now => "just now".to_owned(),
        Span::Past(count, (_, unit)) => format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" }),
    }
}

/// The same in a few letters.
pub fn brief_age(then: i64, now: i64) -> String {
    match span(then, now) {
        Span::Future => "future".to_owned(),
        Span::Now => "now".to_owned(),
        Span::Past(count, (unit, _)) => format!("{count} {unit}"),
    }
}

/// A time that has passed: how many of a unit, which has a short and a long name.
enum Span {
    Future,
    Now,
    Past(i64, (&'static str, &'static str)),
}

fn span(then: i64, now: i64) -> Span {
    let seconds = now - then;
    match seconds {
        ..0 => Span::Future,
        0..MINUTE => Span::Now,
        MINUTE..HOUR => Span::Past(seconds / MINUTE, ("min", "minute")),
        HOUR..DAY => Span::Past(seconds / HOUR, ("h", "hour")),
        _ if seconds < 14 * DAY => Span::Past(seconds / DAY, ("d", "day")),
        _ if seconds < 60 * DAY => Span::Past(seconds / (7 * DAY), ("w", "week")),
        _ if seconds < 730 * DAY => Span::Past(seconds / (30 * DAY), ("mo", "month")),
        _ => Span::Past(seconds / (365 * DAY), ("y", "year")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_the_unit_that_fits() {
        for (seconds, words) in [
            (-5, "in the future"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3 * HOUR, "3 hours ago"),
            (DAY, "1 day ago"),
            (20 * DAY, "2 weeks ago"),
            (400 * DAY, "13 months ago"),
            (800 * DAY, "2 years ago"),
        ] {
            assert_eq!(age(0, seconds), words);
        }
        let brief = [-5, 59, 3 * HOUR, 20 * DAY, 400 * DAY].map(|seconds| brief_age(0, seconds));
        assert_eq!(brief, ["future", "now", "3 h", "2 w", "13 mo"]);
    }
}
