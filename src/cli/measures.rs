//! Measures as a person types them: a number and a unit.

use std::time::Duration;

/// A number and its unit.
fn measure(text: &str, units: &[(char, u64)]) -> Option<u64> {
    let unit = text.chars().next_back()?;
    let (_, factor) = units.iter().find(|(known, _)| known.eq_ignore_ascii_case(&unit))?;
    text[..text.len() - unit.len_utf8()].parse::<u64>().ok()?.checked_mul(*factor)
}

/// How long something was ago.
pub fn age(text: &str) -> Result<Duration, String> {
    let seconds = measure(text, &[('h', 3600), ('d', 86_400), ('w', 7 * 86_400)]);
    seconds.map(Duration::from_secs).ok_or_else(|| "not an age such as 12h, 30d or 8w".to_owned())
}

/// How many bytes something has.
pub fn size(text: &str) -> Result<u64, String> {
    measure(text, &[('k', 1 << 10), ('m', 1 << 20), ('g', 1 << 30)])
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "not a size such as 500K, 100M or 2G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes_have_units() {
        assert_eq!(age("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(size("100M"), Ok(100 << 20));
        assert_eq!(size("12"), Ok(12));
        for wrong in ["", "d", "3", "-1d", "3y", "99999999999999999999w", "3ä"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
        assert!(size("1T").is_err());
    }
}
