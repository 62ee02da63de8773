//! Formats records, as one line of a list or in full. Either way it says
//! whether the code that a record is about has changed.

use super::Out;
use crate::app::Result;
use crate::app::record::Report;

/// One line of a list: id, kind, title, and warnings about its status or code.
pub fn line(record: &Report) -> String {
    let mut text = format!("{}  {:<10}  {}", record.id, record.kind, record.title);
    if !record.status.is_accepted() {
        text.push_str(&format!("  [{}]", record.status.name()));
    }
    for anchor in record.anchors.iter().filter(|anchor| !anchor.state.is_fresh()) {
        text.push_str(&format!("  [{}: {}]", anchor.state.name(), anchor.place));
    }
    text
}

/// Everything that a record says.
pub fn print(record: &Report, out: &Out) -> Result<()> {
    out.line(&record.title)?;
    for (key, text) in facts(record) {
        out.line(&format!("  {key:<11} {text}"))?;
    }
    if !record.body.is_empty() {
        out.text(&format!("\n{}", record.body))?;
    }
    let one = |text: &Option<crate::model::SafeText>| text.iter().cloned().collect::<Vec<_>>();
    let parts = [
        ("Rationale", one(&record.rationale), false),
        ("Alternatives", record.alternatives.clone(), true),
        ("Impact", one(&record.impact), false),
        ("Done", one(&record.done), false),
        ("Blockers", record.blockers.clone(), true),
        ("Commands", record.commands.clone(), true),
    ];
    for (name, items, is_list) in parts.iter().filter(|(_, items, _)| !items.is_empty()) {
        out.text(&format!("\n{name}"))?;
        for item in items {
            let item = item.as_str().replace('\n', "\n    ");
            out.text(&if *is_list { format!("  - {item}") } else { format!("    {item}") })?;
        }
    }
    Ok(())
}

/// The record's metadata, one fact a line.
fn facts(record: &Report) -> Vec<(&str, String)> {
    let mut facts = vec![
        ("id", format!("{} (revision {})", record.id, record.revision)),
        ("kind", format!("{}, {}", record.kind, record.status.name())),
    ];
    let texts = [("section", &record.section), ("author", &record.author), ("source", &record.source)];
    facts.extend(record.slug.iter().map(|slug| ("slug", slug.clone())));
    facts.extend(texts.iter().filter_map(|(key, text)| Some((*key, text.as_ref()?.to_string()))));
    if !record.tags.is_empty() {
        let tags: Vec<&str> = record.tags.iter().map(|tag| tag.as_str()).collect();
        facts.push(("tags", tags.join(", ")));
    }
    facts.extend(record.confidence.map(|confidence| ("confidence", confidence.to_string())));
    if let Some(trigger) = &record.trigger {
        let parts = trigger.parts().into_iter().filter_map(|(name, part)| Some((name, part.as_ref()?)));
        let parts: Vec<String> = parts.map(|(name, part)| format!("{name}={part}")).collect();
        facts.push(("trigger", parts.join(", ")));
    }
    let times = match record.updated == record.created {
        true => record.created.clone(),
        false => format!("{}, updated {}", record.created, record.updated),
    };
    facts.push(("created", format!("{times} ({})", record.origin)));
    facts.extend(record.links.iter().map(|link| (link.relation, link.id.clone())));
    let anchors = record.anchors.iter();
    facts.extend(
        anchors.map(|anchor| (anchor.state.name(), format!("{}{}", anchor.place, anchor.found_words))),
    );
    facts.extend(record.next.iter().map(|next| ("next", next.to_string())));
    facts
}
