// Puts the page together, follows its address, and asks a server of ours for news.
"use strict";

const root = document.documentElement;

// A page of a file may not be allowed to remember anything.
function remembered(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    localStorage.setItem(key, value);
  } catch { /* then it does not */ }
  return null;
}

function themeButton() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const known = remembered("waypost-theme");
  if (known === "dark" || known === "light") root.dataset.theme = known;
  const button = el("button", { type: "button", class: "theme", onclick: () => { root.dataset.theme = isDark() ? "light" : "dark"; remembered("waypost-theme", root.dataset.theme); say(); } });
  const say = () => {
    button.textContent = isDark() ? "☀" : "☾";
    button.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
    button.title = button.getAttribute("aria-label");
  };
  dark.addEventListener("change", say);
  say();
  return button;
}

function build() {
  document.title = `${line(data.project.name)}: waypost report`;
  sections.push(["project", "Project"]);
  const main = el("main", { id: "main" });
  add(main, [overview(), start()]);
  page.append(el("a", { class: "skip", href: "#main" }, "Skip to the content"));
  const nav = el("nav", { class: "sections", "aria-label": "Parts of the page" });
  const top = el("header", { class: "top" }, el("a", { class: "brand", href: "#project" }, el("span", { class: "post", "aria-hidden": "true" }), line(data.project.name)), finder(), themeButton());
  page.append(top, el("div", { class: "frame" }, nav, main), dialog, told);
  // The map and the graph measure what they are drawn in.
  add(main, [map(), graph(), history(), memory(), goals(), sessions(), foot()]);
  nav.append(el("ul", {}, sections.map(([id, title]) => el("li", {}, el("a", { href: `#${id}` }, title)))));
  follow(nav);
}

function foot() {
  const left = data.left_out.symbols;
  return el("footer", {}, el("p", {}, left > 0 && `${plural(left, "symbol")} had no room on this page and the search here does not find them; waypost search does. `, "A click on a place copies it. Made by ", el("code", {}, "waypost report"), " from the tree as it was; this page asks for nothing over a network."));
}

// Marks the part that is being read.
function follow(nav) {
  const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.getAttribute("href").slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const [id, link] of links) {
        if (id === entry.target.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const id of links.keys()) seen.observe(document.getElementById(id));
}

function goWhereItSays() {
  let hash;
  try {
    hash = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;
  }
  if (hash.startsWith("file=")) return showFile(hash.slice(5));
  closeFile();
  if (!hash.startsWith("record-") && !hash.startsWith("snapshot-")) return;
  let target = document.getElementById(hash);
  if (!target && hash.startsWith("record-")) {
    // The filter hides it.
    const select = document.getElementById("kind");
    if (select) { select.value = ""; select.dispatchEvent(new Event("change")); }
    target = document.getElementById(hash);
  }
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView({ block: "center" });
  (target.querySelector("summary") ?? target).focus({ preventScroll: true });
}

// While a watch runs the server has something newer from time to time. Who types or
// reads in a dialog is not interrupted.
function stayCurrent() {
  const news = el("button", { type: "button", class: "news", hidden: true, onclick: () => location.reload() }, "There is a newer state: show it");
  page.append(news);
  let failed = 0;
  const ask = async () => {
    try {
      const answer = await fetch("/revision", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      failed = 0;
      const revision = (await answer.text()).trim();
      if (revision === root.dataset.revision) return;
      const isBusy = dialog.open || document.activeElement?.id === "search";
      if (isBusy) news.hidden = false;
      else location.reload();
    } catch {
      failed += 1;
      if (failed === 3) tell("The server has ended; this is its last page");
    }
  };
  setInterval(ask, 2000);
}

build();
addEventListener("hashchange", goWhereItSays);
goWhereItSays();
if ("live" in root.dataset) stayCurrent();
