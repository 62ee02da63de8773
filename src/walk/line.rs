//! One line of an ignore file in git's meaning, spelled for the `ignore` crate,
//! whose globs mean other things by `{a,b}`, `[[:alpha:]]`, `**` beside a
//! letter and white space at the end.
//!
//! Not here: matching, and which line wins (`rules`).

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Byte(u8),
    /// `?`
    One,
    /// `*`: any run without `/`.
    Run,
    /// `**` between slashes: any run.
    RunOver,
    /// `**/`: nothing, or any run up to a `/`.
    Folders,
    Class(Box<[bool; 256]>),
}

/// From one line without its line end: equivalent lines for the crate, of
/// which a path has to match one.
///
/// `None` for a line that can never match (empty, an unclosed class, a `\` at
/// the end), or that the crate cannot express (not UTF-8, letters beyond ASCII
/// in a class).
pub fn spelled(line: &[u8]) -> Option<Vec<String>> {
    let line = without_trailing_spaces(line);
    let (negated, line) = match line.strip_prefix(b"!") {
        Some(rest) => ("!", rest),
        None => ("", line),
    };
    let (folders_only, line) = match line.strip_suffix(b"/") {
        Some(rest) => ("/", rest),
        None => ("", line),
    };
    // Said in full: the crate takes a slash in a class for an anchor.
    let is_name = !line.contains(&b'/');
    let anchor = if is_name { "/**/" } else { "/" };
    let tokens = tokens(line.strip_prefix(b"/").unwrap_or(line), is_name)?;
    if matches!(tokens.last(), None | Some(Token::Byte(b'/') | Token::Folders)) {
        return None;
    }
    let globs = globs(&tokens)?.into_iter();
    let whole = |glob| format!("{negated}{anchor}{glob}{folders_only}");
    Some(globs.map(whole).collect())
}

/// More than one where git lets a `**` that stands behind plain letters cross
/// folders, for which the crate has no single glob.
fn globs(tokens: &[Token]) -> Option<Vec<String>> {
    let crosses = |token: &Token| matches!(token, Token::Folders | Token::RunOver);
    let odd = (1..tokens.len()).find(|&at| crosses(&tokens[at]) && !ends_component(&tokens[at - 1]));
    let Some(odd) = odd else {
        return Some(vec![glob(tokens)?]);
    };
    let (before, behind) = (glob(&tokens[..odd])?, glob(&tokens[odd + 1..])?);
    Some(match &tokens[odd] {
        Token::Folders => vec![format!("{before}{behind}"), format!("{before}*/**/{behind}")],
        _ if behind.is_empty() => vec![format!("{before}*"), format!("{before}*/**")],
        // An escaped slash follows.
        _ => vec![format!("{before}*/**{behind}")],
    })
}

fn ends_component(token: &Token) -> bool {
    matches!(token, Token::Byte(b'/') | Token::Folders)
}

fn glob(tokens: &[Token]) -> Option<String> {
    let mut glob = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::One => glob.push(b'?'),
            Token::Run => glob.push(b'*'),
            // An escaped slash follows: at least one folder.
            Token::RunOver if at + 1 < tokens.len() => glob.extend(b"*/**"),
            Token::RunOver => glob.extend(b"**"),
            Token::Folders => glob.extend(b"**/"),
            Token::Class(set) => glob.extend(class_glob(set)?),
            // A class, because white space at the end would be dropped.
            Token::Byte(byte @ (b' ' | b'\t'..=b'\r')) => glob.extend([b'[', *byte, b']']),
            Token::Byte(byte) if byte.is_ascii_punctuation() && *byte != b'/' => {
                glob.extend([b'\\', *byte]);
            }
            Token::Byte(byte) => glob.push(*byte),
        }
    }
    let glob = String::from_utf8(glob).ok()?;
    // Likewise white space beyond ASCII, which is no white space to git.
    let is_space = |c: char| !c.is_ascii() && c.is_whitespace();
    match glob.contains(is_space) {
        true => {
            Some(glob.chars().map(|c| if is_space(c) { format!("[{c}]") } else { c.to_string() }).collect())
        }
        false => Some(glob),
    }
}

/// The crate knows no escapes in a class, so places decide: `]` first, `-`
/// last, `!` and `^` not first. Its negated classes match a slash unless they
/// name it.
fn class_glob(set: &[bool; 256]) -> Option<Vec<u8>> {
    let negated = set[128];
    if set[128..].iter().any(|member| *member != negated) {
        return None;
    }
    let named = |byte: &u8| set[usize::from(*byte)] != negated;
    let rank = |byte: &u8| match byte {
        b']' => 0,
        b'!' | b'^' => 2,
        b'-' => 3,
        _ => 1,
    };
    let mut members: Vec<u8> = (0..128u8).filter(named).collect();
    members.sort_by_key(rank);
    match (negated, members.as_slice()) {
        (true, _) => Some([b"[!", members.as_slice(), b"]"].concat()),
        (false, [] | [b'!', b'^', ..]) => None,
        (false, [mark @ (b'!' | b'^')]) => Some(vec![b'\\', *mark]),
        (false, [mark @ (b'!' | b'^'), b'-']) => Some(vec![b'[', b'-', *mark, b']']),
        (false, members) => Some([b"[", members, b"]"].concat()),
    }
}

/// Spaces at the end do not count unless escaped; tabs do.
fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b' ' => {}
            b'\\' => {
                at += 1;
                end = (at + 1).min(line.len());
            }
            _ => end = at + 1,
        }
        at += 1;
    }
    &line[..end]
}

fn tokens(pattern: &[u8], is_name: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(pattern.len());
    // git compares what stands before the first special character by itself,
    // so that a `**` right behind it counts as one at the start.
    let plain = pattern.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(pattern.len());
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            b'*' => {
                let start = at;
                while pattern.get(at) == Some(&b'*') {
                    at += 1;
                }
                let opens = !is_name && (start == plain || pattern[start - 1] == b'/');
                tokens.push(match &pattern[at..] {
                    // `*` or a `**` beside something else than a slash.
                    _ if at - start == 1 || !opens => Token::Run,
                    [b'/', ..] => {
                        at += 1;
                        Token::Folders
                    }
                    [] | [b'\\', b'/', ..] => Token::RunOver,
                    _ => Token::Run,
                });
                continue;
            }
            b'?' => tokens.push(Token::One),
            b'[' => {
                let (class, end) = class(pattern, at + 1)?;
                tokens.push(Token::Class(class));
                at = end;
            }
            b'\\' => {
                at += 1;
                tokens.push(Token::Byte(*pattern.get(at)?));
            }
            byte => tokens.push(Token::Byte(byte)),
        }
        at += 1;
    }
    Some(tokens)
}

/// The class that opens before `at`, and the index of its closing bracket.
fn class(pattern: &[u8], mut at: usize) -> Option<(Box<[bool; 256]>, usize)> {
    let mut set = Box::new([false; 256]);
    let negated = matches!(pattern.get(at)?, b'!' | b'^');
    at += usize::from(negated);
    let first = at;
    // The byte that a following `-` would start a range from.
    let mut low: Option<u8> = None;
    loop {
        let byte = *pattern.get(at)?;
        let next = pattern.get(at + 1).copied();
        match (byte, low) {
            (b']', _) if at > first => break,
            (b'\\', _) => {
                at += 1;
                let escaped = *pattern.get(at)?;
                set[usize::from(escaped)] = true;
                low = Some(escaped);
            }
            (b'-', Some(from)) if next.is_some_and(|next| next != b']') => {
                at += 1;
                if pattern[at] == b'\\' {
                    at += 1;
                }
                for byte in from..=*pattern.get(at)? {
                    set[usize::from(byte)] = true;
                }
                low = None;
            }
            (b'[', _) if next == Some(b':') => {
                let start = at + 2;
                let end = start + pattern[start..].iter().position(|&byte| byte == b']')?;
                if end > start && pattern[end - 1] == b':' {
                    let member = named_class(&pattern[start..end - 1])?;
                    (0..=255u8).filter(member).for_each(|byte| set[usize::from(byte)] = true);
                    at = end;
                    low = None;
                } else {
                    set[usize::from(b'[')] = true;
                    low = Some(b'[');
                }
            }
            (byte, _) => {
                set[usize::from(byte)] = true;
                low = Some(byte);
            }
        }
        at += 1;
    }
    if negated {
        set.iter_mut().for_each(|member| *member = !*member);
    }
    set[usize::from(b'/')] = false;
    Some((set, at))
}

fn named_class(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| (b' '..=b'~').contains(byte),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | b'\t'..=b'\r'),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let spelled = spelled(line.as_bytes()).unwrap_or_default();
        assert_eq!(spelled, expected, "`{line}`");
    }

    #[test]
    fn plain_lines_stay_what_they_are() {
        check("*.pyc", &["/**/*\\.pyc"]);
        check("target/", &["/**/target/"]);
        check("/target/", &["/target/"]);
        check("!a/**/b?", &["!/a/**/b?"]);
        check("a/**", &["/a/**"]);
        check("**/a", &["/**/a"]);
    }

    #[test]
    fn braces_are_letters() {
        check("{a,b}", &["/**/\\{a\\,b\\}"]);
    }

    #[test]
    fn classes_are_spelled_out() {
        check("[a-c]", &["/**/[abc]"]);
        check("[!\\]]", &["/**/[!]/]"]);
        check("[[:digit:]-]", &["/**/[0123456789-]"]);
        check("[[:nonsense:]]", &[]);
        check("[\\!]", &["/**/\\!"]);
        check("[a", &[]);
        check("[é]", &[]);
    }

    #[test]
    fn spaces_at_the_end_count_only_when_escaped() {
        check("a   ", &["/**/a"]);
        check("a\\  ", &["/**/a[ ]"]);
        check("a\t", &["/**/a[\t]"]);
        check("a\\", &[]);
        check("\\!a", &["/**/\\!a"]);
        check("\\#a", &["/**/\\#a"]);
        check(" ", &[]);
        check("**//", &[]);
        check("\u{2028}", &["/**/[\u{2028}]"]);
        check("a\u{a0}", &["/**/a[\u{a0}]"]);
    }

    #[test]
    fn two_stars_behind_plain_letters_cross_folders() {
        check("/a**/b", &["/ab", "/a*/**/b"]);
        check("/a**", &["/a*", "/a*/**"]);
        check("a**b", &["/**/a*b"]);
        check("**", &["/**/*"]);
        check("a/b**", &["/a/b*", "/a/b*/**"]);
        check("a/?b**/c", &["/a/?b*/c"]);
    }
}
