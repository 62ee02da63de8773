//! Dates as people write them: the day of a decision. One that can be read in
//! two ways is none.

/// Names of months by their first three letters, folded, and their number.
#[rustfmt::skip]
const MONTHS: &[(&str, u32)] = &[
    ("jan", 1), ("feb", 2), ("mar", 3), ("apr", 4), ("may", 5), ("jun", 6), ("jul", 7), ("aug", 8), ("sep", 9), ("oct", 10),
    ("nov", 11), ("dec", 12),
    ("fev", 2), ("mrz", 3), ("avr", 4), ("abr", 4), ("mai", 5), ("juin", 6), ("juil", 7), ("aou", 8), ("ago", 8), ("okt", 10),
    ("out", 10), ("dez", 12), ("dic", 12), ("ene", 1), ("mag", 5), ("giu", 6), ("lug", 7), ("set", 9), ("ott", 10), ("gen", 1),
    ("maart", 3), ("mei", 5),
];

/// A moment: year, month, day, and second of that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    year: u32,
    month: u32,
    day: u32,
    second: u32,
}

impl Moment {
    fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let fits = (1970..=9998).contains(&year) && (1..=days).contains(&day);
        fits.then_some(Self { year, month, day, second: 0 })
    }

    /// RFC 3339 in UTC.
    pub fn text(&self) -> String {
        let (hour, minute, second) = (self.second / 3_600, self.second / 60 % 60, self.second % 60);
        format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", self.year, self.month, self.day)
    }

    /// Milliseconds since 1970.
    pub fn ms(&self) -> u64 {
        (self.days() * 86_400 + u64::from(self.second)) * 1_000
    }

    /// Days since 1970, as the calendar counts them.
    fn days(&self) -> u64 {
        let (month, year) = (u64::from(self.month), u64::from(self.year));
        let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
        let of_year = (153 * month + 2) / 5 + u64::from(self.day) - 1;
        let days = 365 * year + year / 4 - year / 100 + year / 400 + of_year;
        days.saturating_sub(719_468)
    }
}

/// The first date of a text.
pub fn find(text: &str) -> Option<Moment> {
    first(text).map(|(moment, _)| moment)
}

/// The first date of a text, and the bytes that it stands in.
pub fn first(text: &str) -> Option<(Moment, std::ops::Range<usize>)> {
    let starts = text.char_indices().filter(|(at, c)| {
        let before = text[..*at].chars().next_back();
        c.is_alphanumeric() && !before.is_some_and(|before| before.is_alphanumeric())
    });
    starts
        .into_iter()
        .find_map(|(at, _)| date_at(&text[at..]).map(|(moment, length)| (moment, at..at + length)))
}

/// A date that a text begins with, with its time, and its length.
fn date_at(text: &str) -> Option<(Moment, usize)> {
    let (moment, length) = numbers(text).or_else(|| named(text))?;
    let ends = !text[length..].starts_with(|c: char| c.is_alphanumeric() && c != 'T' && c != 't');
    ends.then(|| {
        let (second, time) = time(&text[length..]);
        (Moment { second, ..moment }, length + time)
    })
}

/// `2020-05-06`, `2020/5/6`, `2020年5月6日`, `06.05.2020`, `25/12/2020`.
fn numbers(text: &str) -> Option<(Moment, usize)> {
    let mut rest = text;
    let mut parts: [(u32, usize); 3] = [(0, 0); 3];
    let mut marks = [' '; 3];
    for at in 0..3 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        parts[at] = (rest.get(..digits)?.parse().ok().filter(|_| digits <= 4)?, digits);
        rest = &rest[digits..];
        let mark = rest.chars().next().unwrap_or(' ');
        marks[at] = mark;
        if at < 2 || mark == '日' || mark == '일' {
            rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
        }
    }
    let length = text.len() - rest.len();
    let [(a, first), (b, _), (c, last)] = parts;
    let is_same = marks[0] == marks[1] && matches!(marks[0], '-' | '/' | '.');
    let is_asian = marks[0] == '年' && marks[1] == '月';
    let moment = match (first, last) {
        (4, 1..=2) if is_same || is_asian => Moment::new(a, b, c),
        (1..=2, 4) if is_same && marks[0] == '.' => Moment::new(c, b, a),
        (1..=2, 4) if is_same && a > 12 => Moment::new(c, b, a),
        (1..=2, 4) if is_same && (b > 12 || a == b) => Moment::new(c, a, b),
        _ => None,
    };
    moment.map(|moment| (moment, length))
}

/// `6 May 2020`, `6th of May, 2020`, `May 6, 2020`, `06-May-2020`.
fn named(text: &str) -> Option<(Moment, usize)> {
    let words: Vec<(usize, &str)> = text
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .filter(|(_, word)| {
            !word.is_empty() && !matches!(word.to_ascii_lowercase().as_str(), "of" | "de" | "the")
        })
        .take(3)
        .collect();
    let [first, second, (at, year)] = words.try_into().ok()?;
    let end = at + year.len();
    let year = year.parse().ok().filter(|_| year.len() == 4)?;
    let (day, month) = match month(first.1) {
        Some(month) => (second.1, month),
        None => (first.1, month(second.1)?),
    };
    let digits = day.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_ordinal = matches!(&day[digits.len()..], "" | "st" | "nd" | "rd" | "th" | "er");
    let day = digits.parse().ok().filter(|_| is_ordinal)?;
    Moment::new(year, month, day).filter(|_| end < 40).map(|moment| (moment, end))
}

fn month(word: &str) -> Option<u32> {
    let word = crate::search_terms::fold(word).to_lowercase();
    let is_name = (3..=10).contains(&word.len()) && word.chars().all(char::is_alphabetic);
    let names = MONTHS.iter().filter(|(name, _)| is_name && word.starts_with(name));
    names.max_by_key(|(name, _)| name.len()).map(|(_, month)| *month)
}

/// ` 10:00`, `T10:00:00Z`, `T10:00:00.5+02:00`: the second of the day and the
/// length; a zone is not counted in, since only the day matters.
fn time(text: &str) -> (u32, usize) {
    let Some(rest) = text.strip_prefix(['T', 't', ' ']) else { return (0, 0) };
    let bytes = rest.as_bytes();
    let two = |at: usize| -> Option<u32> {
        let digits = bytes.get(at..at + 2)?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| u32::from(digits[0] - b'0') * 10 + u32::from(digits[1] - b'0'))
    };
    let is_mark = |at: usize| bytes.get(at) == Some(&b':');
    let (Some(hour), true, Some(minute)) = (two(0), is_mark(2), two(3)) else { return (0, 0) };
    let second = two(6).filter(|_| is_mark(5));
    let length = 1 + if second.is_some() { 8 } else { 5 };
    if hour > 23 || minute > 59 || second.unwrap_or(0) > 59 {
        return (0, 0);
    }
    let zone = text[length..].find(|c: char| !matches!(c, '0'..='9' | '.' | ':' | '+' | '-' | 'Z' | 'z'));
    let zone = zone.unwrap_or(text.len() - length);
    (hour * 3_600 + minute * 60 + second.unwrap_or(0), length + zone)
}

/// The date at the beginning of a file's name: `2020-05-06-x.md`, `20200506-x.md`.
pub fn of_name(name: &str) -> Option<Moment> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 8 {
        let number: u32 = name[..8].parse().ok()?;
        return Moment::new(number / 10_000, number / 100 % 100, number % 100);
    }
    numbers(name).filter(|_| digits == 4).map(|(moment, _)| moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(find(text).map(|moment| moment.text()).as_deref(), expected, "{text}");
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "2020-05-06",
            "Date: 2020/05/06.",
            "on 2020-5-6, we",
            "06.05.2020",
            "6 May 2020",
            "6th of May, 2020",
            "May 6, 2020",
            "06-May-2020",
            "6. Mai 2020",
            "2020年5月6日",
            "[2020-05-06]",
            "le 6 mai 2020",
        ] {
            check(text, Some("2020-05-06T00:00:00Z"));
        }
        check("[2026-01-02 10:00:00] - x", Some("2026-01-02T10:00:00Z"));
        check("2026-01-02T10:00:00.25+02:00", Some("2026-01-02T10:00:00Z"));
        check("25/12/2020", Some("2020-12-25T00:00:00Z"));
        check("12/25/2020", Some("2020-12-25T00:00:00Z"));
    }

    #[test]
    fn what_is_no_date_or_may_be_two_is_none() {
        for text in [
            "",
            "2020",
            "2020-13-01",
            "2021-02-29",
            "03/04/2020",
            "1.2.3",
            "version 10.2.0.1",
            "v2020-05",
            "may be 2020",
            "1234567890",
            "0000-00-00",
            "ADR-2020-1",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!(Moment::new(1970, 1, 1).map(|moment| moment.ms()), Some(0));
        assert_eq!(Moment::new(2000, 3, 1).map(|moment| moment.ms()), Some(951_868_800_000));
        assert_eq!(
            of_name("20200506-x.md").map(|moment| moment.text()).as_deref(),
            Some("2020-05-06T00:00:00Z")
        );
        assert_eq!(of_name("0001-x.md"), None);
    }
}
