//! Where a decision stands, read off the words that people write for it. Only
//! the status itself counts, at its beginning: a sentence that mentions another
//! decision's end is none. What is not known is proposed.

use super::super::RecordStatus;
use super::date;
use super::note::{cells, plain};
use crate::search_terms;

/// What a status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatedStatus {
    Known(RecordStatus),
    /// Words that are no status.
    Unknown,
    /// The choices of a form that nobody filled in.
    Choices,
}

/// Names of the field, folded.
pub const KEYS: &[&str] = &[
    "status",
    "statut",
    "estado",
    "stato",
    "situacao",
    "stan",
    "durum",
    "статус",
    "状态",
    "狀態",
    "状況",
    "状態",
    "ステータス",
    "상태",
];

/// Words before the name that change nothing.
const OF_WHAT: &[&str] = &["adr", "current", "decision", "document", "proposal", "record"];

/// Fields that name a successor.
pub const SUCCESSORS: &[&str] = &[
    "superseded by",
    "superceded by",
    "superseded-by",
    "superseded_by",
    "supersededby",
    "replaced by",
    "replaced-by",
    "replaced_by",
    "obsoleted by",
];

/// Beginnings of a status, folded. Longer ones come before their own
/// beginnings; where a word must end is told by its script.
#[rustfmt::skip]
const WORDS: &[(RecordStatus, &[&str])] = &[
    (RecordStatus::Accepted, &[
        "accepted", "accept", "approved", "approve", "adopted", "agreed", "decided", "ratified", "confirmed", "endorsed",
        "active", "effective", "enacted", "enforced", "in force", "in effect", "in use", "final", "finalized", "finalised",
        "living", "implemented", "done", "complete", "completed", "committed", "valid", "current", "merged", "ok", "passed",
        "settled", "signed off", "deployed", "shipped", "reaffirmed", "validated",
        // German, Dutch, Swedish
        "akzeptiert", "angenommen", "beschlossen", "entschieden", "genehmigt", "freigegeben", "verabschiedet", "gultig",
        "umgesetzt", "geaccepteerd", "aanvaard", "goedgekeurd", "aangenomen", "besloten", "accepterad", "godkand", "antagen",
        // French, Spanish, Portuguese, Italian
        "acceptee", "accepte", "approuvee", "approuve", "adoptee", "adopte", "validee", "valide", "decidee", "decide", "actee",
        "acte", "aceptado", "aceptada", "aprobado", "aprobada", "adoptado", "adoptada", "decidido", "aceito", "aceita", "aceite",
        "aprovado", "aprovada", "adotado", "adotada", "accettato", "accettata", "approvato", "approvata", "adottato", "adottata",
        // Polish, Turkish, Russian
        "zaakceptowany", "zaakceptowana", "zaakceptowane", "przyjeta", "przyjety", "przyjete", "zatwierdzone", "zatwierdzona",
        "kabul edildi", "onaylandi", "принято", "принята", "принят", "утверждено", "утвержден", "утверждена", "одобрено",
        "одобрен", "одобрена", "согласовано",
        // Chinese, Japanese, Korean
        "已接受", "接受", "已采纳", "采纳", "已采用", "采用", "已通过", "通过", "已批准", "批准", "已生效", "已确认", "已決定", "已决定",
        "已實施", "已实施", "已採納", "採納", "承認", "採用", "採択", "決定", "受理", "合意", "승인", "수락", "채택", "확정", "합의",
    ]),
    (RecordStatus::Rejected, &[
        "rejected", "reject", "declined", "denied", "refused", "withdrawn", "abandoned", "cancelled", "canceled", "dropped",
        "discarded", "dismissed", "vetoed", "disapproved", "scrapped", "turned down", "not adopted", "not pursued", "won't do",
        "wont do", "won't fix", "no-go",
        "abgelehnt", "verworfen", "zuruckgezogen", "afgewezen", "verworpen", "geweigerd", "ingetrokken", "avvisad", "avslagen",
        "rejetee", "rejete", "refusee", "refuse", "abandonnee", "abandonne", "rechazado", "rechazada", "descartado",
        "descartada", "cancelado", "cancelada", "rejeitado", "rejeitada", "recusado", "recusada", "rifiutato", "rifiutata",
        "respinto", "respinta", "odrzucona", "odrzucony", "odrzucone", "reddedildi", "отклонено", "отклонен", "отклонена",
        "отвергнуто", "отменено", "已拒绝", "拒绝", "已否决", "否决", "已拒絕", "拒絕", "却下", "否決", "不採用", "不採択", "不采纳", "不采用",
        "거부", "거절", "반려", "기각",
    ]),
    (RecordStatus::Superseded, &[
        "superseded", "superceded", "superseeded", "replaced", "obsoleted", "obsolete", "deprecated", "depreciated", "retired",
        "reverted", "rolled back", "revoked", "rescinded", "expired", "archived", "outdated", "overridden", "overturned",
        "sunset", "end of life", "historical", "historic", "invalidated", "no longer",
        "ersetzt", "abgelost", "veraltet", "uberholt", "obsolet", "vervangen", "verouderd", "ersatt", "remplacee", "remplace",
        "obsolete", "depreciee", "deprecie", "supplantee", "supplante", "reemplazado", "reemplazada", "sustituido", "sustituida",
        "obsoleto", "obsoleta", "deprecado", "deprecada", "substituido", "substituida", "descontinuado", "descontinuada",
        "sostituito", "sostituita", "superato", "superata", "deprecato", "deprecata", "zastapiona", "zastapiony", "zastapione",
        "przestarzala", "przestarzale", "gecersiz", "заменено", "заменен", "заменена", "устарело", "устарел", "устарела",
        "已取代", "取代", "已被", "被取代", "已替代", "已废弃", "废弃", "已弃用", "弃用", "已過時", "已过时", "已廢棄", "廃止", "非推奨", "置き換え",
        "置換", "代替", "失効", "대체", "폐기", "폐지", "사용 중단",
    ]),
    (RecordStatus::Proposed, &[
        "proposed", "draft", "pending", "open", "in review", "under review", "review", "in progress", "wip", "idea",
        "final comment", "final review", "final draft", "last call", "active discussion", "active review", "on hold", "deferred", "postponed", "in discussion", "discussion", "experimental", "trial", "stagnant",
        "undecided", "tbd", "todo",
        "vorgeschlagen", "vorschlag", "entwurf", "offen", "voorgesteld", "concept", "foreslagen", "proposee", "propose",
        "brouillon", "propuesto", "propuesta", "borrador", "proposto", "proposta", "rascunho", "bozza", "proponowana",
        "proponowany", "propozycja", "onerildi", "taslak", "предложено", "предложен", "черновик", "提议", "已提议", "提案", "草案", "建议",
        "待定", "讨论中", "審議中", "検討中", "제안", "초안", "검토",
    ]),
];

/// Words before a status that leave it as it is.
const FILLERS: &[&str] = &[
    "adr",
    "decision",
    "record",
    "proposal",
    "rfc",
    "status",
    "state",
    "this",
    "the",
    "a",
    "an",
    "it",
    "we",
    "is",
    "was",
    "were",
    "are",
    "has",
    "have",
    "had",
    "been",
    "be",
    "being",
    "fully",
    "formally",
    "officially",
    "now",
    "currently",
    "mostly",
    "already",
    "unanimously",
    "finally",
    "internally",
    "retroactively",
    "partially",
    "partly",
    "largely",
    "later",
    "since",
    "but",
    "and",
    "then",
    "wurde",
    "ist",
    "est",
    "ete",
    "es",
    "e",
    "foi",
    "est",
    "a",
];

/// Marks of the end of a decision that held, inside its status.
const ENDS: &[&str] = &[
    "superseded by",
    "superceded by",
    "superseeded by",
    "replaced by",
    "superseded in favo",
    "deprecated in favo",
    "superseded with",
    "ersetzt durch",
    "abgelost durch",
    "remplacee par",
    "remplace par",
    "reemplazado por",
    "sustituido por",
    "substituido por",
    "sostituito da",
    "заменено на",
];

/// Before them: words with which they are no end, or none yet.
const NOT_ENDS: &[&str] =
    &["partially", "partly", "part", "may", "will", "could", "should", "not", "until", "unless", "if"];

/// What the text of a status field or section says.
pub fn read(text: &str) -> StatedStatus {
    let items = items(text);
    let Some(first) = items.first() else { return StatedStatus::Unknown };
    if is_choice(&first.text) || items.len() > 2 && items.iter().all(|item| is_one_word(&item.text)) {
        return StatedStatus::Choices;
    }
    match of_history(&items).or_else(|| statement(&first.text)) {
        None => StatedStatus::Unknown,
        Some(RecordStatus::Accepted | RecordStatus::Proposed)
            if items.iter().any(|item| is_ended(&item.text)) =>
        {
            StatedStatus::Known(RecordStatus::Superseded)
        }
        Some(status) => StatedStatus::Known(status),
    }
}

/// Of a list of what it was, one after the other, the last by day, else by
/// place.
fn of_history(items: &[StatusItem]) -> Option<RecordStatus> {
    let steps: Vec<RecordStatus> = items.iter().map_while(|item| statement(&item.text)).collect();
    let is_history = items.len() > 1 && steps.len() == items.len() && items.iter().all(|item| item.is_listed);
    let dates: Vec<_> = items.iter().map(|item| date::find(&item.text)).collect();
    let newest = dates.iter().flatten().max().filter(|_| dates.iter().all(Option::is_some));
    let last = newest.and_then(|newest| dates.iter().rposition(|date| date.as_ref() == Some(newest)));
    steps.get(last.unwrap_or(steps.len().saturating_sub(1))).filter(|_| is_history).copied()
}

/// What a word that stands alone, or with its reason, says.
pub fn word(text: &str) -> Option<RecordStatus> {
    statement(&folded(text))
}

fn folded(text: &str) -> String {
    search_terms::fold(&plain(text)).to_lowercase()
}

/// A paragraph, an item of a list, a line with its own date, or a row of a table.
struct StatusItem {
    /// Folded.
    text: String,
    is_listed: bool,
    is_quoted: bool,
}

/// What a text consists of; of boxes to tick only the ticked ones, of quotations
/// only where there is nothing else.
fn items(text: &str) -> Vec<StatusItem> {
    let mut items: Vec<StatusItem> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        let is_quoted = line.trim_start().starts_with('>');
        let line = line.trim_start().trim_start_matches(['>', ' ']);
        let (line, is_item) = without_bullet(line);
        let row = cells(line).map(|cells| of_row(&cells));
        let line = match (box_of(line), &row) {
            (Some((true, said)), _) => said,
            (Some((false, _)), _) | (_, Some(None)) => continue,
            (None, Some(Some(row))) => row,
            (None, None) => line,
        };
        let said = folded(line);
        let said = said.trim();
        if said.chars().all(|c| !c.is_alphanumeric()) {
            is_open = false;
            continue;
        }
        let is_dated = date::first(said.trim_start_matches(['[', '('])).is_some_and(|(_, at)| at.start == 0);
        let is_listed = is_item || is_dated || row.is_some();
        match items.last_mut().filter(|last| is_open && !is_listed && last.is_quoted == is_quoted) {
            Some(item) => {
                item.text.push('\n');
                item.text.push_str(said);
            }
            None => items.push(StatusItem { text: said.to_string(), is_listed, is_quoted }),
        }
        is_open = true;
    }
    let has_own = items.iter().any(|item| !item.is_quoted);
    items.retain(|item| (!has_own || !item.is_quoted) && !is_other_field(&item.text));
    items
}

/// The cell of a row that is a status, with the others behind it.
fn of_row(cells: &[String]) -> Option<String> {
    let at = cells.iter().position(|cell| word(cell).is_some())?;
    let others = cells.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, cell)| cell.as_str());
    Some([cells[at].as_str()].into_iter().chain(others).collect::<Vec<_>>().join(" "))
}

/// `date: 2020-01-02` below a status says nothing about it.
fn is_other_field(item: &str) -> bool {
    let Some((key, value)) = start(item).split_once([':', '：']) else { return false };
    let is_name = |name: &&str| *name == key.trim();
    key.split_whitespace().count() < 4
        && !KEYS.iter().any(&is_name)
        && !SUCCESSORS.iter().any(is_name)
        && statement(key).is_none()
        && !is_one_word(value)
}

fn without_bullet(line: &str) -> (&str, bool) {
    for bullet in ["- ", "* ", "+ ", "• "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return (rest.trim_start(), true);
        }
    }
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match digits.strip_prefix(". ").or_else(|| digits.strip_prefix(") ")) {
        Some(rest) if digits.len() < line.len() => (rest.trim_start(), true),
        _ => (line, false),
    }
}

fn box_of(line: &str) -> Option<(bool, &str)> {
    let ticked = ["[x]", "[X]", "☑", "✅", "🗹", "(x)"].iter().find_map(|mark| line.strip_prefix(mark));
    let open = ["[ ]", "[]", "☐", "⬜", "( )"].iter().find_map(|mark| line.strip_prefix(mark));
    ticked.map(|said| (true, said)).or(open.map(|said| (false, said)))
}

/// The status with which a text begins; of `proposed -> accepted` the last one.
fn statement(text: &str) -> Option<RecordStatus> {
    let text = text.replace("->", "→").replace("=>", "→").replace(['➔', '⇒'], "→");
    let steps: Vec<&str> = text.split('→').collect();
    let last = steps.last().filter(|_| steps.len() > 1).and_then(|last| begins(last));
    last.or_else(|| begins(steps.first()?))
}

fn begins(text: &str) -> Option<RecordStatus> {
    let mut rest = without_key(start(text));
    for _ in 0..5 {
        if let Some(status) = known(rest) {
            return Some(status);
        }
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        if end == 0 || !FILLERS.contains(&&rest[..end]) {
            return None;
        }
        rest = start(&rest[end..]);
    }
    None
}

/// Without emoji, brackets, a date and what else may stand before a word.
fn start(text: &str) -> &str {
    let trim = |text: &'_ str| text.len() - text.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let text = &text[trim(text)..];
    let dated = date::first(text).filter(|(_, at)| at.start == 0).map_or(text, |(_, at)| &text[at.end..]);
    let text = &dated[trim(dated)..];
    // `:white_check_mark: accepted`
    match text.split_once(": ") {
        Some((name, rest)) if name.contains('_') && !name.contains(' ') => {
            rest.trim_start_matches(|c: char| !c.is_alphanumeric())
        }
        _ => text,
    }
}

fn without_key(text: &str) -> &str {
    let key = KEYS.iter().find_map(|key| text.strip_prefix(key));
    match key.and_then(|rest| rest.trim_start().strip_prefix([':', '：', '='])) {
        Some(rest) => start(rest),
        None => text,
    }
}

fn known(text: &str) -> Option<RecordStatus> {
    let fits = |word: &&str| text.strip_prefix(*word).is_some_and(|rest| ends_here(word, rest));
    let all = WORDS.iter().flat_map(|(status, words)| words.iter().map(move |word| (word, *status)));
    all.filter(|(word, _)| fits(word)).max_by_key(|(word, _)| word.len()).map(|(_, status)| status)
}

/// Chinese, Japanese and Korean put no space between words.
fn ends_here(word: &str, rest: &str) -> bool {
    let is_spaced = word.chars().all(|c| (c as u32) < 0x2e80);
    !is_spaced || !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// Whether the text lets one choose from three or more.
fn is_choice(text: &str) -> bool {
    let is_listed = text.starts_with(['[', '{', '<', '(']);
    let parts = text
        .split(|c| matches!(c, '|' | '/') || is_listed && c == ',')
        .map(|part| part.trim_matches(|c: char| !c.is_alphanumeric()));
    let words: Vec<&str> = parts.collect();
    let are_known = words.iter().filter(|part| known(part).is_some()).count();
    let is_question = text.starts_with("what is the status") || text.contains("such as proposed");
    is_question || words.len() > 2 && are_known > 2
}

fn is_one_word(item: &str) -> bool {
    let item = item.trim_matches(|c: char| !c.is_alphanumeric());
    !item.contains(char::is_whitespace) && known(item).is_some()
}

/// Whether a paragraph says that the decision was ended by another one.
fn is_ended(item: &str) -> bool {
    let begins_so = |line: &str| {
        let mut line = start(line);
        for filler in ["this ", "adr ", "decision ", "was ", "is ", "has been "] {
            line = line.strip_prefix(filler).unwrap_or(line);
        }
        ENDS.iter().any(|end| line.starts_with(end))
    };
    let names = |end: &&str| {
        item.find(*end).is_some_and(|at| {
            let mut before =
                item[..at].rsplit(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            let by_this = item[at + end.len()..].trim_start().starts_with("this");
            !by_this && !before.by_ref().take(2).any(|word| NOT_ENDS.contains(&word))
        })
    };
    let is_statement = statement(item).is_some() || begins_so(item);
    item.lines().any(begins_so) || is_statement && ENDS.iter().any(names)
}

/// Whether a heading or key, folded, is the field's name; `state` is one only
/// where its value is known.
pub fn is_key(key: &str) -> bool {
    let key = key.trim();
    KEYS.contains(&key)
        || OF_WHAT.iter().any(|what| {
            key.strip_prefix(what)
                .is_some_and(|rest| KEYS.contains(&rest.trim_start()) && rest.starts_with(' '))
        })
        || KEYS.iter().any(|name| {
            let rest = key.strip_prefix(name).unwrap_or_default();
            OF_WHAT.iter().any(|what| rest == format!(" of the {what}") || rest == format!(" of {what}"))
        })
}
