//! How long ago something was, in words.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time between two moments (in seconds since 1970), in the one unit that fits.
pub fn age(then: i64, now: i64) -> String {
    let seconds = now - then;
    let (count, unit) = match seconds {
        ..0 => return "in the future".to_owned(),
        0..MINUTE => return "just now".to_owned(),
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ if seconds < 14 * DAY => (seconds / DAY, "day"),
        _ if seconds < 60 * DAY => (seconds / (7 * DAY), "week"),
        _ if seconds < 730 * DAY => (seconds / (30 * DAY), "month"),
        _ => (seconds / (365 * DAY), "year"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
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
    }
}
