// What every part of the page uses: the data, and elements made of plain text.
// Nothing here or elsewhere parses HTML: all text of the repository is textContent.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const page = document.getElementById("page");

// Control and invisible characters as \u{202e}, so that no name steers its reader.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const spelled = (c) => `\\u{${c.codePointAt(0).toString(16)}}`;
const line = (text) => String(text ?? "").replace(HIDDEN, spelled);
const lines = (text) => String(text ?? "").replace(HIDDEN, (c) => (c === "\n" || c === "\t" ? c : spelled(c)));

// An element with attributes and children; a child is an element or a text.
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(3)) {
    if (child == null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(lines(child)));
  }
}

const number = (n) => n.toLocaleString("en");
const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

function bytes(n) {
  if (n < 1000) return `${n} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let at = -1;
  do { n /= 1000; at += 1; } while (n >= 999.5 && at < units.length - 1);
  return `${n < 9.95 ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}

const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

function ago(then) {
  const seconds = Math.max(0, (Date.now() - then) / 1000);
  const steps = [[60, "second"], [60, "minute"], [24, "hour"], [30, "day"], [12, "month"], [Infinity, "year"]];
  let n = seconds;
  for (const [size, unit] of steps) {
    if (n < size) return Math.round(n) < 1 ? "just now" : `${plural(Math.round(n), unit)} ago`;
    n /= size;
  }
}

// A time as it is said here, with how long ago that was when the page was opened.
function time(text, withAge = true) {
  const then = new Date(text);
  if (Number.isNaN(then.valueOf())) return document.createTextNode(line(text));
  const shown = el("time", { datetime: then.toISOString() }, DAY.format(then));
  return withAge ? el("span", {}, shown, el("span", { class: "muted" }, ` (${ago(then)})`)) : shown;
}

// A place, which a click copies: it is what editors, terminals and agents take,
// and unlike a link it opens nothing of the repository in the browser.
function place(path, at, label) {
  const text = line(at ? `${path}:${at}` : path);
  return el(
    "button",
    { type: "button", class: "place", title: `Copy ${text}`, onclick: () => copy(text) },
    label ?? text,
  );
}

const told = el("div", { class: "told", role: "status", "aria-live": "polite" });
let toldUntil = 0;

function tell(text) {
  told.textContent = text;
  told.classList.add("shown");
  clearTimeout(toldUntil);
  toldUntil = setTimeout(() => told.classList.remove("shown"), 2500);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    tell(`Copied ${text}`);
  } catch {
    // Without the right to write there, it can be taken from here.
    tell(text);
  }
}

// A file's name that opens what is known of it.
function file(path, label) {
  if (!places.has(path)) return el("span", { class: "path" }, broken(line(label ?? path)));
  return el("a", { class: "path", href: `#file=${encodeURIComponent(path)}` }, broken(line(label ?? path)));
}

// A long path may be broken behind each of its slashes.
function broken(path) {
  return path.split(/(?<=\/)/).flatMap((part, at) => (at ? [el("wbr"), part] : [part]));
}

const name = (path) => path.slice(path.lastIndexOf("/") + 1);
const places = new Map(data.files.map((entry, at) => [entry.path, at]));
const out = data.files.map(() => []);
const into = data.files.map(() => []);
for (const [from, to] of data.imports) {
  out[from].push(to);
  into[to].push(from);
}
const ranked = data.files.map((entry, at) => at).filter((at) => data.files[at].rank);
ranked.sort((a, b) => data.files[a].rank - data.files[b].rank);

const notes = data.records.filter((record) => record.kind !== "goal");

// A part of the page, under a heading that the navigation names.
const sections = [];
function section(id, title, question, ...children) {
  sections.push([id, title]);
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title`, tabindex: "-1" }, title),
    question && el("p", { class: "question" }, question),
    children,
  );
}

const empty = (text, command) => el("p", { class: "empty" }, text, command && [" ", el("code", {}, command)]);

// The classes of a place in the ranking, the first ones strongest.
const rankClass = d3.scaleThreshold([6, 21, 61, 201], ["r1", "r2", "r3", "r4", "r5"]);
const heat = (rank) => (rank ? rankClass(rank) : "r5");
