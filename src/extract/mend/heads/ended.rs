//! A head that has come to its end: which kind it is, and what is mended where
//! it is no declaration of its own: labels, modules, what follows a class.
//!
//! Not here: macros before it (`alone`), classes (`named`), all else that is
//! declared (`declaration`).

use super::super::c_tokens::{Kind, Token, is_word};
use super::named::Named;
use super::words::{is_attribute, is_keyword, is_no_head};
use super::{End, MOST_TOKENS, Place, Scan};

impl Scan<'_> {
    pub(super) fn finish(&mut self, end: End) {
        self.finish_named(end);
    }

    /// Mends a head; the name of the class that it declares.
    pub(super) fn finish_named(&mut self, end: End) -> Option<Token> {
        let head = std::mem::take(&mut self.head);
        let behind_body = self.behind_body;
        self.reset();
        if head.is_empty() || head.len() > MOST_TOKENS {
            return None;
        }
        if behind_body {
            self.behind_body_of_class(&head);
            return None;
        }
        let start = self.leading(&head, end);
        let rest = &head[start..];
        match end {
            _ if rest.is_empty() || self.module(rest, end) => None,
            End::Label => {
                self.label(rest);
                None
            }
            _ if rest.iter().any(|&token| is_no_head(self.word(token))) => None,
            End::Body => {
                self.declaration(rest, end);
                None
            }
            _ => match self.named(rest, end) {
                Named::Not => {
                    self.declaration(rest, end);
                    None
                }
                Named::Unnamed => None,
                Named::As(name) => Some(name),
            },
        }
    }

    /// `} __packed name;`
    fn behind_body_of_class(&mut self, head: &[Token]) {
        for (index, &token) in head.iter().enumerate() {
            let is_called = head.get(index + 1).is_some_and(|next| next.kind == Kind::Round);
            if self.word(token).starts_with(b"__") && !is_attribute(self.word(token)) {
                let end = if is_called { head[index + 1].end } else { token.end };
                self.hide(token.start, end);
            }
        }
    }

    /// `signals:` is `public:`, and so is `public slots:`.
    fn label(&mut self, rest: &[Token]) {
        let last = rest[rest.len() - 1];
        let is_second = rest.len() > 1 && is_keyword(self.word(rest[rest.len() - 2]));
        match self.word(last) {
            b"signals" | b"Q_SIGNALS" => self.write(last, b"public"),
            b"slots" | b"Q_SLOTS" if is_second => self.hide(last.start, last.end),
            _ => {}
        }
    }

    /// `module m;`, `import x;`: the latter is a `using` for the parser, with one
    /// name.
    fn module(&mut self, rest: &[Token], end: End) -> bool {
        let word = self.word(rest[0]);
        let is_one = self.has_modules && end == End::Semicolon && self.place() == Place::File;
        let last = rest[rest.len() - 1];
        let is_name = rest.get(1).is_some_and(|second| match second.kind {
            Kind::Word => rest.len() == 2 || !is_word_list(rest),
            Kind::Text | Kind::Angle | Kind::Mark(b':' | b'<') => true,
            _ => false,
        });
        match word {
            b"module" if is_one && (rest.len() == 1 || is_name) => self.hide(rest[0].start, last.end),
            b"import" if is_one && is_name => {
                self.write(rest[0], b"using");
                let is_text = rest[1].kind == Kind::Text;
                for byte in &mut self.bytes()[rest[1].start..last.end] {
                    *byte = match *byte {
                        b'"' if is_text => b' ',
                        byte if is_word(byte) && byte < 0x80 => byte,
                        _ => b'_',
                    };
                }
            }
            _ => return false,
        }
        true
    }
}

/// `module x;` and not `module x y;`.
fn is_word_list(rest: &[Token]) -> bool {
    rest.windows(2).skip(1).any(|pair| pair.iter().all(|token| token.kind == Kind::Word))
}
