//! Personal data, for `redact_pii`: e-mail addresses, phone numbers, IBANs and
//! numbers of payment cards, each by its form and, where it has one, by its
//! checksum.
//!
//! Not here: names and postal addresses, which have no form, and whether
//! anybody asked for this; it costs meaning and is off by default.

use super::{SecretSpan, escape};

/// Bytes of an address's part before the `@`, and of its domain.
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;

/// Bytes of a written number, with its blanks and signs.
const MAX_NUMBER: usize = 32;

/// Bytes before a number in which a word says that it is one of a phone.
const MAX_LABEL: usize = 24;

/// All personal data in a text.
pub(super) fn spans(text: &str, found: &mut Vec<SecretSpan>) {
    addresses(text, found);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let starts = matches!(bytes[at], b'+' | b'(' | b'0'..=b'9' | b'A'..=b'Z');
        let hit = if starts { number(bytes, at) } else { None };
        match hit {
            Some((end, kind)) => {
                found.push(span(at, end, kind));
                at = end;
            }
            // A digit in a number starts no other one.
            None if bytes[at].is_ascii_digit() => {
                at += bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            }
            None => at += 1,
        }
    }
}

/// The addresses alone: what may be looked for in a page that joins texts.
pub(super) fn addresses(text: &str, found: &mut Vec<SecretSpan>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(ahead) = bytes[at..].iter().position(|b| matches!(b, b'@' | b'%')) {
        let sign = at + ahead;
        at = sign + 1;
        let length = match bytes[sign] {
            b'@' => 1,
            _ if bytes[at..].starts_with(b"40") => 3,
            _ => continue,
        };
        if let Some((start, end)) = address(bytes, sign, sign + length) {
            found.push(span(start, end, "EMAIL"));
            at = end;
        }
    }
}

fn span(start: usize, end: usize, kind: &'static str) -> SecretSpan {
    SecretSpan { start, end, kind, strong: false }
}

/// The address around the `@` at `sign`, whose domain begins at `behind`.
fn address(bytes: &[u8], sign: usize, behind: usize) -> Option<(usize, usize)> {
    let is_local =
        |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-' | b'\'') || **b >= 0x80;
    let mut start = sign - bytes[..sign].iter().rev().take(MAX_LOCAL).take_while(is_local).count();
    // `"\njane@..."`
    if start > 0 && bytes[start - 1] == b'\\' && start + 1 < sign {
        start += 1;
    }
    start += bytes[start..sign].iter().take_while(|b| matches!(b, b'.' | b'-' | b'\'' | b'+')).count();
    let local = &bytes[start..sign];
    // A URL's user, and the name that services of repositories share.
    let is_user = bytes[..start].ends_with(b"/") || matches!(local, b"git" | b"hg" | b"svn");
    if local.is_empty() || local.ends_with(b".") || is_user {
        return None;
    }
    let is_domain = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-') || **b >= 0x80;
    let mut length = bytes[behind..].iter().take(MAX_DOMAIN).take_while(is_domain).count();
    while length > 0 && matches!(bytes[behind + length - 1], b'.' | b'-') {
        length -= 1;
    }
    let end = behind + length;
    (is_domain_name(&bytes[behind..end]) && bytes.get(end) != Some(&b'(')).then_some((start, end))
}

fn is_domain_name(domain: &[u8]) -> bool {
    let mut labels = domain.rsplit(|b| *b == b'.');
    let is_label =
        |label: &[u8]| (1..=63).contains(&label.len()) && !label.starts_with(b"-") && !label.ends_with(b"-");
    let top = labels.next().unwrap_or_default();
    let mut others = labels.peekable();
    is_top_level(top) && others.peek().is_some() && others.all(is_label)
}

/// Domains of countries, and those that people have addresses in.
fn is_top_level(label: &[u8]) -> bool {
    #[rustfmt::skip]
    const COUNTRIES: &str = "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbvbwbybzcacccdcfcgchcickclcmcncocrcucvcwcxcyczdedjdkdmdodzeceeegereseteufifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasbscsdsesgshsiskslsmsnsosrssstsvsxsysztctdtftgthtjtktltmtntotrtttvtwtzuaugukusuyuzvavcvevgvivnvuwfwsyeytzazmzw";
    #[rustfmt::skip]
    const OTHERS: &[&str] = &[
        "academy", "agency", "app", "art", "arpa", "berlin", "bio", "biz", "blog", "business", "cat", "center", "chat", "city",
        "cloud", "club", "codes", "com", "community", "company", "consulting", "coop", "design", "dev", "digital", "edu",
        "education", "email", "energy", "engineering", "example", "expert", "family", "finance", "foundation", "fun", "global",
        "gov", "group", "guru", "health", "hosting", "house", "info", "institute", "int", "international", "invalid", "jobs",
        "law", "legal", "life", "live", "london", "ltd", "mail", "marketing", "media", "mil", "mobi", "museum", "name", "net",
        "network", "news", "ngo", "one", "online", "org", "page", "paris", "partners", "photo", "plus", "post", "press", "pro",
        "rocks", "school", "science", "scot", "services", "shop", "site", "social", "software", "solutions", "space", "store",
        "studio", "support", "systems", "team", "tech", "technology", "tel", "test", "today", "tools", "top", "travel",
        "university", "vip", "website", "wien", "wiki", "work", "works", "world", "wtf", "xyz", "zone",
    ];
    let lower = label.to_ascii_lowercase();
    let Ok(name) = std::str::from_utf8(&lower) else { return false };
    let is_country =
        name.len() == 2 && COUNTRIES.as_bytes().chunks(2).any(|country| country == name.as_bytes());
    is_country || OTHERS.contains(&name) || name.starts_with("xn--") || name.chars().all(|c| !c.is_ascii())
}

/// The number at `at`: where it ends and what it is.
fn number(bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
    let joins = |b: u8| b >= 0x80 || matches!(b, b'.' | b'-' | b'_' | b'+' | b'/' | b'#' | b'$');
    if joins(before) && !(before == b'/' && at > 1 && bytes[at - 2].is_ascii_whitespace())
        || !escape::starts_word(bytes, at)
    {
        return None;
    }
    if bytes[at].is_ascii_uppercase() {
        return iban(bytes, at).map(|end| (end, "IBAN"));
    }
    let written = DigitGroups::read(bytes, at)?;
    if written.is_card() {
        return Some((written.end, "CARD_NUMBER"));
    }
    let is_phone = written.is_international()
        || written.is_north_american()
        || is_labelled(&bytes[..at]) && written.is_local();
    is_phone.then_some((written.end, "PHONE"))
}

/// Digits in groups, as they are written.
#[derive(Default)]
struct DigitGroups {
    digits: Vec<u8>,
    /// Digits in each group.
    groups: Vec<usize>,
    /// The signs between groups; `(` and `)` are none.
    signs: Vec<u8>,
    plus: bool,
    brackets: bool,
    end: usize,
}

impl DigitGroups {
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let limit = bytes.len().min(at + MAX_NUMBER);
        let mut written = Self { plus: bytes[at] == b'+', end: at, ..Self::default() };
        let mut here = at + usize::from(written.plus);
        loop {
            let signs = bytes[here..limit].iter().take(3).take_while(|b| b" -./()".contains(b)).count();
            let between = &bytes[here..here + signs];
            if !written.groups.is_empty() && signs == 0 || !is_between(between, written.groups.is_empty()) {
                break;
            }
            here += signs;
            let length = bytes[here..limit].iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                break;
            }
            written.brackets |= between.contains(&b'(');
            written.signs.extend(between.iter().find(|b| !matches!(b, b'(' | b')')));
            // The zero of `+49 (0) 30` is dialled at home only.
            let is_zero = written.plus && between.ends_with(b"(") && &bytes[here..here + length] == b"0";
            if !is_zero {
                written.groups.push(length);
                written.digits.extend(bytes[here..here + length].iter().map(|b| b - b'0'));
            }
            here += length;
            written.end = here;
        }
        let after = bytes.get(written.end).copied().unwrap_or(b' ');
        let goes_on = matches!(after, b'.' | b'-' | b',' | b':' | b'/')
            && bytes.get(written.end + 1).is_some_and(u8::is_ascii_alphanumeric);
        let is_word = after.is_ascii_alphanumeric() || matches!(after, b'_' | b'%');
        (!written.digits.is_empty() && !goes_on && !is_word).then_some(written)
    }

    /// Issuer, length, grouping and check digit of a payment card.
    fn is_card(&self) -> bool {
        let groups = match self.groups.as_slice() {
            [_] | [4, 6, 5] | [4, 6, 4] => true,
            [4, 4, 4, last] => (1..=4).contains(last),
            [4, 4, 4, 4, last] => (1..=3).contains(last),
            _ => false,
        };
        let is_one_sign = self.signs.iter().all(|sign| matches!(sign, b' ' | b'-') && *sign == self.signs[0]);
        groups
            && is_one_sign
            && !self.plus
            && !self.brackets
            && is_issued(&self.digits)
            && is_luhn(&self.digits)
    }

    /// `+49 170 1234567`, `0049 170 1234567`: a country's code and as many
    /// digits as its numbers have.
    fn is_international(&self) -> bool {
        let digits = match self.digits.as_slice() {
            digits if self.plus => digits,
            [0, 0, digits @ ..] if self.groups.len() > 1 => digits,
            _ => return false,
        };
        // `+40.20361111` is a decimal.
        let is_decimal = self.signs == [b'.'];
        let is_real = digits.iter().skip(3).any(|digit| *digit != digits[2.min(digits.len() - 1)]);
        !is_decimal && is_real && has_country(digits)
    }

    /// `(555) 234-5678`, `555-234-5678`, `1-800-234-5678`.
    fn is_north_american(&self) -> bool {
        let groups = matches!(self.groups.as_slice(), [3, 3, 4] | [1, 3, 3, 4]);
        let is_signed = match self.brackets {
            true => self.signs.iter().all(|sign| matches!(sign, b' ' | b'-' | b'.')),
            false => self.signs.iter().all(|sign| matches!(sign, b'-' | b'.') && *sign == self.signs[0]),
        };
        let national = &self.digits[self.digits.len().saturating_sub(10)..];
        groups && is_signed && (self.digits.len() == 10 || self.digits[0] == 1) && is_north_american(national)
    }

    /// Any number that can be dialled, where a word says that it is a phone's.
    fn is_local(&self) -> bool {
        let is_date = matches!(self.groups.as_slice(), [4, 2, 2] | [2, 2, 4] | [1, 1, 4] | [1, 2, 4]);
        let is_flat = self.digits.iter().all(|digit| *digit == self.digits[0]);
        (7..=15).contains(&self.digits.len()) && !is_date && !is_flat && self.groups.len() <= 6
    }
}

/// Whether these signs may stand between groups of digits, or before the first.
fn is_between(signs: &[u8], first: bool) -> bool {
    match signs {
        [] | [b'('] => true,
        [b' ' | b'-' | b'.' | b'/']
        | [b')']
        | [b')', b' ' | b'-']
        | [b' ', b'(']
        | [b' ', b'-' | b'/', b' '] => !first,
        [b')', b'('] | [b'-', b'('] => !first,
        _ => false,
    }
}

/// Whether the last word before a number is one for a phone.
fn is_labelled(before: &[u8]) -> bool {
    #[rustfmt::skip]
    const LABELS: &[&str] = &[
        "phone", "tel", "telephone", "mobile", "cell", "cellphone", "fax", "sms", "whatsapp", "handy", "telefon",
        "telefono", "telefone", "mobil", "movil", "celular", "telefonnummer", "rufnummer", "portable", "phonenumber", "msisdn",
        "telefoon", "gsm",
    ];
    let from = before.len().saturating_sub(MAX_LABEL);
    let line = before[from..].rsplit(|b| *b == b'\n').next().unwrap_or_default();
    if line.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let lower = String::from_utf8_lossy(line)
        .to_lowercase()
        .replace(['\u{e9}', '\u{e8}'], "e")
        .replace('\u{f3}', "o");
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let last = words.iter().rev().take_while(|word| !LABELS.contains(*word)).count();
    // `phone number is`, `tel: "`
    let others = ["number", "no", "nr", "is", "num", "n", "numero", "at", "us", "home", "work", "value"];
    last < words.len() && words[words.len() - last..].iter().all(|word| others.contains(word))
}

/// Length and first digits of the numbers of large issuers.
fn is_issued(digits: &[u8]) -> bool {
    let first =
        |count: usize| digits.iter().take(count).fold(0u32, |sum, digit| sum * 10 + u32::from(*digit));
    matches!(
        (digits.len(), first(4)),
        (13 | 16 | 19, 4000..=4999)
            | (16, 5100..=5599 | 2221..=2720 | 6011 | 6200..=6299 | 6440..=6599 | 3528..=3589)
            | (15, 3400..=3499 | 3700..=3799)
            | (14, 3000..=3059 | 3600..=3699 | 3800..=3999)
            | (16 | 18 | 19, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
    )
}

fn is_luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| u32::from(if at % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

fn is_north_american(national: &[u8]) -> bool {
    national.len() == 10 && national[0] >= 2 && national[3] >= 2 && national[1..3] != [1, 1]
}

/// Whether the digits begin with a country's code and are as many as its numbers
/// have.
fn has_country(digits: &[u8]) -> bool {
    #[rustfmt::skip]
    const LENGTHS: &[(&str, usize, usize)] = &[
        ("7", 10, 10), ("20", 8, 10), ("27", 9, 9), ("30", 10, 10), ("31", 9, 9), ("32", 8, 9), ("33", 9, 9), ("34", 9, 9),
        ("36", 8, 9), ("39", 6, 11), ("40", 9, 9), ("41", 9, 9), ("43", 6, 13), ("44", 9, 10), ("45", 8, 8), ("46", 7, 10),
        ("47", 8, 8), ("48", 9, 9), ("49", 6, 12), ("51", 8, 9), ("52", 10, 11), ("53", 6, 8), ("54", 10, 11), ("55", 10, 11),
        ("56", 9, 9), ("57", 10, 10), ("58", 10, 10), ("60", 7, 10), ("61", 9, 9), ("62", 7, 12), ("63", 8, 10), ("64", 8, 10),
        ("65", 8, 8), ("66", 8, 9), ("81", 9, 10), ("82", 8, 10), ("84", 9, 10), ("86", 10, 11), ("90", 10, 10), ("91", 10, 10),
        ("92", 9, 10), ("93", 9, 9), ("94", 9, 9), ("95", 7, 10), ("98", 10, 10),
    ];
    let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    if let Some(national) = digits.strip_prefix(&[1]) {
        return is_north_american(national);
    }
    if let Some((code, least, most)) = LENGTHS.iter().find(|(code, _, _)| text.starts_with(code)) {
        return (*least..=*most).contains(&(text.len() - code.len()));
    }
    // Countries with a code of three digits: 21x to 29x, 35x to 42x, 50x, 59x, 67x
    // to 69x, 85x to 99x.
    let is_code = matches!(
        &text.as_bytes()[..2.min(text.len())],
        b"21"
            | b"22"
            | b"23"
            | b"24"
            | b"25"
            | b"26"
            | b"29"
            | b"35"
            | b"37"
            | b"38"
            | b"42"
            | b"50"
            | b"59"
            | b"67"
            | b"68"
            | b"69"
            | b"85"
            | b"88"
            | b"96"
            | b"97"
            | b"99"
    );
    is_code && (9..=15).contains(&text.len())
}

/// The end of the IBAN at `at`: its country's length, alone or in groups of four,
/// and the remainder by 97.
fn iban(bytes: &[u8], at: usize) -> Option<usize> {
    let code = bytes.get(at..at + 4)?;
    let head = code[..2].iter().all(u8::is_ascii_uppercase) && code[2..].iter().all(u8::is_ascii_digit);
    let wanted = if head { iban_length(&code[..2])? } else { return None };
    let sign = Some(bytes.get(at + 4)?).filter(|b| matches!(b, b' ' | b'-'));
    let mut letters = Vec::with_capacity(wanted);
    let mut end = at;
    while letters.len() < wanted {
        if sign.is_some() && !letters.is_empty() && letters.len().is_multiple_of(4) {
            (bytes.get(end) == sign).then_some(())?;
            end += 1;
        }
        letters.push(*bytes.get(end).filter(|b| b.is_ascii_alphanumeric())?);
        end += 1;
    }
    let ends = bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    letters.rotate_left(4);
    (ends && remainder(&letters)? == 1).then_some(end)
}

fn remainder(letters: &[u8]) -> Option<u32> {
    letters.iter().try_fold(0, |rest: u32, letter| {
        let value = char::from(*letter).to_digit(36)?;
        Some((rest * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}

/// Letters and digits of a country's IBAN, after the registry of SWIFT.
#[rustfmt::skip]
fn iban_length(country: &[u8]) -> Option<usize> {
    const LENGTHS: &[(usize, &str)] = &[
        (15, "NO"), (16, "BE"), (18, "DK FI FO GL NL FK"), (19, "MK SI"), (20, "AT BA EE KZ LT LU XK MN"),
        (21, "CH CR HR LI LV"), (22, "BG BH DE GB GE IE ME RS VA"), (23, "AE GI IL IQ TL SO OM"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"), (25, "LY PT ST"), (26, "IS TR"),
        (27, "BI DJ FR GR IT MC MR SM"), (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"), (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"), (31, "MT SC"), (32, "LC"), (33, "RU"),
    ];
    let country = std::str::from_utf8(country).ok()?;
    LENGTHS.iter().find(|(_, countries)| countries.split(' ').any(|own| own == country)).map(|(length, _)| *length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds that are found in a text, and what each is.
    fn found(text: &str) -> Vec<(&'static str, &str)> {
        let mut found = Vec::new();
        spans(text, &mut found);
        found.iter().map(|span| (span.kind, &text[span.start..span.end])).collect()
    }

    #[test]
    fn each_kind_is_found_in_its_forms() {
        for (kind, value) in [
            ("EMAIL", "jane.doe@corp-mail.io"),
            ("EMAIL", "j+tag@sub.example.co.uk"),
            ("EMAIL", "jörg@müller.de"),
            ("EMAIL", "jane%40acme.com"),
            ("PHONE", "+49 170 1234567"),
            ("PHONE", "+49 (0) 30 1234567"),
            ("PHONE", "+1 (555) 234-5678"),
            ("PHONE", "+1-555-234-5678"),
            ("PHONE", "+33123456789"),
            ("PHONE", "+44 20 7946 0958"),
            ("PHONE", "0049 170 1234567"),
            ("PHONE", "(555) 234-5678"),
            ("PHONE", "555-234-5678"),
            ("PHONE", "1-800-234-5678"),
            ("PHONE", "+351 912 345 678"),
            ("IBAN", "DE89370400440532013000"),
            ("IBAN", "DE89 3704 0044 0532 0130 00"),
            ("IBAN", "GB29 NWBK 6016 1331 9268 19"),
            ("IBAN", "FR1420041010050500013M02606"),
            ("IBAN", "NO93 8601 1117 947"),
            ("CARD_NUMBER", "4111111111111111"),
            ("CARD_NUMBER", "4111 1111 1111 1111"),
            ("CARD_NUMBER", "5500-0000-0000-0004"),
            ("CARD_NUMBER", "3782 822463 10005"),
            ("CARD_NUMBER", "6011000990139424"),
        ] {
            for text in [
                value.to_string(),
                format!("x = \"{value}\""),
                format!("write to {value}, or"),
                format!("<{value}>"),
                format!("a: {value}.\n"),
                format!("\\n{value}\\n"),
                format!("mailto:{value}"),
            ] {
                assert_eq!(found(&text), [(kind, value)], "{text}");
            }
        }
        for label in ["phone: ", "Tel.: ", "\"mobile\": \"", "phone number is ", "Téléphone : ", "fax="] {
            for value in ["0170 1234567", "01 23 45 67 89", "030/1234567", "020 7946 0958", "5552345678"] {
                assert_eq!(found(&format!("{label}{value}")), [("PHONE", value)], "{label}{value}");
            }
        }
    }

    #[test]
    fn numbers_of_other_kinds_stay() {
        for text in [
            "version 10.2.0.1",
            "id 1234567890",
            "id: 5552345678",
            "192.168.100.200",
            "2026-11-30 14:00:05",
            "2026-11-30T14:00:05+01:00",
            "1732975205123",
            "3.14159265358979",
            "+40.20361111, +002.29500",
            "@@ -100,7 +120,8 @@",
            "550e8400-e29b-41d4-a716-446655440000",
            "4111111111111112",
            "4111 1111 1111 1112",
            "x4111111111111111",
            "DE89370400440532013001",
            "DE8937040044053201300",
            "sha DE89ABCD",
            "978-3-16-148410-0",
            "123-45-6789",
            "555-123",
            "1-2-3-4",
            "111-234-5678",
            "0000-0000-0000-0000",
            "+1234567890",
            "x = a +1000000000",
            "tel 12",
            "git@github.com:owner/repo.git",
            "ssh://alice@example.org/x",
            "logo@2x.png",
            "lodash@4.17.21",
            "user@host",
            "@app.route(\"/x\")",
            "a@b.c",
            "self.x@other.value",
            "actions/checkout@v4",
            "0x4111111111111111",
            "01 02 03 04 05 06 07 08",
            "telephone 2026-11-30",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
