// Records with what became of their code and where they come from; goals; who
// works here.
"use strict";

const STATES = { fresh: "its code is as it was", moved: "its code moved", drifted: "its code changed", orphaned: "its code is gone" };

function memory() {
  const question = "What was decided and learnt, and whether the code it is about still is as it was.";
  // Goals stand by themselves.
  const records = notes;
  if (!records.length) return section("memory", "Memory", question, empty("Nothing was recorded yet.", "waypost note \"...\" --anchor PATH"));
  const kinds = [...new Set(records.map((record) => record.kind))];
  let [kind, stale] = ["", false];
  const list = el("div", { class: "records" });
  const count = el("p", { class: "muted", role: "status" });
  const draw = () => {
    const shown = records.filter((record) => (!kind || record.kind === kind) && (!stale || (record.state && record.state !== "fresh")));
    count.textContent = plural(shown.length, "record");
    list.replaceChildren(...shown.map(card));
  };
  const select = el("select", { id: "kind", onchange: (event) => { kind = event.target.value; draw(); } }, el("option", { value: "" }, `all kinds (${records.length})`), kinds.map((it) => el("option", { value: it }, `${it} (${records.filter((record) => record.kind === it).length})`)));
  const check = el("input", { type: "checkbox", onchange: (event) => { stale = event.target.checked; draw(); } });
  draw();
  return section(
    "memory",
    "Memory",
    question,
    el("div", { class: "bar" }, el("label", { for: "kind" }, "Show "), select, el("label", {}, check, " only what is not fresh"), count),
    list,
    data.left_out.records > 0 && el("p", { class: "muted" }, `${plural(data.left_out.records, "older record")}: `, el("code", {}, "waypost notes --all")),
  );
}

function card(record) {
  return el(
    "details",
    { class: "record", id: `record-${record.id}` },
    el(
      "summary",
      {},
      el("span", { class: "tag kind" }, record.kind),
      el("span", { class: "title" }, record.title),
      record.status !== "accepted" && el("span", { class: "tag" }, record.status),
      record.state && el("span", { class: `tag ${record.state}` }, record.state),
      el("span", { class: "muted when" }, time(record.created, false)),
    ),
    el("div", { class: "inside" }, said(record), anchors(record), origin(record), revisions(record)),
  );
}

function said(record) {
  const texts = [["", record.body !== record.title && record.body], ["Why", record.rationale], ["Impact", record.impact], ["Done", record.done], ["Next", record.next]];
  const lists = [["Alternatives", record.alternatives], ["Blocked by", record.blockers], ["Commands", record.commands]];
  return [
    texts.filter(([, text]) => text).map(([label, text]) => el("p", { class: "prose" }, label && el("strong", {}, `${label}: `), text)),
    lists.filter(([, all]) => all.length).map(([label, all]) => el("div", {}, el("strong", {}, label), el("ul", {}, all.map((text) => el("li", {}, text))))),
  ];
}

function anchors(record) {
  if (!record.anchors.length) return null;
  return el("div", {}, el("strong", {}, "About"), el("ul", { class: "rows" }, record.anchors.map((anchor) => {
    const moved = anchor.found && [" → ", place(anchor.found.path, lineOf(anchor.found.path, anchor.found.symbol)), anchor.found.symbol && ` ${anchor.found.symbol}`];
    return el("li", {}, el("span", { class: `tag ${anchor.state}` }, anchor.state), " ", place(anchor.path, lineOf(anchor.path, anchor.symbol)), anchor.symbol && [" ", el("code", {}, anchor.symbol)], el("span", { class: "muted" }, ` ${STATES[anchor.state] ?? ""}`), moved);
  })));
}

// The line of a symbol by its last name, where the page has it.
function lineOf(path, symbol) {
  const entry = data.files[places.get(path)];
  const last = symbol && symbol.split(".").at(-1);
  return entry?.symbols?.find(([known]) => known === last)?.[2];
}

function origin(record) {
  const facts = [
    ["by", record.author ?? record.origin],
    ["from", record.source],
    ["updated", record.updated !== record.created && DAY.format(new Date(record.updated))],
    ["confidence", record.confidence != null && `${Math.round(record.confidence * 100)} %`],
    ["tags", record.tags.join(", ")],
  ].filter(([, value]) => value);
  const links = record.links.map((link) => {
    const other = data.records.find((known) => known.id === link.id);
    return el("li", {}, `${link.relation} `, other ? el("a", { href: `#record-${other.id}` }, other.title) : el("code", {}, link.id));
  });
  return el("div", {}, el("dl", { class: "origin" }, facts.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value))), el("div", {}, el("dt", {}, "file"), el("dd", {}, place(record.file)))), links.length > 0 && el("ul", { class: "rows" }, links));
}

function revisions(record) {
  if (record.history.length < 2) return null;
  return el("div", {}, el("strong", {}, "History"), el("ol", { class: "rows" }, record.history.map((step) => el("li", {}, `${step.event}, `, time(step.at, false)))));
}

function goals() {
  if (data.goals.length < 2) return null;
  const rows = data.goals.map((goal) => {
    const row = el("li", {}, goal.current && el("span", { class: "tag goalmark" }, "current"), goal.state !== "open" && el("span", { class: "tag" }, goal.state), " ", goal.text, goal.reason && el("span", { class: "muted" }, ` blocked by: ${goal.reason}`));
    row.style.marginInlineStart = `${1.25 * Math.min(goal.level, 6)}rem`;
    return row;
  });
  return section("goals", "Goals", "What is worked on, what is open and what was given up.", el("ul", { class: "rows" }, rows));
}

function sessions() {
  const question = "Who works here, on what, and what they hold so that others keep off it.";
  if (!data.sessions.length) return section("sessions", "Sessions", question, empty("No session was begun.", "waypost session start"));
  const held = (id) => data.claims.filter((claim) => claim.session === id);
  const rows = data.sessions.map((session) => {
    const claims = held(session.id);
    return el(
      "li",
      {},
      el("div", { class: "head" }, el("span", { class: `tag ${session.stale ? "stale" : session.state}` }, session.stale && session.state === "active" ? "stale" : session.state), " ", el("strong", {}, session.agent ?? session.title ?? session.id), session.agent && session.title && ` ${session.title}`, session.branch && el("span", { class: "muted" }, ` on ${session.branch}`)),
      (session.summary || session.doing) && el("p", {}, session.summary ?? session.doing),
      el("p", { class: "muted" }, "began ", time(session.started, false), session.ended ? [", ended ", time(session.ended, false)] : [", last sign of life ", time(session.last_beat)]),
      claims.length > 0 && el("ul", { class: "rows" }, claims.map((claim) => el("li", {}, el("span", { class: `tag ${claim.stale ? "stale" : "claim"}` }, claim.shared ? "shares" : "holds"), " ", place(claim.resource), claim.note && ` ${claim.note}`, el("span", { class: "muted" }, " until "), time(claim.expires, false)))),
    );
  });
  return section("sessions", "Sessions", question, el("ol", { class: "history" }, rows), data.left_out.sessions > 0 && el("p", { class: "muted" }, `${plural(data.left_out.sessions, "older session")}: `, el("code", {}, "waypost session list")));
}
