//! Numbers in words.

use std::time::Duration;

/// Shorter times are not told: clocks of programs are not that exact.
const SHORTEST: Duration = Duration::from_millis(100);

/// A time, in the unit that fits; `None` for one too short to tell.
pub fn duration(took: Duration) -> Option<String> {
    let seconds = took.as_secs();
    Some(match seconds {
        _ if took < SHORTEST => return None,
        // A whole number is one of seconds that were counted: nobody measured tenths.
        0..60 if took.subsec_nanos() == 0 => format!("{seconds} s"),
        0..10 => format!("{:.1} s", took.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    })
}

/// A number of tokens.
pub fn tokens(number: u64) -> String {
    let amount = match number {
        0..1000 => number.to_string(),
        1000..999_950 => format!("{:.1}k", number as f64 / 1e3),
        _ => format!("{:.1}M", number as f64 / 1e6),
    };
    format!("{amount} tokens")
}

/// A size in bytes.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A number of things.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_amounts_are_told_in_the_unit_that_fits() {
        let time = |millis| duration(Duration::from_millis(millis));
        assert_eq!(time(99), None);
        let told = [100, 9_900, 12_400, 125_000, 3_900_000].map(|millis| time(millis).unwrap());
        assert_eq!(told, ["0.1 s", "9.9 s", "12 s", "2 min 5 s", "1 h 5 min"]);
        assert_eq!([15, 67_400, 999_960].map(tokens), ["15 tokens", "67.4k tokens", "1.0M tokens"]);
    }
}
