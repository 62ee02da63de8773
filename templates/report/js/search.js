// One field that finds files, symbols, records and snapshots on the page.
"use strict";

const FOUND = 7;

function index() {
  const rows = [];
  const put = (group, text, extra, show) => rows.push({ group, text: text.toLowerCase(), all: `${text} ${extra}`.toLowerCase(), show });
  for (const entry of data.files) put("Files", name(entry.path), entry.path, () => file(entry.path));
  for (const entry of data.files) for (const [symbol, kind, at] of entry.symbols ?? []) put("Symbols", symbol, "", () => [el("a", { href: `#file=${encodeURIComponent(entry.path)}` }, el("code", {}, symbol)), " ", el("span", { class: "muted" }, `${kind} `), place(entry.path, at)]);
  for (const record of notes) put("Records", record.title, `${record.kind} ${record.body} ${record.rationale ?? ""} ${record.tags.join(" ")} ${record.id}`, () => [el("span", { class: "tag kind" }, record.kind), " ", el("a", { href: `#record-${record.id}` }, record.title)]);
  for (const it of data.snapshots) put("Snapshots", it.id, `${it.goal ?? ""} ${it.created_at} ${it.branch ?? ""}`, () => [el("a", { href: `#snapshot-${it.id}` }, it.id), " ", el("span", { class: "muted" }, `${it.created_at.slice(0, 10)} ${(it.goal ?? "").slice(0, 80)}`)]);
  return rows;
}

// How well a row fits: its name exactly, its beginning, within it, or elsewhere.
function fit(row, words) {
  let worth = 0;
  for (const word of words) {
    if (!row.all.includes(word)) return 0;
    worth += row.text === word ? 8 : row.text.startsWith(word) ? 4 : row.text.includes(word) ? 2 : 1;
  }
  return worth;
}

function finder() {
  let rows = null;
  const results = el("div", { class: "results", hidden: true, role: "region", "aria-label": "What was found" });
  const count = el("p", { class: "hidden", role: "status", "aria-live": "polite" });
  const input = el("input", { type: "search", id: "search", placeholder: "Search files, symbols, records, snapshots", autocomplete: "off", spellcheck: "false", oninput: draw, onfocus: draw });
  const box = el("div", { class: "finder", role: "search" }, el("label", { class: "hidden", for: "search" }, "Search files, symbols, records and snapshots"), input, el("kbd", { "aria-hidden": "true" }, "/"), count, results);

  function draw() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    results.hidden = !words.length;
    if (!words.length) return results.replaceChildren();
    rows ??= index();
    const groups = new Map();
    for (const row of rows) {
      const worth = fit(row, words);
      if (worth) groups.set(row.group, [...(groups.get(row.group) ?? []), [worth, row]]);
    }
    const all = [...groups.values()].reduce((sum, found) => sum + found.length, 0);
    count.textContent = plural(all, "result");
    results.replaceChildren();
    add(results, all ? [...groups].map(([group, found]) => part(group, found)) : [empty("Nothing on this page fits.", "waypost search QUERY"), el("p", { class: "muted" }, "searches contents too")]);
    results.scrollTop = 0;
  }

  function part(group, found) {
    found.sort((a, b) => b[0] - a[0] || a[1].text.length - b[1].text.length);
    return [el("h3", {}, group, el("span", { class: "muted" }, ` ${number(found.length)}`)), el("ul", { class: "rows" }, found.slice(0, FOUND).map(([, row]) => el("li", {}, row.show())))];
  }

  const close = () => { results.hidden = true; };
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; draw(); return input.focus(); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [input, ...results.querySelectorAll("a")];
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (next) { event.preventDefault(); next.focus(); }
  });
  results.addEventListener("click", (event) => { if (event.target.closest("a")) close(); });
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) close(); });
  box.addEventListener("focusout", (event) => { if (event.relatedTarget && !box.contains(event.relatedTarget)) close(); });
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !dialog.open) { event.preventDefault(); input.focus(); }
  });
  return box;
}
