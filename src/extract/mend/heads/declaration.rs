//! Heads of functions, variables and names of types: of more words than have a
//! place before the name, those most like a macro are hidden, and so are macros
//! behind the parameters.
//!
//! Not here: classes (`named`).

use super::super::c_tokens::{Kind, Token, Tokens, is_word};
use super::words::{is_attribute, is_builtin, is_class_key, is_keyword, is_macro, is_trailing, likeness};
use super::{End, Scan};

impl Scan<'_> {
    /// A function, a variable or a type's name: hides what its head has no
    /// place for.
    pub(super) fn declaration(&mut self, rest: &[Token], end: End) {
        let Some(found) = Specifiers::read(self, rest) else { return };
        for &(start, over) in &found.calls {
            self.hide(rest[start].start, rest[over - 1].end);
        }
        if let Some((start, over)) = found.type_macro {
            // `API(int) f(void)`: the type stays.
            self.hide(rest[start].start, rest[start + 1].start + 1);
            self.hide(rest[over - 1].end - 1, rest[over - 1].end);
            return;
        }
        let mut units = found.units;
        while units.len() > found.places {
            let most = units.iter().map(|unit| unit.likeness).max();
            let Some(index) = units.iter().position(|unit| Some(unit.likeness) == most) else { break };
            let unit = units.remove(index);
            self.hide(rest[unit.start].start, rest[unit.end - 1].end);
        }
        for &token in &found.before_conversion {
            self.hide(token.start, token.end);
        }
        if let Some(at) = found.parameters {
            self.convention_in(rest, at);
            self.trailing(&rest[at + 1..], end);
        }
    }

    /// `(CONVENTION *name)(..)`
    fn convention_in(&mut self, rest: &[Token], at: usize) {
        let group = rest[at];
        let mut inner = Tokens { text: &self.text[..group.end - 1], at: group.start + 1 };
        let is_called = rest.get(at + 1).is_some_and(|next| next.kind == Kind::Round);
        let (Some(word), Some(star), Some(name)) = (inner.next(), inner.next(), inner.next()) else { return };
        let is_pointer = word.kind == Kind::Word && star.kind == Kind::Mark(b'*') && name.kind == Kind::Word;
        if is_called && is_pointer && !is_keyword(self.word(word)) {
            self.hide(word.start, word.end);
        }
    }

    /// Macros behind the parameters of a function.
    fn trailing(&mut self, behind: &[Token], end: End) {
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        let is_all = loop {
            let Some(&token) = behind.get(at) else { break true };
            let word = self.word(token);
            let is_call = behind.get(at + 1).is_some_and(|next| next.kind == Kind::Round);
            match token.kind {
                Kind::Word if is_trailing(word) || is_attribute(word) => at += 1 + usize::from(is_call),
                Kind::Word if is_keyword(word) => return,
                Kind::Word => {
                    found.push((at, at + 1 + usize::from(is_call)));
                    at += 1 + usize::from(is_call);
                }
                Kind::Round | Kind::Square | Kind::Mark(b'&') => at += 1,
                _ => break false,
            }
        };
        let is_sure =
            |&(start, over): &(usize, usize)| over > start + 1 || likeness(self.word(behind[start])) > 1;
        let is_lone = found.len() == 1 && is_all && end != End::Close;
        if is_lone || found.iter().all(is_sure) {
            for (start, over) in found {
                self.hide(behind[start].start, behind[over - 1].end);
            }
        }
    }
}

/// A name in a head, with what qualifies it, or a macro with its arguments.
struct Unit {
    start: usize,
    end: usize,
    likeness: u32,
}

/// What stands before the parameters or the value of a declaration.
#[derive(Default)]
struct Specifiers {
    /// Names, without that of a function.
    units: Vec<Unit>,
    /// How many of them a head can have.
    places: usize,
    /// Macros with arguments.
    calls: Vec<(usize, usize)>,
    /// `API(int)`
    type_macro: Option<(usize, usize)>,
    /// The brackets behind the name.
    parameters: Option<usize>,
    /// `inline` of `inline A::operator int()`, on which the grammar stumbles.
    before_conversion: Vec<Token>,
}

/// A head while it is read, word by word.
struct Reading<'r> {
    scan: &'r Scan<'r>,
    rest: &'r [Token],
    at: usize,
    found: Specifiers,
    has_type: bool,
    has_star: bool,
    has_name: bool,
}

impl Reading<'_> {
    /// `None` where it is no declaration that is known, and else whether it
    /// goes on.
    fn step(&mut self, token: Token) -> Option<bool> {
        match token.kind {
            Kind::Word => return Some(self.word(token)),
            Kind::Mark(b'*' | b'&') => self.has_star = true,
            Kind::Mark(b'~') => self.has_type = true,
            Kind::Scope | Kind::Text => {}
            Kind::Square if self.scan.text[token.start..].starts_with(b"[[") => {}
            Kind::Round if self.has_type || !self.found.units.is_empty() => {
                self.found.parameters = Some(self.at);
                self.has_name = true;
                return Some(false);
            }
            Kind::Square | Kind::Arrow | Kind::Mark(b'=' | b',' | b':') => return Some(false),
            _ => return None,
        }
        self.at += 1;
        Some(true)
    }

    /// A word of the language, or else a name; whether the head goes on.
    fn word(&mut self, token: Token) -> bool {
        let word = self.scan.word(token);
        let next = self.rest.get(self.at + 1).map(|next| next.kind);
        match word {
            b"template" => self.at += 1 + usize::from(next == Some(Kind::Angle)),
            b"operator" => return self.operator(self.at),
            _ if is_attribute(word) && next == Some(Kind::Round) => {
                self.has_type |= matches!(word, b"decltype" | b"typeof" | b"__typeof__" | b"_Atomic");
                self.at += 2;
            }
            _ if is_class_key(word) || word == b"typename" => {
                self.has_type = true;
                self.at += 1;
                while self.rest.get(self.at).is_some_and(|token| token.kind == Kind::Square) {
                    self.at += 1;
                }
                self.at = self.scan.unit_end(self.rest, self.at);
            }
            _ if is_builtin(word) => {
                self.has_type = true;
                self.at += 1;
            }
            _ if is_keyword(word) => self.at += 1,
            _ => return self.name(token),
        }
        true
    }

    /// `operator` at `at` ends a head; whether it goes on, which it does not.
    fn operator(&mut self, at: usize) -> bool {
        let has_star = self.has_star && at == self.at;
        self.found.conversion(self.scan, self.rest, at, has_star);
        self.has_type |= self.found.places == 0;
        self.has_name = true;
        false
    }

    /// A type, the declared name, or a macro; whether the head goes on.
    fn name(&mut self, token: Token) -> bool {
        let (scan, rest, at) = (self.scan, self.rest, self.at);
        let over = scan.unit_end(rest, at);
        if rest.get(over).is_some_and(|&token| scan.word(token) == b"operator") {
            // `A::operator`
            return self.operator(over);
        }
        if rest.get(over).map(|token| token.kind) != Some(Kind::Round) {
            self.found.push(scan, rest, at, over, self.has_star);
            self.at = over;
            return true;
        }
        self.called(token, over)
    }

    /// A name with brackets behind it, which are at `round`: a function, or a
    /// macro with arguments; whether the head goes on.
    fn called(&mut self, token: Token, round: usize) -> bool {
        let (scan, rest, at) = (self.scan, self.rest, self.at);
        let after = rest.get(round + 1).copied();
        let is_first = !self.has_type && !self.has_star && self.found.units.is_empty();
        let is_macro = !is_first && scan.is_called_macro(token, after, &self.found.units, self.has_type);
        let is_prefix = is_first
            && !scan.is_constructor(rest, at, round)
            && !scan.is_old_style(rest, round - 1)
            && round == at + 1
            && after.is_some_and(|after| scan.is_head_word(after));
        if is_prefix && scan.is_typed(rest, round) {
            self.found.type_macro = Some((at, round + 1));
            return false;
        }
        if is_macro || is_prefix {
            self.found.calls.push((at, round + 1));
            self.at = round + 1;
            return true;
        }
        if after.is_some_and(|after| after.kind == Kind::Round) && !self.has_name {
            self.found.push(scan, rest, at, round, self.has_star);
        } else {
            self.has_type |= scan.is_constructor(rest, at, round);
        }
        self.found.parameters = Some(round);
        self.has_name = true;
        false
    }
}

impl Specifiers {
    /// `None` where it is no declaration that is known.
    fn read(scan: &Scan<'_>, rest: &[Token]) -> Option<Self> {
        let found = Specifiers::default();
        let mut reading =
            Reading { scan, rest, at: 0, found, has_type: false, has_star: false, has_name: false };
        while let Some(&token) = rest.get(reading.at) {
            if !reading.step(token)? {
                break;
            }
        }
        let Reading { mut found, has_type, has_name, .. } = reading;
        if found.type_macro.is_some() {
            return Some(found);
        }
        found.places = usize::from(!has_type) + usize::from(!has_name);
        // `LIST(a) b;`: what is called is the type.
        if found.units.len() < found.places {
            found.calls.clear();
        }
        Some(found)
    }

    fn push(&mut self, scan: &Scan<'_>, rest: &[Token], start: usize, end: usize, has_star: bool) {
        let likeness = scan.score(rest, (start, end)) + u32::from(has_star && end == start + 1);
        self.units.push(Unit { start, end, likeness });
    }

    /// A conversion has no type before its name: `places` tells it.
    fn conversion(&mut self, scan: &Scan<'_>, rest: &[Token], at: usize, has_star: bool) {
        let is_word = rest.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Word | Kind::Scope));
        let word = rest.get(at + 1).map_or(&b""[..], |&next| scan.word(next));
        let is_conversion = is_word && !has_star && !matches!(word, b"new" | b"delete" | b"co_await");
        self.places = usize::from(!is_conversion);
        if is_conversion {
            let is_qualified = at > 0 && rest[at - 1].kind == Kind::Scope;
            self.take_specifiers(scan, &rest[..at], if is_qualified { 1 } else { 2 });
        }
    }

    fn take_specifiers(&mut self, scan: &Scan<'_>, before: &[Token], least: usize) {
        let is_one = |token: &&Token| {
            matches!(
                scan.word(**token),
                b"inline" | b"constexpr" | b"consteval" | b"constinit" | b"virtual" | b"static" | b"friend"
            )
        };
        self.before_conversion = before.iter().filter(is_one).copied().collect();
        if self.before_conversion.len() < least {
            self.before_conversion.clear();
        }
    }
}

impl Scan<'_> {
    /// A word that a declaration begins or goes on with.
    fn is_head_word(&self, token: Token) -> bool {
        let word = self.word(token);
        !word.is_empty()
            && !is_trailing(word)
            && !matches!(word, b"asm" | b"__asm__" | b"__asm" | b"requires")
    }

    /// `MACRO(8)` between a type and a name, or behind both.
    fn is_called_macro(&self, token: Token, after: Option<Token>, units: &[Unit], has_type: bool) -> bool {
        if !is_macro(self.word(token)) {
            return false;
        }
        match after.filter(|after| after.kind == Kind::Word) {
            Some(after) => {
                let next = self.word(after);
                self.is_head_word(after) && !is_keyword(next) && !is_macro(next)
            }
            None => {
                let is_named = units.last().is_some_and(|unit| unit.likeness < 3);
                let is_over =
                    after.is_none_or(|after| matches!(after.kind, Kind::Mark(b'=' | b',') | Kind::Square));
                is_over && is_named && units.len() + usize::from(has_type) > 1
            }
        }
    }

    /// `(int)` before `name(..)`: a type in brackets.
    fn is_typed(&self, rest: &[Token], round: usize) -> bool {
        let name = rest.get(round + 1).copied();
        let is_name = name.is_some_and(|name| !self.word(name).is_empty() && !is_keyword(self.word(name)));
        let is_called = rest.get(round + 2).is_some_and(|next| next.kind == Kind::Round);
        let inner = &self.text[rest[round].start + 1..rest[round].end - 1];
        let is_type = inner.iter().any(u8::is_ascii_alphabetic)
            && !inner.first().is_some_and(u8::is_ascii_digit)
            && inner
                .iter()
                .all(|&byte| is_word(byte) || matches!(byte, b' ' | b'*' | b'&' | b':' | b'<' | b'>'));
        is_name && is_called && is_type
    }

    /// Behind `a::b<c>`, from `at` on; `operator` is no part of it.
    pub(super) fn unit_end(&self, rest: &[Token], at: usize) -> usize {
        let kind = |at: usize| rest.get(at).map(|token| token.kind);
        let mut end = at + usize::from(kind(at) == Some(Kind::Scope));
        if kind(end) != Some(Kind::Word) {
            return end;
        }
        end += 1;
        loop {
            end += usize::from(kind(end) == Some(Kind::Angle));
            match (kind(end), kind(end + 1)) {
                (Some(Kind::Scope), Some(Kind::Word)) if self.word(rest[end + 1]) == b"operator" => {
                    return end + 1;
                }
                (Some(Kind::Scope), Some(Kind::Word)) => end += 2,
                (Some(Kind::Scope), Some(Kind::Mark(b'~'))) if kind(end + 2) == Some(Kind::Word) => end += 3,
                (Some(Kind::Scope), Some(Kind::Mark(b'*'))) => return end + 1,
                _ => return end,
            }
        }
    }

    /// `A` in a class `A`, `A::A` outside of it.
    fn is_constructor(&self, rest: &[Token], start: usize, end: usize) -> bool {
        let words: Vec<&[u8]> = rest[start..end].iter().map(|&token| self.word(token)).collect();
        let words: Vec<&[u8]> = words.into_iter().filter(|word| !word.is_empty()).collect();
        match words[..] {
            [word] => self.is_class_name(word),
            [.., class, name] => class == name,
            _ => false,
        }
    }
}
