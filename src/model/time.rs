//! Milliseconds since 1970 as texts, and lengths of time as people write them.
//!
//! Not here: what time it is. The host of a call says so.

/// Milliseconds in a second, a minute, an hour and a day.
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment as RFC 3339 in UTC, to the second.
pub fn rfc3339(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(DAY), ms.rem_euclid(DAY));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / HOUR, rest / MINUTE % 60, rest / SECOND % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day, that many days after 1970-01-01. The algorithm is
/// `civil_from_days` of Howard Hinnant's "chrono-Compatible Low-Level Date
/// Algorithms": years begin in March, so that the leap day is their last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + next, month, day)
}

/// The moment of a text such as `2026-01-02T03:04:05.678Z`, in UTC.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let number = |at: std::ops::Range<usize>| text.get(at)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    // Its inverse, from the year's beginning.
    let guess = (year - 1970) * 365 + (year - 1969) / 4 + (month - 1) * 31 + day;
    let days = (guess - 40..=guess + 40).find(|days| date(*days) == (year, month, day))?;
    Some(days * DAY + hour * HOUR + minute * MINUTE + second * SECOND)
}

/// How long ago something was, or how long it lasts, in its largest unit.
pub fn length(ms: i64) -> String {
    match ms.max(0) {
        ms if ms < MINUTE => format!("{} s", ms / SECOND),
        ms if ms < HOUR => format!("{} min", ms / MINUTE),
        ms if ms < 2 * DAY => format!("{} h", ms / HOUR),
        ms => format!("{} d", ms / DAY),
    }
}

/// The milliseconds that `90s`, `30m`, `2h`, `7d` or `1w` stand for; a number
/// alone is seconds.
pub fn parse_length(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[digits..].trim() {
        "ms" => 1,
        "" | "s" | "sec" => SECOND,
        "m" | "min" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        "w" => 7 * DAY,
        _ => return None,
    };
    let most = 3_650 * DAY;
    text[..digits].parse::<i64>().ok()?.checked_mul(unit).filter(|ms| (1..=most).contains(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_spelled_as_the_calendar_has_it() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_767_323_045_999), "2026-01-02T03:04:05Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(4_107_542_399_000), "2100-02-28T23:59:59Z");
        assert_eq!(rfc3339(4_107_542_400_000), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn a_moment_is_read_as_it_is_spelled() {
        for ms in [0, 1_767_323_045_000, 951_782_400_000, 4_107_542_400_000] {
            assert_eq!(parse_rfc3339(&rfc3339(ms)), Some(ms));
        }
        assert_eq!(parse_rfc3339("2026-01-02T03:04:05.678Z"), Some(1_767_323_045_000));
        for text in ["", "2026-02-30T00:00:00Z", "yesterday at noon, more or less"] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_are_read_with_their_units_and_nothing_else_is() {
        let check = |text: &str, ms: Option<i64>| assert_eq!(parse_length(text), ms, "{text}");
        check("2h", Some(7_200_000));
        check("90", Some(90_000));
        check("30 min", Some(1_800_000));
        check("1w", Some(604_800_000));
        for text in ["", "h", "-2h", "2x", "0", "99999999999999999999", "9999999w"] {
            check(text, None);
        }
    }
}
