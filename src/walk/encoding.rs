//! Bytes to text. A byte order mark decides the encoding, else what is valid
//! UTF-8 is UTF-8; older encodings are told by how often their characters come,
//! as browsers do it.
//!
//! Not here: whether a file is text at all (`classify`).

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

/// Changes when the same bytes become another text.
pub const RULES: u32 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// The order of UTF-16 that a mark tells, and what follows the mark.
pub(super) fn utf16(bytes: &[u8]) -> Option<(Order, &[u8])> {
    match bytes {
        [0xff, 0xfe, text @ ..] => Some((Order::Little, text)),
        [0xfe, 0xff, text @ ..] => Some((Order::Big, text)),
        _ => None,
    }
}

/// Bytes as text: without a byte order mark, CRLF as LF, and U+FFFD for what is
/// not valid. The same bytes are the same text on every machine.
pub fn decode(bytes: &[u8]) -> String {
    let text = match utf16(bytes) {
        Some((order, text)) => from_utf16(order, text),
        None => from_bytes(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    if text.contains("\r\n") {
        return text.replace("\r\n", "\n");
    }
    text
}

/// The same for a file that a user names: UTF-16 without a mark too. `None` for
/// what is no text.
pub fn decode_named(bytes: &[u8]) -> Option<String> {
    if utf16(bytes).is_some() || !bytes.contains(&0) {
        return Some(decode(bytes));
    }
    let zeros = |first: usize| bytes.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Of Latin text in UTF-16 nearly every other byte is zero, and no character.
    let is_most = |some: usize, others: usize| others == 0 && some * 4 > bytes.len();
    match () {
        () if is_most(odd, even) => Some(from_utf16(Order::Little, bytes).replace("\r\n", "\n")),
        () if is_most(even, odd) => Some(from_utf16(Order::Big, bytes).replace("\r\n", "\n")),
        () => None,
    }
}

fn from_utf16(order: Order, text: &[u8]) -> String {
    let units = text.chunks(2).map(|unit| match (unit, order) {
        ([a, b], Order::Little) => u16::from_le_bytes([*a, *b]),
        ([a, b], Order::Big) => u16::from_be_bytes([*a, *b]),
        // Half a character at the end.
        _ => 0xfffd,
    });
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn from_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_string(),
        Err(error) if error.error_len().is_none() || is_damaged_utf8(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        Err(_) => from_older(bytes),
    }
}

/// Whether what is not valid are a few bytes among much that is.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    valid >= 2 * broken
}

fn from_older(bytes: &[u8]) -> String {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding: &encoding_rs::Encoding = detector.guess(None, Utf8Detection::Deny);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_by_its_mark() {
        assert_eq!(decode(b"\xff\xfea\0\r\0\n\0"), "a\n");
        assert_eq!(decode(b"\xfe\xff\0a"), "a");
        assert_eq!(decode(b"\xef\xbb\xbfa\r\n"), "a\n");
    }

    #[test]
    fn older_encodings_are_told_by_their_characters() {
        let german = "// Berechnet die Größe der Straße für die Prüfung und schließt die Öffnung.\n";
        let russian = "// Проверяет права доступа пользователя перед записью в журнал.\n";
        let japanese = "// 設定ファイルを読み込み、データベースに接続します。\n";
        let chinese = "// 读取配置文件并连接到数据库，然后返回结果。\n";
        let korean = "// 설정 파일을 읽고 데이터베이스에 연결합니다.\n";
        let table = [
            (german, encoding_rs::WINDOWS_1252),
            (russian, encoding_rs::WINDOWS_1251),
            (russian, encoding_rs::KOI8_U),
            (japanese, encoding_rs::SHIFT_JIS),
            (japanese, encoding_rs::EUC_JP),
            (chinese, encoding_rs::GBK),
            (korean, encoding_rs::EUC_KR),
            ("// Příliš žluťoučký kůň úpěl ďábelské ódy.\n", encoding_rs::WINDOWS_1250),
        ];
        for (text, encoding) in table {
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(decode(&bytes), text, "{}", encoding.name());
        }
        assert_eq!(decode(b"caf\xe9 au lait\n"), "café au lait\n");
    }

    #[test]
    fn utf8_with_a_broken_byte_stays_utf8() {
        assert_eq!(decode("aé\u{4e2d}ü".as_bytes()), "aé中ü");
        assert_eq!(decode(b"\xc3\xa9\xc3\xa8 a\xff"), "éè a\u{fffd}");
        // Cut inside a character.
        assert_eq!(decode(b"abc\xe4\xb8"), "abc\u{fffd}");
    }

    #[test]
    fn utf16_without_a_mark_is_read_where_it_is_named() {
        assert_eq!(decode_named(b"h\0i\0\n\0").as_deref(), Some("hi\n"));
        assert_eq!(decode_named(b"\0h\0i\0\n").as_deref(), Some("hi\n"));
        assert_eq!(decode_named(b"\x7fELF\0\0\0\x01"), None);
    }
}
