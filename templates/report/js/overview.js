// The project on one screen, and where to start for the goal.
"use strict";

function overview() {
  const { project, state, goal } = data;
  const latest = data.snapshots[0];
  const facts = [
    project.languages.join(", "),
    project.version && `version ${project.version}`,
    project.licence,
    state.branch ? `${state.branch}${state.head ? ` at ${state.head}` : ""}` : state.head && `${state.head} (detached)`,
  ].filter(Boolean);
  const live = data.sessions.filter((session) => session.state === "active").length;
  const drifted = notes.filter((record) => record.state && record.state !== "fresh").length;
  const count = (label, value, href, note) => el("div", {}, el("dt", {}, label, note ? el("span", { class: "note" }, `, ${note}`) : null), el("dd", {}, href ? el("a", { href }, value) : value));
  return el(
    "section",
    { id: "project", "aria-labelledby": "project-title" },
    el("h1", { id: "project-title" }, project.name),
    project.about && el("p", { class: "about" }, project.about),
    el("p", { class: "facts" }, facts.map((fact) => el("span", {}, fact))),
    el(
      "dl",
      { class: "counts" },
      count("files", number(state.files), "#map"),
      count("symbols", number(state.symbols)),
      count("size", bytes(state.size)),
      count("snapshots", number(data.snapshots.length + data.left_out.snapshots), "#history"),
      count("records", number(notes.length + data.left_out.records), "#memory", drifted && `${drifted} not fresh`),
      count("sessions", number(data.sessions.length + data.left_out.sessions), "#sessions", live && `${live} active`),
    ),
    goal && goalCard(goal),
    el(
      "div",
      { class: "pair" },
      el("div", {}, el("h3", {}, "Commands"), commands(project)),
      el("div", {}, el("h3", {}, "How current it is"), freshness(state, latest)),
    ),
  );
}

function goalCard(goal) {
  const long = goal.text.length > 280 || goal.text.trim().includes("\n");
  const short = goal.text.split("\n")[0].slice(0, 240);
  return el(
    "div",
    { class: "goal" },
    el("h3", {}, goal.asked ? "Goal of this page" : "Goal"),
    long
      ? el("details", {}, el("summary", {}, short), el("p", { class: "prose" }, goal.text))
      : el("p", {}, goal.text),
    goal.next && el("p", {}, el("strong", {}, "Next: "), goal.next),
  );
}

function commands(project) {
  if (!project.commands.length) return empty("The project names no command to build, test or run it.");
  const rows = project.commands.map((command) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, command.purpose),
      el("td", {}, el("button", { type: "button", class: "place command", title: "Copy", onclick: () => copy(line(command.line)) }, line(command.line))),
      el("td", { class: "source" }, file(command.source)),
    ),
  );
  return el("table", { class: "commands" }, el("thead", { class: "hidden" }, el("tr", {}, ["purpose", "command", "source"].map((title) => el("th", { scope: "col" }, title)))), el("tbody", {}, rows));
}

const HANDOFF = {
  none: ["is not written yet", "warn", "waypost snapshot"],
  fresh: ["says what the tree says", "good"],
  stale: ["is behind the tree", "bad", "waypost handoff"],
  older_version: ["was written by an older waypost", "warn", "waypost handoff"],
  newer_version: ["was written by a newer waypost", "warn"],
};

function freshness(state, latest) {
  const [words, mark, command] = HANDOFF[state.handoff] ?? [state.handoff, "warn"];
  const items = [
    el("li", { class: mark }, "The handoff ", words, ` (${plural(state.tokens, "token")})`, command && [": ", el("code", {}, command)]),
    latest
      ? el("li", {}, "Latest snapshot ", el("a", { href: "#history" }, latest.id), ", ", time(latest.created_at))
      : el("li", { class: "warn" }, "No snapshot yet: ", el("code", {}, "waypost snapshot")),
    state.watched ? el("li", { class: "good" }, "A watch keeps it current") : el("li", {}, "No watch is running"),
  ];
  const changed = state.changed;
  if (changed.length) {
    const rows = changed.map((entry) => el("li", {}, el("span", { class: "tag" }, entry.status), " ", file(entry.path), entry.symbols.length > 0 && el("span", { class: "muted" }, ` ${entry.symbols.slice(0, 6).join(", ")}`)));
    items.push(el("li", { class: "plain" }, el("details", {}, el("summary", {}, `${plural(changed.length, "file")} changed since ${state.since}`), el("ul", { class: "rows" }, rows))));
  } else if (state.since) {
    items.push(el("li", {}, `Nothing changed since ${state.since}`));
  }
  const commits = state.commits.map((subject) => el("li", {}, subject));
  if (commits.length) items.push(el("li", { class: "plain" }, el("details", {}, el("summary", {}, "Latest commits"), el("ul", { class: "rows" }, commits))));
  return el("ul", { class: "state" }, items);
}

const SHOWN_AT_START = 10;

function start() {
  const { goal } = data;
  const first = ranked.slice(0, SHOWN_AT_START).map((at) => data.files[at]);
  const rows = first.map((entry) =>
    el("li", {}, el("div", {}, file(entry.path), " ", el("span", { class: "muted" }, bytes(entry.size))), entry.why.length > 0 && el("div", { class: "why" }, entry.why.join("; "))),
  );
  const means = goal ? `${goal.means}` : "There is no goal, so these are the most central and most worked-on files. waypost report --goal \"...\" ranks them for one.";
  return section("start", "Where to start", means, rows.length ? el("ol", { class: "start" }, rows) : empty("There is no file to rank."));
}
