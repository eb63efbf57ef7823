//! Moments as people type them: a date, a time, `3d`, `yesterday`, `monday`.
//!
//! A day is a span: what began since a day counts from its first second, what was until a day up to its last. Which days there are depends on
//! the time zone of the present, which whoever asks brings along.

use std::str::FromStr;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, Weekday};

/// A moment that a person means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An exact time, wherever one is.
    Exact(OffsetDateTime),
    /// A time by the local clock.
    Local(PrimitiveDateTime),
    /// So long before now.
    Ago(Duration),
    /// A day of the calendar.
    Day(Date),
    /// So many days before today, which is a day as well.
    DaysBefore(u8),
    /// The last such day of the week, today included.
    Last(Weekday),
}

/// Units of time: how people write them, and how many seconds they have.
const UNITS: [(&[&str], i64); 7] = [
    (&["s", "sec", "second"], 1),
    (&["m", "min", "minute"], 60),
    (&["h", "hour"], 3600),
    (&["d", "day"], 86_400),
    (&["w", "week"], 7 * 86_400),
    (&["mo", "month"], 30 * 86_400),
    (&["y", "year"], 365 * 86_400),
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl Moment {
    /// Its first second, in seconds since 1970.
    pub fn first(self, now: OffsetDateTime) -> i64 {
        match self {
            Self::Exact(time) => time.unix_timestamp(),
            Self::Local(time) => time.assume_offset(now.offset()).unix_timestamp(),
            Self::Ago(long) => now.unix_timestamp().saturating_sub(long.whole_seconds()),
            Self::Day(_) | Self::DaysBefore(_) | Self::Last(_) => {
                let day = self.day(now).unwrap_or(now.date());
                PrimitiveDateTime::new(day, Time::MIDNIGHT).assume_offset(now.offset()).unix_timestamp()
            }
        }
    }

    /// Its last second, in seconds since 1970.
    pub fn last(self, now: OffsetDateTime) -> i64 {
        let is_day = self.day(now).is_some();
        self.first(now) + if is_day { Duration::DAY.whole_seconds() - 1 } else { 0 }
    }

    /// The day that it is, if it is one.
    fn day(self, now: OffsetDateTime) -> Option<Date> {
        let before = |days: u8| now.date().checked_sub(Duration::days(days.into()));
        match self {
            Self::Day(day) => Some(day),
            Self::DaysBefore(days) => before(days),
            Self::Last(weekday) => {
                let (today, then) = (now.weekday().number_days_from_monday(), weekday.number_days_from_monday());
                before((today + 7 - then) % 7)
            }
            _ => None,
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let text = typed.trim().to_ascii_lowercase();
        let found = named(&text).or_else(|| ago(&text)).or_else(|| written(typed.trim()));
        found.ok_or_else(|| format!("`{typed}` is no time, such as 2026-11-20, 3d, 2h, yesterday or monday"))
    }
}

fn named(text: &str) -> Option<Moment> {
    match text {
        "now" => Some(Moment::Ago(Duration::ZERO)),
        "today" => Some(Moment::DaysBefore(0)),
        "yesterday" => Some(Moment::DaysBefore(1)),
        _ => WEEKDAYS.into_iter().find(|(name, _)| *name == text).map(|(_, weekday)| Moment::Last(weekday)),
    }
}

/// `3d`, `2 hours`, `5 minutes ago`.
fn ago(text: &str) -> Option<Moment> {
    let text = text.strip_suffix("ago").unwrap_or(text);
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = (text[..digits].parse::<i64>().ok()?, text[digits..].trim());
    let is_unit = |name: &&str| unit == *name || (name.len() > 2 && unit.strip_suffix('s') == Some(name));
    let (_, seconds) = UNITS.into_iter().find(|(names, _)| names.iter().any(is_unit))?;
    Some(Moment::Ago(Duration::seconds(number.checked_mul(seconds)?)))
}

/// A date, a date with a time of the day, or RFC 3339.
fn written(text: &str) -> Option<Moment> {
    if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(Moment::Exact(time));
    }
    let text = text.replacen('T', " ", 1);
    let day = format_description!("[year]-[month]-[day]");
    let minute = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let second = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let local =
        |text: &str| PrimitiveDateTime::parse(text, &minute).or_else(|_| PrimitiveDateTime::parse(text, &second)).ok();
    Date::parse(&text, &day).map(Moment::Day).ok().or_else(|| local(&text).map(Moment::Local))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    /// A Tuesday, in a zone two hours ahead.
    const NOW: OffsetDateTime = datetime!(2026-11-24 01:30 +2);

    fn span(typed: &str) -> (OffsetDateTime, OffsetDateTime) {
        let moment: Moment = typed.parse().unwrap();
        let time = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        (time(moment.first(NOW)), time(moment.last(NOW)))
    }

    #[test]
    fn a_day_is_as_long_as_it_is_here() {
        let day = |date: OffsetDateTime| (date, date + Duration::DAY - Duration::SECOND);
        assert_eq!(span("2026-11-20"), day(datetime!(2026-11-20 00:00 +2)));
        assert_eq!(span("today"), day(datetime!(2026-11-24 00:00 +2)));
        assert_eq!(span("Yesterday"), day(datetime!(2026-11-23 00:00 +2)));
        assert_eq!(span("monday"), span("yesterday"));
        assert_eq!((span("tuesday"), span("wednesday")), (span("today"), span("2026-11-18")));
    }

    #[test]
    fn a_time_is_one_second() {
        let at = |typed, time| assert_eq!(span(typed), (time, time), "{typed}");
        at("2026-11-20T10:00:00Z", datetime!(2026-11-20 10:00 UTC));
        at("2026-11-20 10:30", datetime!(2026-11-20 10:30 +2));
        at("2026-11-20T10:30:05", datetime!(2026-11-20 10:30:05 +2));
        at("now", NOW);
        for (typed, seconds) in [("3d", 259_200), ("2h", 7200), ("5 minutes ago", 300), ("1 week", 604_800), ("0s", 0)]
        {
            at(typed, NOW - Duration::seconds(seconds));
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for typed in ["", "soon", "3", "d", "3 ds", "2026-13-01", "-3d", "99999999999999999999d", "9999999999999999y"] {
            assert!(typed.parse::<Moment>().is_err(), "{typed}");
        }
    }
}
