//! Shell: here-documents, whose ends the grammar tells by rules of its own, are
//! hidden with the words that begin them; a compound command as the body of a
//! function (`f() for ..; done`) becomes one in braces; `;&` and `;;&` become `;;`.
//!
//! Not here: what zsh alone knows. A document whose end is not found stays.

use std::ops::Range;

use super::patch::Patch;

pub(super) fn mended(text: &str) -> Option<String> {
    if !has_work(text) {
        return None;
    }
    let mut scan = Scan { patch: Patch::new(text), at: 0, pending: Vec::new(), levels: 0, endless: 0 };
    scan.commands(None);
    scan.patch.done()
}

/// A here-document, a body that is a loop or a `case`, a clause that falls through.
fn has_work(text: &str) -> bool {
    let has_document = || {
        let mut starts = text.match_indices("<<").map(|(at, _)| &text[at + 2..]);
        starts.any(|rest| !rest.starts_with(['<', '=']))
    };
    let is_compound = |rest: &str| {
        let rest = rest.trim_start();
        ["for", "while", "until", "case", "select"].iter().any(|word| rest.starts_with(word))
    };
    let has_body = || text.match_indices(')').any(|(at, _)| is_compound(&text[at + 1..]));
    let has_named_body = || {
        let mut names =
            text.match_indices("function ").map(|(at, word)| text[at + word.len()..].trim_start());
        names.any(|name| is_compound(name.trim_start_matches(|c: char| !c.is_whitespace())))
    };
    text.contains(";&") || text.contains(";;&") || has_document() || has_body() || has_named_body()
}

/// Here-documents without an end, beyond which none is looked for any more: each
/// costs a look at the rest of the file.
const MOST_ENDLESS: usize = 50;

/// Substitutions within each other, beyond which nothing is looked at.
const MOST_LEVELS: usize = 60;

/// A here-document that was begun on this line.
struct Document {
    /// Without quotes.
    end: String,
    strips_tabs: bool,
    /// `<<` and the word behind it.
    start: Range<usize>,
}

/// A compound command that is not over.
struct Compound {
    word: &'static str,
    /// Its first byte.
    start: usize,
    /// It is the body of a function.
    is_body: bool,
    state: State,
    /// Blanked where it is a body: heads and patterns.
    heads: Vec<Range<usize>>,
    /// `;;` at this level.
    ends: Vec<Range<usize>>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// What stands before `in` or `do`.
    Head,
    /// Before the `)` of a `case`.
    Pattern,
    Commands,
}

struct Scan<'t> {
    patch: Patch<'t>,
    at: usize,
    pending: Vec<Document>,
    levels: usize,
    /// Here-documents whose end was not found.
    endless: usize,
}

/// What a word may be, by what stands before it.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// The first of a command.
    Command,
    /// Behind `name ()` or `function name`.
    Body,
    Argument,
}

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

    /// Commands, up to the parenthesis that closes the substitution around them.
    fn commands(&mut self, close: Option<u8>) {
        let mut open: Vec<Compound> = Vec::new();
        let mut place = Place::Command;
        // Parentheses of subshells.
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            let in_pattern = open.last().is_some_and(|last| last.state == State::Pattern);
            match byte {
                b')' if in_pattern => {
                    self.skip(1);
                    if let Some(case) = open.last_mut() {
                        case.state = State::Commands;
                        if let Some(head) = case.heads.last_mut() {
                            head.end = self.at;
                        }
                    }
                    place = Place::Command;
                }
                b')' if close == Some(b')') && depth == 0 => return,
                b'\n' => {
                    self.line_break();
                    place = if place == Place::Body { Place::Body } else { Place::Command };
                }
                b' ' | b'\t' | b'\r' => self.skip(1),
                b'#' => {
                    let length = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.skip(length);
                }
                b'\\' if self.rest().starts_with("\\\n") => self.skip(2),
                b';' => place = self.separator(&mut open),
                b'&' if self.rest().starts_with("&>") => self.skip(1),
                b'&' | b'|' => {
                    self.skip(1);
                    place = Place::Command;
                }
                b'(' if in_pattern => self.skip(1),
                b'(' if self.rest().starts_with("((") && place != Place::Argument => {
                    self.arithmetic();
                    place = Place::Argument;
                }
                b'(' => {
                    self.skip(1);
                    depth += 1;
                    place = Place::Command;
                }
                b')' => {
                    self.skip(1);
                    depth = depth.saturating_sub(1);
                    place = Place::Argument;
                }
                b'<' | b'>' => self.redirection(),
                _ => place = self.command_word(&mut open, place),
            }
        }
    }

    /// `;`, or what ends a clause of `case`.
    fn separator(&mut self, open: &mut [Compound]) -> Place {
        let rest = self.rest();
        let length =
            [";;&", ";;", ";&"].iter().find(|end| rest.starts_with(**end)).map_or(1, |end| end.len());
        let range = self.at..self.at + length;
        self.skip(length);
        if length > 1 {
            self.patch.replace(range.clone(), ";;");
            if let Some(case) = open.last_mut().filter(|last| last.word == "case") {
                case.state = State::Pattern;
                case.ends.push(range);
                case.heads.push(self.at..self.at);
            }
        }
        Place::Command
    }

    /// A word and what it begins or ends.
    fn command_word(&mut self, open: &mut Vec<Compound>, place: Place) -> Place {
        let start = self.at;
        self.word();
        if self.at == start {
            self.skip(1);
        }
        let word = self.patch.text.get(start..self.at).unwrap_or_default();
        match open.last_mut() {
            Some(last) if last.state == State::Head && last.word == "case" => {
                if word == "in" {
                    last.state = State::Pattern;
                    last.heads.push(last.start + "case".len()..self.at);
                    last.heads.push(self.at..self.at);
                }
                return Place::Argument;
            }
            Some(last) if last.state == State::Pattern && word == "esac" => {
                last.heads.pop();
                return self.end(open);
            }
            Some(last) if last.state == State::Pattern => return Place::Argument,
            _ => {}
        }
        if place == Place::Argument {
            return Place::Argument;
        }
        self.keyword(open, place, word, start)
    }

    fn keyword(&mut self, open: &mut Vec<Compound>, place: Place, word: &str, start: usize) -> Place {
        let is_body = place == Place::Body;
        match word {
            "case" | "for" | "select" | "while" | "until" => {
                let word =
                    ["case", "for", "select", "while", "until"].into_iter().find(|known| *known == word);
                let (heads, ends) = Default::default();
                let word = word.unwrap_or_default();
                open.push(Compound { word, start, is_body, state: State::Head, heads, ends });
                match word {
                    "while" | "until" => Place::Command,
                    _ => self.head_of_loop(word),
                }
            }
            "do" => {
                if let Some(last) = open.last_mut().filter(|last| last.state == State::Head) {
                    last.state = State::Commands;
                    let is_counted = matches!(last.word, "for" | "select");
                    let head = if is_counted { last.start + last.word.len() } else { start };
                    last.heads.push(head..self.at);
                }
                Place::Command
            }
            "done" | "esac" => self.end(open),
            "if" | "then" | "else" | "elif" | "!" | "{" | "time" | "coproc" => Place::Command,
            "function" => {
                self.blanks();
                self.word();
                self.skip_parentheses();
                Place::Body
            }
            _ if self.skip_parentheses() => Place::Body,
            // `a=1 command`
            _ if is_assignment(word) => Place::Command,
            _ => Place::Argument,
        }
    }

    /// `((i = 0; i < 3; i++))` holds semicolons.
    fn head_of_loop(&mut self, word: &str) -> Place {
        self.blanks();
        if word == "for" && self.rest().starts_with("((") {
            self.arithmetic();
            return Place::Command;
        }
        if word != "case" {
            self.word();
        }
        Place::Argument
    }

    /// The innermost compound command is over; one that is a body is put in braces.
    fn end(&mut self, open: &mut Vec<Compound>) -> Place {
        let is_case = self.patch.text[..self.at].ends_with("esac");
        if open.last().is_none_or(|last| (last.word == "case") != is_case) {
            return Place::Argument;
        }
        let Some(last) = open.pop().filter(|last| last.is_body) else { return Place::Argument };
        let opening = if last.word == "case" { "{ :;" } else { "{" };
        self.patch.replace(last.start..last.start + last.word.len(), opening);
        for head in last.heads {
            self.patch.blank(head);
        }
        for end in last.ends {
            self.patch.replace(end, ":;");
        }
        self.patch.replace(self.at - "done".len()..self.at, "   }");
        Place::Argument
    }

    fn blanks(&mut self) {
        let length = self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.skip(length);
    }

    /// `()` behind a name.
    fn skip_parentheses(&mut self) -> bool {
        let rest = self.rest().as_bytes();
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let inner = rest.get(blanks + 1..).unwrap_or_default();
        let gap = inner.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let is_there = rest.get(blanks) == Some(&b'(') && inner.get(gap) == Some(&b')');
        if is_there {
            self.skip(blanks + gap + 2);
        }
        is_there
    }

    /// A word with what is quoted and substituted in it.
    fn word(&mut self) {
        while let Some(byte) = self.byte() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b')' | b'`'
                    if !self.is_substitution() =>
                {
                    return;
                }
                b'(' if !self.is_pattern() => return,
                b'(' => self.group(),
                b'\\' => self.skip(2),
                b'\'' => self.single(),
                b'"' => self.double(),
                b'`' | b'$' | b'<' | b'>' => self.substitution(),
                _ => self.skip(1),
            }
        }
    }

    /// `<(`, `>(`, a backtick.
    fn is_substitution(&self) -> bool {
        let rest = self.rest();
        rest.starts_with("<(") || rest.starts_with(">(") || rest.starts_with('`')
    }

    /// `@(a|b)`, `a=(..)`, glob qualifiers.
    fn is_pattern(&self) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.patch.text.as_bytes()[at]);
        matches!(before, Some(b'@' | b'!' | b'?' | b'*' | b'+' | b'='))
    }

    /// `(..)` in a word: an array or a pattern.
    fn group(&mut self) {
        self.skip(1);
        if self.levels >= MOST_LEVELS {
            return;
        }
        self.levels += 1;
        while let Some(byte) = self.byte().filter(|&byte| byte != b')') {
            match byte {
                b'#' if self.opens_word() => {
                    let length = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.skip(length);
                }
                b'(' => self.group(),
                b'\\' => self.skip(2),
                b'\'' => self.single(),
                b'"' => self.double(),
                b'`' | b'$' | b'<' | b'>' => self.substitution(),
                _ => self.skip(1),
            }
        }
        self.levels -= 1;
        self.skip(1);
    }

    fn opens_word(&self) -> bool {
        self.at.checked_sub(1).is_none_or(|at| self.patch.text.as_bytes()[at].is_ascii_whitespace())
    }

    fn single(&mut self) {
        let is_dollar = self.at > 0 && self.patch.text.as_bytes()[self.at - 1] == b'$';
        self.skip(1);
        while let Some(byte) = self.byte().filter(|&byte| byte != b'\'') {
            self.skip(if byte == b'\\' && is_dollar { 2 } else { 1 });
        }
        self.skip(1);
    }

    fn double(&mut self) {
        self.skip(1);
        while let Some(byte) = self.byte().filter(|&byte| byte != b'"') {
            match byte {
                b'\\' => self.skip(2),
                b'$' | b'`' => self.substitution(),
                _ => self.skip(1),
            }
        }
        self.skip(1);
    }

    /// `$(..)`, `${..}`, `$((..))`, `<(..)`, and backticks.
    fn substitution(&mut self) {
        let rest = self.rest();
        if self.levels >= MOST_LEVELS {
            return self.skip(1);
        }
        self.levels += 1;
        if rest.starts_with("$((") && self.is_arithmetic() {
            self.skip(1);
            self.arithmetic();
        } else if rest.starts_with("$(") || rest.starts_with("<(") || rest.starts_with(">(") {
            self.skip(2);
            let around = std::mem::take(&mut self.pending);
            self.commands(Some(b')'));
            self.pending.splice(0..0, around);
            self.skip(1);
        } else if rest.starts_with("${") {
            self.skip(2);
            self.parameter();
        } else if rest.starts_with("$'") {
            self.skip(1);
            self.single();
        } else if rest.starts_with('`') {
            self.skip(1);
            while let Some(byte) = self.byte().filter(|&byte| byte != b'`') {
                self.skip(if byte == b'\\' { 2 } else { 1 });
            }
            self.skip(1);
        } else {
            self.skip(1);
        }
        self.levels -= 1;
    }

    /// Up to the `}` of `${name:-..}`.
    fn parameter(&mut self) {
        while let Some(byte) = self.byte().filter(|&byte| byte != b'}') {
            match byte {
                b'\\' => self.skip(2),
                b'"' => self.double(),
                b'$' | b'`' => self.substitution(),
                _ => self.skip(1),
            }
        }
        self.skip(1);
    }

    /// `$((` may also be a subshell in a substitution.
    fn is_arithmetic(&self) -> bool {
        let near = self.rest().as_bytes();
        let near = near[..near.len().min(1_000)].split(|&byte| byte == b'\n').next().unwrap_or_default();
        near.windows(2).any(|pair| pair == b"))")
    }

    /// Up to `))`.
    fn arithmetic(&mut self) {
        self.skip(2);
        let mut depth = 2_usize;
        while let Some(byte) = self.byte().filter(|_| depth > 0) {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'"' => {
                    self.double();
                    continue;
                }
                b'\'' => {
                    self.single();
                    continue;
                }
                _ => {}
            }
            self.skip(1);
        }
    }

    /// `<`, `>`, `<<<`, and the start of a here-document.
    fn redirection(&mut self) {
        let rest = self.rest();
        if rest.starts_with("<(") || rest.starts_with(">(") {
            return self.substitution();
        }
        let signs = rest.bytes().take_while(|byte| matches!(byte, b'<' | b'>' | b'&' | b'|')).count();
        if !rest.starts_with("<<") || rest.starts_with("<<<") {
            return self.skip(signs.max(1));
        }
        let start = self.at;
        self.skip(2);
        let strips_tabs = self.byte() == Some(b'-');
        self.skip(usize::from(strips_tabs));
        self.blanks();
        let word = self.at;
        self.word();
        let end = unquoted(self.patch.text.get(word..self.at).unwrap_or_default());
        if !end.is_empty() && self.endless < MOST_ENDLESS {
            self.pending.push(Document { end, strips_tabs, start: start..self.at });
        }
    }

    /// The here-documents of the line that ends here.
    fn line_break(&mut self) {
        self.skip(1);
        for document in std::mem::take(&mut self.pending) {
            match self.document_end(&document) {
                Some(over) => {
                    self.patch.blank(document.start);
                    self.patch.blank(self.at..over);
                    self.at = over;
                    self.skip(1);
                }
                None => self.endless += 1,
            }
        }
    }

    /// The end of the line that ends it.
    fn document_end(&self, document: &Document) -> Option<usize> {
        let mut start = self.at;
        for line in self.rest().split('\n') {
            let text = if document.strips_tabs { line.trim_start_matches('\t') } else { line };
            if text == document.end {
                return Some(start + line.len());
            }
            start += line.len() + 1;
        }
        None
    }
}

/// `E"O"F`, `'EOF'`, `\EOF`, `$'EOF'` without quotes.
fn unquoted(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut quote = None;
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) => out.extend(chars.next()),
            ('$', None) if matches!(chars.peek(), Some('\'' | '"')) => {}
            _ => out.push(c),
        }
    }
    out
}

/// `name=value`, `name+=value`, `name[1]=value`.
fn is_assignment(word: &str) -> bool {
    let name = word.split(['=', '[', '+']).next().unwrap_or_default();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name && name.len() < word.len() && word.contains('=')
}

#[cfg(test)]
mod tests {
    use super::super::patch::check;
    use super::*;

    #[test]
    fn here_documents_are_hidden() {
        for (start, expected) in [
            ("<<EOF", "     "),
            ("<< EOF", "      "),
            ("<<-EOF", "      "),
            ("<<'EOF'", "       "),
            ("<<E\"O\"F", "       "),
            ("<<\\EOF", "      "),
            ("<<$'EOF'", "        "),
        ] {
            check(
                mended,
                &format!("cat {start}; a\ntext\nEOF\nb"),
                &format!("cat {expected}; a\n    \n   \nb"),
            );
        }
        check(mended, "a <<A <<B\nx\nA\ny() {\nB\nb", "a        \n \n \n     \n \nb");
        check(mended, ": <<'A'\n A\nb() {\nA\nb", ":      \n  \n     \n \nb");
        check(
            mended,
            "a <<A | while read l; do\n`x'\nA\n x\ndone",
            "a     | while read l; do\n   \n \n x\ndone",
        );
        check(mended, "x=$(a <<A\n)\nA\n) <<B\n(\nB\n", "x=$(a    \n \n \n)    \n \n \n");
        check(mended, "a <<A \"b\nc\" \\\n d\nA (\nA\n", "a     \"b\nc\" \\\n d\n   \n \n");
        check(mended, "a <<-A\n\tx\n\tA\nb <<A-1\nx\nA-1\n", "a     \n\t \n\t \nb      \n \n   \n");
    }

    #[test]
    fn bodies_of_functions_get_braces() {
        check(mended, "g() for i in 1; do x; done", "g() {              x;    }");
        check(mended, "function g while x; do y; done", "function g {     x;    y;    }");
        check(mended, "g()\n  until x\n  do y\n  done", "g()\n  {     x\n     y\n     }");
        check(mended, "g() for ((i=0; i<3; i++)); do x; done", "g() {                         x;    }");
        check(mended, "g() case $1 in a) x;; (b|c) y; esac", "g() { :;          x:;       y;    }");
        check(mended, "g() for i; do for j; do x; done; done", "g() {         for j; do x; done;    }");
    }

    #[test]
    fn ends_of_clauses_are_those_that_the_grammar_knows() {
        check(mended, "case x in a) y;;& b) z;& esac", "case x in a) y;;  b) z;; esac");
    }

    #[test]
    fn other_code_stays() {
        for text in [
            "x=$((1 << 2)); (( a << b )); echo '<<A'; # <<A\nA\n",
            "cat <<< A\nA\nf() { x; }\n",
            "cat <<EOF\nno end\n",
            "for i in a; do x; done\ncase x in a) y ;; esac\nf() ( x )\nfunction g { y; }\n",
            "echo \"${a:-it's} $(b \"c\")\" `d` e#f\nf() {\n  for i; do x; done\n}\n",
            "a=(b 'c' # d'\n $(e)) f() { x; }\n",
            "[[ a =~ ^(b|c)$ ]] && x; let 'y = 1 << 2'\nf() if x; then y; fi\n",
        ] {
            check(mended, text, text);
        }
    }
}
