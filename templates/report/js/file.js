// What is known of one file, in a dialog: its place, what it declares, who imports
// it, and the records about it.
"use strict";

const dialog = el("dialog", { class: "file", "aria-labelledby": "file-title" });

function openFile(path) {
  const wanted = `#file=${encodeURIComponent(path)}`;
  if (location.hash === wanted) showFile(path);
  else location.hash = wanted;
}

function closeFile() {
  if (dialog.open) dialog.close();
}

dialog.addEventListener("close", () => {
  if (location.hash.startsWith("#file=")) window.history.replaceState(null, "", location.pathname + location.search);
});
dialog.addEventListener("click", (event) => { if (event.target === dialog) closeFile(); });

function showFile(path) {
  const at = places.get(path);
  if (at == null) return;
  const entry = data.files[at];
  const about = data.records.filter((record) => record.anchors.some((anchor) => anchor.path === path));
  const facts = [bytes(entry.size), entry.class, entry.language, entry.rank && `place ${entry.rank}${data.goal ? " for the goal" : " by centrality"}`].filter(Boolean);
  dialog.replaceChildren(
    el(
      "div",
      { class: "panel" },
      el("div", { class: "head" }, el("h2", { id: "file-title" }, broken(line(path))), el("button", { type: "button", class: "close", "aria-label": "Close", onclick: closeFile }, "✕")),
      el("p", { class: "facts" }, facts.map((fact) => el("span", {}, fact))),
      el("p", {}, place(path, null, "Copy the path")),
      entry.why?.length > 0 && el("p", { class: "why" }, entry.why.join("; ")),
      about.length > 0 && [el("h3", {}, "Records about it"), el("ul", { class: "rows" }, about.map((record) => el("li", {}, el("a", { href: `#record-${record.id}` }, record.title))))],
      imports("Is imported by", into[at]),
      imports("Imports", out[at]),
      declared(entry),
    ),
  );
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function imports(title, all) {
  const shown = all.slice(0, 40);
  return all.length > 0 && [el("h3", {}, `${title} (${all.length})`), el("ul", { class: "rows" }, shown.map((at) => el("li", {}, file(data.files[at].path))), all.length > shown.length && el("li", { class: "muted" }, `and ${all.length - shown.length} more`))];
}

const LISTED = 300;

function declared(entry) {
  const all = entry.symbols ?? [];
  if (!all.length) return null;
  const rows = all.slice(0, LISTED).map(([symbol, kind, at]) => el("tr", {}, el("td", { class: "n" }, place(entry.path, at, String(at))), el("td", { class: "muted" }, kind), el("th", { scope: "row" }, el("code", {}, symbol))));
  return [el("h3", {}, `Declares (${all.length})`), el("table", { class: "symbols" }, el("thead", { class: "hidden" }, el("tr", {}, ["line", "kind", "name"].map((title) => el("th", { scope: "col" }, title)))), el("tbody", {}, rows)), all.length > LISTED && el("p", { class: "muted" }, `and ${all.length - LISTED} more`)];
}
