//! Heredocs that begin in the interpolation of a string or of another heredoc:
//! the grammar's scanner keeps them for later, and what follows passes for
//! their text up to the end of the file. They become empty strings.
//!
//! Not here: heredocs at the level of code, which the grammar knows.

use super::patch::Patch;

pub(super) fn mended(text: &str) -> Option<String> {
    if !has_inner(text) {
        return None;
    }
    let mut scan = Scan { patch: Patch::new(text), at: 0, pending: Vec::new(), levels: 0, endless: 0 };
    scan.code(None);
    scan.patch.done()
}

/// Strings and interpolations within each other, beyond which nothing is looked at.
const MOST_LEVELS: usize = 60;

struct Heredoc {
    id: String,
    /// Its end may be indented.
    is_indented: bool,
    has_code: bool,
    /// It began in an interpolation.
    is_inner: bool,
}

struct Scan<'t> {
    patch: Patch<'t>,
    at: usize,
    /// Begun on this line; their text begins with the next.
    pending: Vec<Heredoc>,
    /// Interpolations around this place.
    levels: usize,
    /// Heredocs whose end was not found.
    endless: usize,
}

/// A heredoc may begin on a line behind an interpolation, or while one is open.
fn has_inner(text: &str) -> bool {
    let mut open = 0_isize;
    text.lines().any(|line| {
        let start = if open > 0 { Some(0) } else { line.find("#{") };
        let Some(rest) = start.map(|start| &line[start..]) else { return false };
        open += rest.matches('{').count() as isize - rest.matches('}').count() as isize;
        rest.match_indices("<<").any(|(at, _)| {
            let name = rest[at + 2..].trim_start_matches(['~', '-']);
            name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '"' | '\'' | '`'))
        })
    })
}

/// Heredocs without an end, beyond which none is looked for any more: each costs
/// a look at the rest of the file.
const MOST_ENDLESS: usize = 50;

impl<'t> Scan<'t> {
    fn rest(&self) -> &'t str {
        self.patch.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.patch.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.patch.text.len());
    }

    /// Past a byte of any text, and past the heredocs that a line break begins.
    fn advance(&mut self) {
        let is_break = self.byte() == Some(b'\n');
        self.skip(1);
        if is_break {
            self.heredocs();
        }
    }

    /// Code, up to the brace that closes the interpolation around it.
    fn code(&mut self, close: Option<u8>) {
        let mut depth = 0;
        while let Some(byte) = self.byte() {
            if Some(byte) == close && depth == 0 {
                return;
            }
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if !self.skip_comment() && !self.literal(byte) {
                self.advance();
            }
        }
    }

    /// `# ..`, and blocks between `=begin` and `=end`.
    fn skip_comment(&mut self) -> bool {
        let rest = self.rest();
        let opens_line = self.at == 0 || self.patch.text.as_bytes()[self.at - 1] == b'\n';
        if opens_line && rest.starts_with("=begin") {
            self.skip(rest.find("\n=end").map_or(rest.len(), |end| end + 1));
            return true;
        }
        if opens_line && rest.starts_with("__END__\n") {
            self.skip(rest.len());
            return true;
        }
        let is_comment = rest.starts_with('#') && self.levels_allow_comment();
        if is_comment {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
        }
        is_comment
    }

    /// Behind `?` and `\` it is a character.
    fn levels_allow_comment(&self) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.patch.text.as_bytes()[at]);
        !matches!(before, Some(b'?' | b'\\' | b'$'))
    }

    /// Past the string or the start of a heredoc that stands here, if any.
    fn literal(&mut self, byte: u8) -> bool {
        let is_character = match self.previous() {
            Some(b'?') => !is_word(self.before_previous()),
            Some(b'$') => true,
            _ => false,
        };
        match byte {
            _ if is_character => false,
            b'"' | b'`' => self.text_until(None, byte, true),
            b'\'' => self.text_until(None, byte, false),
            b'/' if self.is_operand() => self.text_until(None, byte, true),
            b'%' if self.is_operand() => self.percent(),
            b'<' if self.rest().starts_with("<<") => self.heredoc_start(),
            _ => false,
        }
    }

    fn previous(&self) -> Option<u8> {
        self.at.checked_sub(1).map(|at| self.patch.text.as_bytes()[at])
    }

    fn before_previous(&self) -> Option<u8> {
        self.at.checked_sub(2).map(|at| self.patch.text.as_bytes()[at])
    }

    /// A value begins here: an operator, a bracket or a line break is before it.
    fn is_operand(&self) -> bool {
        let before = self.patch.text[..self.at].trim_end_matches([' ', '\t']);
        let has_gap = before.len() < self.at;
        let next = self.patch.text.as_bytes().get(self.at + 1).copied();
        let word = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        if matches!(
            word,
            "if" | "unless" | "when" | "and" | "or" | "not" | "return" | "while" | "until" | "in" | "then"
        ) {
            return true;
        }
        match before.bytes().last() {
            None => true,
            Some(b')' | b']' | b'}' | b'"' | b'\'') => false,
            // `puts /x/`, `a / b`
            Some(byte) if is_word(Some(byte)) => {
                has_gap && next.is_some_and(|next| !next.is_ascii_whitespace() && next != b'=')
            }
            Some(_) => true,
        }
    }

    /// The text of a string, the opening mark to the closing one.
    fn text_until(&mut self, open: Option<u8>, close: u8, has_code: bool) -> bool {
        self.skip(1);
        let mut depth = 0;
        while let Some(byte) = self.byte() {
            match byte {
                b'\\' => {
                    self.skip(1);
                    self.advance();
                }
                b'#' if has_code && self.rest().starts_with("#{") => self.interpolation(),
                byte if byte == close && depth == 0 => {
                    self.skip(1);
                    return true;
                }
                byte => {
                    depth += usize::from(Some(byte) == open);
                    depth -= usize::from(byte == close);
                    self.advance();
                }
            }
        }
        true
    }

    fn interpolation(&mut self) {
        self.skip(2);
        if self.levels < MOST_LEVELS {
            self.levels += 1;
            self.code(Some(b'}'));
            self.levels -= 1;
            self.skip(1);
        }
    }

    /// `%w[..]`, `%Q(..)`, `%(..)`.
    fn percent(&mut self) -> bool {
        let bytes = self.rest().as_bytes();
        let kind = bytes.get(1).copied().filter(|kind| kind.is_ascii_alphabetic());
        let at = if kind.is_some() { 2 } else { 1 };
        let Some(&open) = bytes.get(at) else { return false };
        let is_known = kind.is_none_or(|kind| b"qQwWiIrsx".contains(&kind));
        if !is_known
            || open.is_ascii_alphanumeric()
            || open.is_ascii_whitespace()
            || open >= 0x80
            || open == b'='
        {
            return false;
        }
        self.skip(at);
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            other => other,
        };
        let has_code = !matches!(kind, Some(b'q' | b'w' | b'i' | b's'));
        self.text_until((open != close).then_some(open), close, has_code)
    }

    /// `<<~ID`, `<<-"ID"`, `<<ID`, if a line ends it.
    fn heredoc_start(&mut self) -> bool {
        let rest = self.rest();
        let Some((heredoc, length)) = heredoc(rest, self.levels > 0) else { return false };
        let is_plain = !matches!(rest.as_bytes()[2], b'~' | b'-');
        let follows_value =
            self.previous().is_some_and(|before| is_word(Some(before)) || b")]}".contains(&before));
        if (is_plain && follows_value) || self.endless >= MOST_ENDLESS {
            return false;
        }
        if !rest.split('\n').skip(1).any(|line| is_end(line, &heredoc)) {
            self.endless += 1;
            return false;
        }
        if heredoc.is_inner {
            self.patch.replace(self.at..self.at + length, "\"\"");
        }
        self.skip(length);
        self.pending.push(heredoc);
        true
    }

    /// The texts of those that this line has begun.
    fn heredocs(&mut self) {
        for heredoc in std::mem::take(&mut self.pending) {
            let start = self.at;
            while self.at < self.patch.text.len() {
                let line = self.rest().split('\n').next().unwrap_or_default();
                if is_end(line, &heredoc) {
                    self.skip(line.len());
                    break;
                }
                self.heredoc_line(&heredoc);
            }
            if heredoc.is_inner {
                self.patch.blank(start..self.at);
            }
            // The line break behind the end is the one before the next text.
            self.skip(1);
        }
    }

    fn heredoc_line(&mut self, heredoc: &Heredoc) {
        while let Some(byte) = self.byte() {
            match byte {
                b'\n' => return self.advance(),
                b'\\' if !self.rest().starts_with("\\\n") => self.skip(2),
                b'#' if heredoc.has_code && self.rest().starts_with("#{") => self.interpolation(),
                _ => self.skip(1),
            }
        }
    }
}

fn is_word(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
}

/// The heredoc that begins with `rest`, and the length of its start.
fn heredoc(rest: &str, is_inner: bool) -> Option<(Heredoc, usize)> {
    let after = rest.strip_prefix("<<")?;
    let marked = after.strip_prefix(['~', '-']);
    let name = marked.unwrap_or(after);
    let quote = name.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let (id, length) = match quote {
        Some(quote) => {
            let end = name[1..].find([quote, '\n']).filter(|&end| name[1 + end..].starts_with(quote))?;
            (&name[1..1 + end], end + 2)
        }
        None => {
            let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
            (&name[..end], end)
        }
    };
    let is_name = quote.is_some() || id.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let heredoc = Heredoc {
        id: id.to_string(),
        is_indented: marked.is_some(),
        has_code: quote != Some('\''),
        is_inner,
    };
    (!id.is_empty() && is_name).then(|| (heredoc, rest.len() - name.len() + length))
}

fn is_end(line: &str, heredoc: &Heredoc) -> bool {
    let line = if heredoc.is_indented { line.trim_start() } else { line };
    line == heredoc.id
}

#[cfg(test)]
mod tests {
    use super::super::patch::check;
    use super::*;

    #[test]
    fn heredocs_of_interpolations_are_hidden() {
        check(mended, "a = \"b #{<<-C} d\"\n  in\n  C\nend", "a = \"b #{\"\"  } d\"\n    \n   \nend");
        check(
            mended,
            "a = <<~A\n #{b.c { |d| <<~B }.e}\n  in #{f}\n B\n out\nA\ng",
            "a = <<~A\n #{b.c { |d| \"\"   }.e}\n         \n  \n out\nA\ng",
        );
        check(
            mended,
            "a = <<~A\n#{\n<<~'B c'\n#{\nB c\n}\nA\ng",
            "a = <<~A\n#{\n\"\"      \n  \n   \n}\nA\ng",
        );
        check(
            mended,
            "a <<~A\n#{f(<<~B, <<~C)}\nb\nB\nc\nC\na\nA\ng",
            "a <<~A\n#{f(\"\"  , \"\"  )}\n \n \n \n \na\nA\ng",
        );
    }

    #[test]
    fn other_code_stays() {
        for text in [
            "a = <<~A + <<-B\n #{c}\nA\n #{d << e}\n B\nf",
            "a = <<'A'\n#{<<~B}\nA\nb",
            "class << self; \"#{a <<B}\"; end\nB = 1",
            "# \"#{<<~A}\nA\n%w[#{<<~B}]\nB\n",
            "a = ?\" ; b = $' ; c = \"#{d}\" << E\nE\n",
            "=begin\n\"#{<<~A}\"\n=end\nA\n",
        ] {
            check(mended, text, text);
        }
    }
}
