// Who imports whom around the first files: what uses them on the left, what they
// use on the right.
"use strict";

const CORE = 8;
const SIDE = 13;

function neighbourhood() {
  const linked = ranked.filter((at) => out[at].length + into[at].length > 0);
  const core = linked.slice(0, CORE);
  const inCore = new Set(core);
  const count = (lists) => {
    const times = new Map();
    for (const at of core) for (const other of lists[at]) if (!inCore.has(other)) times.set(other, (times.get(other) ?? 0) + 1);
    return times;
  };
  const [users, used] = [count(into), count(out)];
  // Who stands on both sides goes where it has more to do.
  for (const [at, times] of [...users]) if ((used.get(at) ?? 0) >= times) users.delete(at); else used.delete(at);
  const best = (times) => {
    const order = (at) => data.files[at].rank ?? 1e9;
    const all = [...times].sort((a, b) => b[1] - a[1] || order(a[0]) - order(b[0]) || a[0] - b[0]).map(([at]) => at);
    return [all.slice(0, SIDE), Math.max(0, all.length - SIDE)];
  };
  return { core, users: best(users), used: best(used) };
}

// The order within the columns is a simulation's, which pulls linked files to one
// height; it has no chance in it, so the picture is the same each time.
function arranged({ core, users, used }, height) {
  const columns = [users[0], core, used[0]];
  const nodes = columns.flatMap((column, layer) => column.map((at, row) => ({ at, layer, x: layer * 300, y: ((row + 0.5) / column.length) * height })));
  const byFile = new Map(nodes.map((node) => [node.at, node]));
  const links = nodes.flatMap((node) => out[node.at].filter((to) => byFile.has(to)).map((to) => ({ source: node, target: byFile.get(to) })));
  d3.forceSimulation(nodes)
    .force("x", d3.forceX((node) => node.layer * 300).strength(1))
    .force("y", d3.forceY(height / 2).strength(0.02))
    .force("link", d3.forceLink(links.filter((link) => link.source.layer !== link.target.layer)).strength(0.3).distance(300))
    .force("collide", d3.forceCollide(height / 2 / (SIDE + 1)))
    .stop()
    .tick(220);
  columns.forEach((column, layer) => {
    const own = nodes.filter((node) => node.layer === layer).sort((a, b) => a.y - b.y || a.at - b.at);
    const scale = d3.scalePoint(own.map((node) => node.at), [26, height - 14]).padding(0.5);
    own.forEach((node) => { node.y = scale(node.at); });
  });
  return { nodes, links };
}

function graph() {
  const around = neighbourhood();
  const question = data.goal ? "What the first files for the goal rest on, and what rests on them." : "What the central files rest on, and what rests on them.";
  if (!around.core.length) return section("imports", "Imports", question, empty("No import between files of this project was resolved."));
  const rows = Math.max(around.core.length, around.users[0].length, around.used[0].length);
  const [width, height] = [960, Math.max(180, rows * 30 + 44)];
  const { nodes, links } = arranged(around, height);
  const x = d3.scalePoint([0, 1, 2], [284, 676]);
  const svg = d3.select(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  svg.attr("viewBox", `0 0 ${width} ${height}`).attr("width", width).attr("height", height).attr("class", "graph").attr("role", "group").attr("aria-label", "Import graph; the list below says the same");
  ["import these", data.goal ? "first for the goal" : "most central", "are imported by these"].forEach((title, layer) => {
    svg.append("text").attr("class", "column").attr("x", layer === 1 ? 480 : layer ? 688 : 272).attr("y", 12).attr("text-anchor", ["end", "middle", "start"][layer]).text(title);
  });
  const half = 84;
  const edge = (node, side) => (node.layer === 1 ? x(1) + side * half : x(node.layer));
  const curve = d3.linkHorizontal();
  const path = svg.append("g").selectAll("path").data(links.filter((link) => link.source.layer < 2 || link.target.layer < 2)).join("path").attr("class", "edge").attr("d", (link) => {
    const side = Math.sign(link.target.layer - link.source.layer);
    if (!side) {
      const from = edge(link.source, 1);
      const bend = from + 26;
      return `M${from},${link.source.y}C${bend},${link.source.y} ${bend},${link.target.y} ${from},${link.target.y}`;
    }
    return curve({ source: [edge(link.source, side), link.source.y], target: [edge(link.target, -side), link.target.y] });
  });
  const group = svg.append("g").selectAll("g").data(nodes).join("g").attr("class", (node) => `node ${heat(data.files[node.at].rank)} layer${node.layer}`).attr("tabindex", 0).attr("role", "link").attr("aria-label", (node) => line(data.files[node.at].path)).attr("transform", (node) => `translate(${x(node.layer)},${node.y})`);
  group.append("title").text((node) => line(data.files[node.at].path));
  group.filter((node) => node.layer === 1).append("rect").attr("x", -half).attr("y", -12).attr("width", 2 * half).attr("height", 24).attr("rx", 5);
  group.filter((node) => node.layer !== 1).append("circle").attr("r", 5);
  group.append("text").attr("dy", "0.35em").attr("x", (node) => [-12, 0, 12][node.layer]).attr("text-anchor", (node) => ["end", "middle", "start"][node.layer]).text((node) => short(data.files[node.at].path, node.layer === 1 ? 21 : 34));
  const mark = (node) => {
    const near = new Set([node]);
    path.classed("on", (link) => {
      const is = link.source === node || link.target === node;
      if (is) near.add(link.source).add(link.target);
      return is;
    });
    svg.classed("picked", true);
    group.classed("on", (other) => near.has(other));
  };
  const clear = () => { svg.classed("picked", false); group.classed("on", false); path.classed("on", false); };
  group
    .on("mouseenter focus", (event, node) => mark(node))
    .on("mouseleave blur", clear)
    .on("click", (event, node) => openFile(data.files[node.at].path))
    .on("keydown", (event, node) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); openFile(data.files[node.at].path); } });
  const frame = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Import graph" }, svg.node());
  // On a narrow screen the middle is seen first.
  requestAnimationFrame(() => { frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2; });
  return section(
    "imports",
    "Imports",
    question,
    frame,
    more(around),
    el("details", {}, el("summary", {}, "As a list"), el("ul", { class: "rows" }, around.core.map((at) => el("li", {}, file(data.files[at].path), el("div", { class: "why" }, `imports ${named(out[at])}; is imported by ${named(into[at])}`))))),
  );
}

// The end of a path, which says most.
function short(path, most) {
  const parts = line(path).split("/");
  let shown = parts.pop();
  while (parts.length && shown.length + parts.at(-1).length + 1 <= most) shown = `${parts.pop()}/${shown}`;
  return shown.length > most ? `…${shown.slice(1 - most)}` : shown;
}

const named = (all) => (all.length ? `${all.slice(0, 8).map((at) => data.files[at].path).join(", ")}${all.length > 8 ? ` and ${all.length - 8} more` : ""}` : "nothing here");

function more({ users, used }) {
  const parts = [users[1] && `${plural(users[1], "more file")} ${users[1] === 1 ? "imports" : "import"} these`, used[1] && `${plural(used[1], "more file")} ${used[1] === 1 ? "is" : "are"} imported by them`].filter(Boolean);
  return parts.length > 0 && el("p", { class: "muted" }, `${parts.join("; ")}. A file's own page lists all of its own.`);
}
