// The tree by size, coloured by rank: a treemap that opens folders as far as they can
// be read.
"use strict";

const SHARES = { wide: { open: 0.02, tail: 0.0008 }, narrow: { open: 0.07, tail: 0.004 } };
const isCode = (entry) => entry.class === "source" || entry.class === "test";

function folderOf(files) {
  const root = { name: "", path: "", size: 0, count: 0, rank: 0, children: new Map() };
  for (const entry of files) {
    const parts = entry.path.split("/");
    let at = root;
    grow(at, entry);
    parts.forEach((part, depth) => {
      const last = depth === parts.length - 1;
      if (!at.children.has(part)) {
        const path = at.path ? `${at.path}/${part}` : part;
        at.children.set(part, { name: part, path, size: 0, count: 0, rank: 0, entry: last ? entry : null, children: new Map() });
      }
      at = at.children.get(part);
      grow(at, entry);
    });
  }
  return root;
}

function grow(folder, entry) {
  folder.size += entry.size;
  folder.count += 1;
  if (entry.rank && (!folder.rank || entry.rank < folder.rank)) folder.rank = entry.rank;
}

const children = (folder) => [...folder.children.values()].sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));

// A folder that holds but one folder is shown with it, as `src/flask`.
function inner(folder) {
  while (!folder.entry && folder.children.size === 1) {
    const [only] = folder.children.values();
    if (only.entry) break;
    folder = only;
  }
  return folder;
}

// What is shown of a folder: folders with a share of the map that can be read are
// opened, and what is too small to be seen is one tile.
function shown(folder, total, share) {
  const isOpen = (it) => !it.entry && it.size >= total * (it.rank && it.rank <= 20 ? share.open / 4 : share.open);
  const visit = (it) => {
    const all = children(it).map(inner);
    const large = all.filter((child) => child.size >= total * share.tail || (child.rank && child.rank <= 20));
    const small = all.filter((child) => !large.includes(child));
    const parts = large.map((child) => ({ it: child, parts: isOpen(child) ? visit(child) : null }));
    if (small.length === 1) parts.push({ it: small[0], parts: null });
    if (small.length > 1) parts.push({ it: rest(it, small), parts: null });
    return parts;
  };
  return { it: folder, parts: visit(folder) };
}

function rest(folder, small) {
  const ranks = small.map((child) => child.rank).filter(Boolean);
  return {
    name: `${small.length} more`,
    path: folder.path,
    size: small.reduce((sum, child) => sum + child.size, 0),
    count: small.reduce((sum, child) => sum + child.count, 0),
    rank: ranks.length ? Math.min(...ranks) : 0,
    isRest: true,
  };
}

function map() {
  const code = data.files.filter(isCode);
  let scope = code.length * 5 >= data.files.length || code.length > 40 ? "code" : "all";
  let path = [];
  const crumbs = el("nav", { class: "crumbs", "aria-label": "Folder of the map" });
  const tiles = el("div", { class: "treemap", role: "group", "aria-label": "Files by size. Arrow keys move, Enter opens." });
  const table = el("tbody");
  const choice = (value, label) =>
    el("label", {}, el("input", { type: "radio", name: "scope", value, checked: scope === value, onchange: () => { scope = value; path = []; draw(); } }), ` ${label}`);

  function current() {
    let folder = folderOf(scope === "code" ? code : data.files);
    for (const part of path) folder = folder.children.get(part) ?? folder;
    return folder;
  }

  function open(folder, { focus = true } = {}) {
    if (folder.entry) return openFile(folder.entry.path);
    // What is small here too is in the table.
    if (folder.isRest && folder.path === path.join("/")) { list.open = true; return list.querySelector("summary").focus(); }
    path = folder.path ? folder.path.split("/") : [];
    draw();
    if (focus) tiles.querySelector("button")?.focus();
  }

  function draw() {
    const folder = current();
    drawCrumbs(folder);
    drawTiles(folder);
    table.replaceChildren(...children(folder).slice(0, 200).map(row));
  }

  function drawCrumbs(folder) {
    const root = el("button", { type: "button", onclick: () => { path = []; draw(); } }, line(data.project.name));
    const parts = path.map((part, at) => [" / ", el("button", { type: "button", onclick: () => { path = path.slice(0, at + 1); draw(); } }, line(part))]);
    crumbs.replaceChildren();
    add(crumbs, [root, parts, el("span", { class: "muted" }, ` ${plural(folder.count, "file")}, ${bytes(folder.size)}`)]);
  }

  function drawTiles(folder) {
    const width = tiles.clientWidth || 900;
    const narrow = width < 560;
    const height = narrow ? 460 : 540;
    tiles.style.height = `${height}px`;
    const root = d3.hierarchy(shown(folder, folder.size, narrow ? SHARES.narrow : SHARES.wide), (node) => node.parts);
    root.sum((node) => (node.parts ? 0 : Math.max(node.it.size, 1)));
    root.sort((a, b) => b.value - a.value || (a.data.it.path < b.data.it.path ? -1 : 1));
    d3.treemap().size([width, height]).paddingInner(2).paddingTop((node) => (node.depth && node.children ? 19 : 0)).round(true)(root);
    const nodes = root.descendants().filter((node) => node.depth && node.x1 - node.x0 > 0 && node.y1 - node.y0 > 0);
    tiles.replaceChildren(...nodes.map(tile));
    tiles.querySelector("button")?.setAttribute("tabindex", "0");
  }

  function tile(node) {
    const { it } = node.data;
    const width = node.x1 - node.x0;
    const height = node.children ? 19 : node.y1 - node.y0;
    const what = it.entry ? "" : `, ${plural(it.count, "file")}`;
    const label = `${it.isRest ? `${it.name} in ${line(it.path || data.project.name)}` : line(it.path)}${what}, ${bytes(it.size)}${it.rank ? `, ${it.entry ? "rank" : "best rank"} ${it.rank}` : ""}`;
    // A folder that was joined with its only folder names both.
    const outer = node.parent.data.it.path;
    const text = it.isRest ? it.name : line(outer && it.path.startsWith(`${outer}/`) ? it.path.slice(outer.length + 1) : it.path);
    const kind = node.children ? "group" : heat(it.rank);
    const fits = width >= 34 && height >= 15;
    const button = el("button", { type: "button", class: `tile ${kind}`, tabindex: "-1", title: label, "aria-label": label, onclick: () => open(it) }, fits ? el("span", {}, text, it.entry || node.children || it.isRest ? "" : "/") : "");
    Object.assign(button.style, { left: `${node.x0}px`, top: `${node.y0}px`, width: `${width}px`, height: `${height}px` });
    return button;
  }

  const row = (child) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, child.entry ? file(child.path, child.name) : el("button", { type: "button", class: "link", onclick: () => open(child, { focus: false }) }, `${line(child.name)}/`)),
      el("td", { class: "n" }, bytes(child.size)),
      el("td", { class: "n" }, number(child.count)),
      el("td", { class: "n" }, child.rank || "—"),
    );

  tiles.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const all = [...tiles.querySelectorAll("button")];
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape" && path.length) {
      path = path.slice(0, -1);
      draw();
      return tiles.querySelector("button")?.focus();
    }
    if (!step || at < 0) return;
    event.preventDefault();
    const next = all[(at + step + all.length) % all.length];
    all[at].setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });

  let width = 0;
  new ResizeObserver(() => {
    if (tiles.clientWidth !== width) {
      width = tiles.clientWidth;
      drawTiles(current());
    }
  }).observe(tiles);

  const list = el("details", {}, el("summary", {}, "As a table"), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Folders and files by size" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "name"), ["size", "files", "best rank"].map((title) => el("th", { scope: "col", class: "n" }, title)))), table)));
  const legend = ["1–5", "6–20", "21–60", "61–200", "after that"].map((label, at) => el("span", {}, el("i", { class: `swatch r${at + 1}` }), label));
  draw();
  return section(
    "map",
    "Map",
    data.goal ? "Where the weight of the project lies, and where the files for the goal are." : "Where the weight of the project lies, and where its central files are.",
    el("div", { class: "bar" }, crumbs, el("fieldset", {}, el("legend", { class: "hidden" }, "Files on the map"), choice("code", "code"), choice("all", "all files"))),
    tiles,
    el("p", { class: "legend" }, el("span", { class: "muted" }, data.goal ? "Place for the goal:" : "Place by centrality:"), legend),
    list,
    data.left_out.files > 0 && el("p", { class: "muted" }, `${plural(data.left_out.files, "file")} of the lowest rank are not on this page: there was no room.`),
  );
}
