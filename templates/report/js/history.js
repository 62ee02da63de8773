// What changed from snapshot to snapshot, and for which goal.
"use strict";

function history() {
  const all = data.snapshots;
  const question = "What changed from one snapshot to the next, and for which goal.";
  if (!all.length) return section("history", "Snapshots", question, empty("No snapshot was taken yet.", "waypost snapshot --goal \"...\""));
  const total = (it) => (it ? it.added + it.modified + it.removed + it.renamed : 0);
  const most = Math.max(1, ...all.map((it) => Math.sqrt(total(it.changes))));
  const width = d3.scaleLinear([0, most], [0, 100]);
  const rows = all.map((snapshot, at) => {
    const before = all[at + 1];
    const isNewGoal = snapshot.goal && (!before || before.goal !== snapshot.goal);
    return el(
      "li",
      { id: `snapshot-${snapshot.id}`, tabindex: "-1" },
      el("div", { class: "head" }, el("strong", {}, snapshot.id), " ", time(snapshot.created_at), snapshot.taken_by_watch && el("span", { class: "tag" }, "by a watch"), snapshot.branch && el("span", { class: "muted" }, ` ${line(snapshot.branch)}${snapshot.head ? ` at ${snapshot.head.slice(0, 10)}` : ""}`)),
      isNewGoal && el("p", { class: "newgoal" }, el("span", { class: "tag goalmark" }, "goal"), " ", snapshot.goal.split("\n")[0].slice(0, 240)),
      step(snapshot, width),
    );
  });
  return section("history", "Snapshots", question, el("ol", { class: "history" }, rows), data.left_out.snapshots > 0 && el("p", { class: "muted" }, `${plural(data.left_out.snapshots, "older snapshot")}: `, el("code", {}, "waypost snapshots")));
}

function step(snapshot, width) {
  const it = snapshot.changes;
  const holds = `${plural(snapshot.files, "file")}, ${plural(snapshot.symbols, "symbol")}`;
  if (!it) return el("p", { class: "muted" }, `The ${data.left_out.snapshots ? "oldest one shown" : "first one"}: ${holds}`);
  const total = it.added + it.modified + it.removed + it.renamed;
  if (!total) return el("p", { class: "muted" }, "The same files as before");
  const parts = [["added", it.added], ["modified", it.modified], ["renamed", it.renamed], ["removed", it.removed]].filter(([, n]) => n);
  const bar = el("div", { class: "changes", "aria-hidden": "true" }, parts.map(([kind, n]) => {
    const piece = el("i", { class: kind });
    piece.style.flexGrow = n;
    return piece;
  }));
  bar.style.width = `${Math.max(2, width(Math.sqrt(total)))}%`;
  const symbols = [["added", it.symbols_added], ["changed", it.symbols_changed], ["removed", it.symbols_removed]].filter(([, n]) => n);
  const words = (list) => list.map(([kind, n]) => `${number(n)} ${kind}`).join(", ");
  return [
    el("div", { class: "steps" }, bar),
    el(
      "details",
      {},
      el("summary", {}, `files: ${words(parts)}${symbols.length ? `; symbols: ${words(symbols)}` : ""}`),
      el("div", { class: "pair" }, el("ul", { class: "rows" }, it.files.map(([kind, path]) => el("li", {}, el("span", { class: `tag ${kind}` }, kind), " ", file(path))), total > it.files.length && el("li", { class: "muted" }, `and ${number(total - it.files.length)} more`)), changedSymbols(it)),
    ),
  ];
}

function changedSymbols(it) {
  const total = it.symbols_added + it.symbols_changed + it.symbols_removed;
  return it.symbols.length > 0 && el("ul", { class: "rows" }, it.symbols.map(([kind, symbol, path]) => el("li", {}, el("span", { class: `tag ${kind}` }, kind), " ", el("code", {}, symbol), " ", el("span", { class: "muted" }, name(line(path))))), total > it.symbols.length && el("li", { class: "muted" }, `and ${number(total - it.symbols.length)} more`));
}
