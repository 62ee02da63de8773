//! One ignore pattern, with exactly git's meaning: what `*`, `**`, `?`, `[...]`
//! and `\` match, and where a pattern is anchored.
//!
//! Not here: which pattern wins (`rules`), and no file system. Why not the
//! globs of a crate: theirs know `{a,b}`, which git takes literally, and do not
//! know `[[:alpha:]]`; a walker that shows what git hides is of no use here.

/// One line of an ignore file.
#[derive(Debug)]
pub struct Pattern {
    /// `!`: what matches is not ignored.
    pub negated: bool,
    /// A closing `/`: matches folders only.
    pub folders_only: bool,
    /// A `/` before the end: matches the path below the file's folder. Without
    /// one it matches the last component, at any depth.
    pub anchored: bool,
    /// The pattern without wildcards, if it has none.
    pub literal: Option<Vec<u8>>,
    tokens: Vec<Token>,
}

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

impl Pattern {
    /// From one line without its line end. `None` for a line that can never
    /// match: empty, an unclosed class, a `\` at the end.
    pub fn parse(line: &[u8], ignore_case: bool) -> Option<Self> {
        let line = without_trailing_spaces(line);
        let (negated, line) = match line.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let (folders_only, line) = match line.strip_suffix(b"/") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let anchored = line.contains(&b'/');
        let line = if anchored {
            line.strip_prefix(b"/").unwrap_or(line)
        } else {
            line
        };
        if line.is_empty() {
            return None;
        }
        let tokens = tokens(line, ignore_case)?;
        Some(Self {
            negated,
            folders_only,
            anchored,
            literal: literal(&tokens),
            tokens,
        })
    }

    /// `text` is the last component, or the path below the ignore file's folder
    /// when the pattern is anchored; in lower case where case is ignored.
    pub fn matches(&self, text: &[u8]) -> bool {
        match self.tokens.as_slice() {
            // `*.pyc`: the most common shape by far.
            [Token::Run, rest @ ..] if !self.anchored && all_bytes(rest) => ends_with(text, rest),
            all => matches(all, text),
        }
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

fn tokens(pattern: &[u8], ignore_case: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(pattern.len());
    // git compares what stands before the first special character by itself,
    // so that a `**` right behind it counts as one at the start.
    let plain = pattern
        .iter()
        .position(|byte| b"*?[\\".contains(byte))
        .unwrap_or(pattern.len());
    let fold = |byte: u8| {
        if ignore_case {
            byte.to_ascii_lowercase()
        } else {
            byte
        }
    };
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            b'*' => {
                let start = at;
                while pattern.get(at) == Some(&b'*') {
                    at += 1;
                }
                let opens = start == plain || pattern[start - 1] == b'/';
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
                let (class, end) = class(pattern, at + 1, ignore_case)?;
                tokens.push(Token::Class(class));
                at = end;
            }
            b'\\' => {
                at += 1;
                tokens.push(Token::Byte(fold(*pattern.get(at)?)));
            }
            byte => tokens.push(Token::Byte(fold(byte))),
        }
        at += 1;
    }
    Some(tokens)
}

/// The class that opens before `at`, and the index of its closing bracket.
fn class(pattern: &[u8], mut at: usize, ignore_case: bool) -> Option<(Box<[bool; 256]>, usize)> {
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
                    (0..=255u8)
                        .filter(member)
                        .for_each(|byte| set[usize::from(byte)] = true);
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
    if ignore_case {
        for lower in b'a'..=b'z' {
            let upper = usize::from(lower.to_ascii_uppercase());
            set[usize::from(lower)] |= set[upper];
        }
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

fn literal(tokens: &[Token]) -> Option<Vec<u8>> {
    let bytes = tokens.iter().map(|token| match token {
        Token::Byte(byte) => Some(*byte),
        _ => None,
    });
    bytes.collect()
}

fn all_bytes(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| matches!(token, Token::Byte(_)))
}

fn ends_with(text: &[u8], tokens: &[Token]) -> bool {
    text.len() >= tokens.len()
        && text[text.len() - tokens.len()..]
            .iter()
            .zip(tokens)
            .all(|(byte, token)| *token == Token::Byte(*byte))
}

/// Where to go on after a mismatch: the token behind a wildcard, and the text
/// that it tries next.
#[derive(Clone, Copy)]
struct Retry {
    token: usize,
    text: usize,
}

/// Backtracks to the last `*` of a component, else to the last `**`: an
/// earlier wildcard never needs another try, so hostile patterns cost at most
/// the product of the lengths for each `**`, not a power.
fn matches(tokens: &[Token], text: &[u8]) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut run: Option<Retry> = None;
    let mut over: Option<Retry> = None;
    loop {
        let advanced = match tokens.get(token) {
            None => at == text.len(),
            Some(Token::Run) => {
                token += 1;
                run = Some(Retry { token, text: at });
                continue;
            }
            Some(Token::RunOver | Token::Folders) => {
                token += 1;
                run = None;
                over = Some(Retry { token, text: at });
                continue;
            }
            Some(single) => at < text.len() && matches_one(single, text[at]),
        };
        if advanced && token == tokens.len() {
            return true;
        }
        if advanced {
            (token, at) = (token + 1, at + 1);
            continue;
        }
        if let Some(retry) = &mut run
            && retry.text < text.len()
            && text[retry.text] != b'/'
        {
            retry.text += 1;
            (token, at) = (retry.token, retry.text);
            continue;
        }
        run = None;
        let Some(retry) = &mut over else { return false };
        match next_try(&tokens[retry.token - 1], text, retry.text) {
            Some(next) => retry.text = next,
            None => return false,
        }
        (token, at) = (retry.token, retry.text);
    }
}

fn matches_one(token: &Token, byte: u8) -> bool {
    match token {
        Token::Byte(wanted) => *wanted == byte,
        Token::One => byte != b'/',
        Token::Class(set) => set[usize::from(byte)],
        Token::Run | Token::RunOver | Token::Folders => false,
    }
}

/// Where the text behind a `**` may start next.
fn next_try(wildcard: &Token, text: &[u8], from: usize) -> Option<usize> {
    match wildcard {
        Token::Folders => {
            let slash = text[from..].iter().position(|&byte| byte == b'/')?;
            Some(from + slash + 1)
        }
        _ => (from < text.len()).then_some(from + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        let matched = Pattern::parse(pattern.as_bytes(), false)
            .is_some_and(|pattern| pattern.matches(text.as_bytes()));
        assert_eq!(matched, expected, "`{pattern}` on `{text}`");
    }

    #[test]
    fn a_star_stays_in_its_component() {
        check("a/*.c", "a/x.c", true);
        check("a/*.c", "a/b/x.c", false);
        check("/*a*b", "xaxab", true);
        check("/*a*b", "xaxa/b", false);
    }

    #[test]
    fn double_stars_cross_components() {
        check("**/x", "x", true);
        check("**/x", "a/b/x", true);
        check("a/**/b", "a/b", true);
        check("a/**/b", "a/x/y/b", true);
        check("a/**/b", "axb", false);
        check("a/**", "a/b/c", true);
        check("/a**/b", "axx/y/b", true);
        check("a/x**/b", "a/xx/y/b", true);
        check("a/?x**/b", "a/xxx/y/b", false);
        check("/**/*a/b*c", "q/xa/ya/bxa/bc", true);
    }

    #[test]
    fn braces_are_letters() {
        check("{a,b}", "a", false);
        check("{a,b}", "{a,b}", true);
    }

    #[test]
    fn classes_are_those_of_git() {
        check("[a-c]x", "bx", true);
        check("[!a-c]x", "bx", false);
        check("[^a]", "b", true);
        check("[]-]", "]", true);
        check("[]-]", "-", true);
        check("[[:digit:][:upper:]]", "7", true);
        check("[[:digit:][:upper:]]", "a", false);
        check("[[:nonsense:]]", "n", false);
        check("[a\\]b]", "]", true);
        check("[\\--a]", "5", true);
        check("a/[!x]b", "a//b", false);
        check("[ab", "[ab", false);
    }

    #[test]
    fn spaces_at_the_end_count_only_when_escaped() {
        check("a   ", "a", true);
        check("a\\ ", "a ", true);
        check("a\\  ", "a ", true);
        check("a\t", "a", false);
        check("a\\", "a", false);
        check("\\!a", "!a", true);
        check("\\#a", "#a", true);
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "/".to_string() + &"*a".repeat(200) + "b";
        check(&pattern, &"a".repeat(400), false);
        let pattern = "**/a*/".repeat(100) + "b";
        check(&pattern, &"a/".repeat(400), false);
    }

    #[test]
    fn case_is_ignored_on_request() {
        let pattern = Pattern::parse(b"ReadMe[X].*", true).unwrap();
        assert!(pattern.matches(b"readmex.txt"));
    }
}
