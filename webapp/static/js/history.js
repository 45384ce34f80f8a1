// Replay: walk through a dossier's events on the diagram of its exact version. Without it the page is a list and a table.
(() => {
  "use strict";

  const source = document.getElementById("history-data");
  const stage = document.querySelector("[data-canvas]");
  if (!source || !stage) return;
  const data = JSON.parse(source.textContent);
  const { events, elements, flows, words } = data;
  const find = (name) => document.querySelector(`[data-${name}]`);
  const log = find("log");
  const slider = find("slider");
  const EVENT = { e: words.entered, c: words.completed, x: words.cancelled, f: words.fired };
  const indexOf = new Map(elements.map((element, at) => [element[0], at]));
  const READABLE = 0.62; // below this scale the words on a diagram cannot be read
  let at = Number(slider.value);

  // -- the state after the first `count` events: one pass, milliseconds for thousands of events

  function stateAt(count) {
    const seen = new Map();
    const taken = new Set();
    const of = (element) => {
      if (!seen.has(element)) seen.set(element, { open: 0, times: 0, since: 0, spent: 0, late: false });
      return seen.get(element);
    };
    for (let place = 0; place < count; place += 1) {
      const event = events[place];
      for (const [element, what, when] of event.s) {
        const state = of(element);
        if (what === "e") { state.open += 1; state.times += 1; if (state.open === 1) state.since = when; }
        else {
          if (state.open) { state.open -= 1; state.spent += when - state.since; state.since = when; }
          else if (what === "f") state.times += 1;
        }
      }
      for (const flow of event.f) taken.add(flow);
      if (event.late) for (const state of seen.values()) if (state.open) state.late = true;
    }
    return { seen, taken };
  }

  function spent(milliseconds) {
    const minutes = Math.round(milliseconds / 60000);
    if (minutes < 1) return "";
    if (minutes < 60) return `${minutes}′`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours}h${String(minutes % 60).padStart(2, "0")}`;
    return `${Math.floor(hours / 24)}d${hours % 24}h`;
  }

  // -- diagrams: one viewer each, made when first looked at

  const viewers = new Map();
  let shown = data.diagrams.length ? data.diagrams[0].id : "";

  async function viewer(process) {
    if (viewers.has(process)) return viewers.get(process);
    const drawn = data.diagrams.find((diagram) => diagram.id === process);
    if (!drawn) return null;
    const place = document.createElement("div");
    place.className = "replay__diagram";
    stage.append(place);
    const made = { place, view: new window.BpmnJS({ container: place }), marks: new Map(), ready: null };
    viewers.set(process, made);
    made.ready = made.view.importXML(drawn.xml).then(() => {
      made.view.get("eventBus").on("element.click", ({ element }) => clicked(element.id));
      made.view.get("eventBus").on("element.dblclick", ({ element }) => { if (data.called[element.id]) look(data.called[element.id]); });
    });
    await made.ready;
    fit(made);
    return made;
  }

  /** The whole diagram when it can be read so, else large enough to read, from its beginning. */
  function fit(made) {
    const canvas = made.view.get("canvas");
    canvas.zoom("fit-viewport", "auto");
    if (canvas.zoom() >= READABLE) return;
    canvas.zoom(READABLE);
    const { inner } = canvas.viewbox();
    const box = canvas.viewbox();
    canvas.viewbox({ x: inner.x - 20, y: inner.y + inner.height / 2 - box.height / 2, width: box.width, height: box.height });
  }

  /** Bring an element into sight when it is not. */
  function reveal(made, id) {
    const canvas = made.view.get("canvas");
    const shape = made.view.get("elementRegistry").get(id);
    if (!shape || shape.waypoints) return;
    const box = canvas.viewbox();
    const [x, y] = [shape.x + shape.width / 2, shape.y + shape.height / 2];
    const edge = 60;
    if (x > box.x + edge && x < box.x + box.width - edge && y > box.y + edge / 2 && y < box.y + box.height - edge / 2) return;
    canvas.viewbox({ x: x - box.width / 2, y: y - box.height / 2, width: box.width, height: box.height });
  }

  async function look(process) {
    shown = process;
    for (const link of document.querySelectorAll("[data-diagram]")) {
      if (link.dataset.diagram === process) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const made = await viewer(process);
    for (const [name, other] of viewers) other.place.hidden = name !== process;
    if (made) await paint();
  }

  function marksOf(state) {
    const marks = new Map();
    for (const [place, found] of state.seen) {
      marks.set(elements[place][0], [found.open ? "is-now" : "is-done", ...(found.late ? ["is-late"] : [])]);
    }
    for (const place of state.taken) marks.set(flows[place], ["is-taken"]);
    return marks;
  }

  async function paint() {
    const made = viewers.get(shown);
    if (!made) return;
    await made.ready;
    const canvas = made.view.get("canvas");
    const registry = made.view.get("elementRegistry");
    const state = stateAt(at);
    const wanted = marksOf(state);
    for (const [id, classes] of made.marks) {
      const now = wanted.get(id) || [];
      for (const name of classes) if (!now.includes(name)) canvas.removeMarker(id, name);
    }
    const marks = new Map();
    for (const [id, classes] of wanted) {
      if (!registry.get(id)) continue;
      marks.set(id, classes);
      const before = made.marks.get(id) || [];
      for (const name of classes) if (!before.includes(name)) canvas.addMarker(id, name);
    }
    made.marks = marks;
    const overlays = made.view.get("overlays");
    overlays.clear();
    for (const [place, found] of state.seen) {
      const id = elements[place][0];
      const shape = registry.get(id);
      if (!shape || shape.waypoints) continue;
      const sign = found.late ? "!" : found.open ? "●" : "✓";
      overlays.add(id, { position: { top: -10, left: -8 }, html: badge(sign, found.late ? "late" : found.open ? "now" : "done") });
      if (found.times > 1) overlays.add(id, { position: { top: -10, right: 12 }, html: badge(`×${found.times}`, "times") });
      const time = spent(found.spent);
      if (time && shape.width > 60) overlays.add(id, { position: { bottom: 8, left: 4 }, html: badge(time, "time") });
    }
  }

  function badge(text, kind) {
    const made = document.createElement("span");
    made.className = `replay__badge replay__badge--${kind}`;
    made.textContent = text;
    return made;
  }

  /** To the next step of the element after this one, else its first. */
  function clicked(id) {
    const place = indexOf.get(id);
    const has = (event) => event.s.some((step) => step[0] === place);
    let target = events.findIndex((event, number) => number >= at && has(event));
    if (target < 0) target = events.findIndex(has);
    if (target >= 0) go(target + 1, false);
  }

  // -- the log: all events, since the server wrote only those around the first step

  function entry(event) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `?at=${event.n}#buoc`;
    link.dataset.step = event.n;
    const what = document.createElement("span");
    what.className = "replay__what";
    what.textContent = event.what;
    if (event.late) {
      const late = document.createElement("strong");
      late.className = "late";
      late.textContent = ` ${words.late}`;
      what.append(late);
    }
    const when = document.createElement("span");
    when.className = "replay__when";
    when.textContent = `${event.at} · ${event.who}`;
    link.append(what, when);
    item.append(link);
    return item;
  }

  if (log && log.children.length < events.length) {
    const all = document.createDocumentFragment();
    for (const event of events) all.append(entry(event));
    log.replaceChildren(all);
    log.dataset.many = "";
    log.start = 1;
  }
  for (const note of document.querySelectorAll("[data-window]")) note.remove();

  // -- one step

  function cell(name, text, missing, label) {
    const made = document.createElement("td");
    made.dataset.label = label;
    const inner = document.createElement(text === null ? "span" : name);
    inner.textContent = text === null ? missing : text;
    if (text === null) inner.className = "muted";
    made.append(inner);
    return made;
  }

  function tell(event) {
    const said = `${event.n}/${events.length}`;
    find("count").textContent = said;
    for (const name of ["what", "at", "who", "ground", "kind", "hash"]) find(name).textContent = event[name];
    slider.value = String(event.n);
    slider.setAttribute("aria-valuetext", `${words.step} ${said}: ${event.what}, ${event.at}, ${event.who}${event.late ? `, ${words.late}` : ""}`);
    find("path").replaceChildren(...event.s.map(([place, what]) => {
      const made = document.createElement("span");
      const how = document.createElement("em");
      how.textContent = EVENT[what] || "";
      made.append(`${elements[place][2]} `, how);
      return made;
    }));
    const rows = event.c.map(([path, before, after]) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.className = "code";
      head.textContent = path;
      row.append(head, cell("del", before, words.new, words.before), cell("ins", after, words.gone, words.after));
      return row;
    });
    if (!rows.length) {
      const row = document.createElement("tr");
      const only = document.createElement("td");
      only.colSpan = 3;
      only.textContent = words.unchanged;
      row.append(only);
      rows.push(row);
    }
    find("changes").replaceChildren(...rows);
    find("facts").replaceChildren(...event.x.flatMap(([name, value]) => {
      const term = document.createElement("dt");
      term.className = "code";
      term.textContent = name;
      const text = document.createElement("dd");
      text.textContent = value;
      return [term, text];
    }));
  }

  function follow(event) {
    if (!event.s.length || !find("follow").checked) return;
    const process = elements[event.s[event.s.length - 1][0]][1];
    if (process !== shown && data.diagrams.some((diagram) => diagram.id === process)) return look(process);
    return undefined;
  }

  async function go(step, moves = true) {
    at = Math.min(events.length, Math.max(1, step));
    const event = events[at - 1];
    const before = log.querySelector("[aria-current]");
    if (before) before.removeAttribute("aria-current");
    const link = log.children[at - 1] && log.children[at - 1].querySelector("a");
    if (link) {
      link.setAttribute("aria-current", "step");
      const box = log.parentElement;
      const top = link.offsetTop - box.offsetTop;
      if (top < box.scrollTop || top + link.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
    }
    tell(event);
    if (moves) await follow(event);
    await paint();
    const made = viewers.get(shown);
    const here = event.s.filter((step) => elements[step[0]][1] === shown).pop();
    if (moves && made && here && find("follow").checked) reveal(made, elements[here[0]][0]);
  }

  slider.addEventListener("input", () => go(Number(slider.value)));
  for (const button of document.querySelectorAll("[data-move]")) button.addEventListener("click", () => go(at + Number(button.dataset.move)));
  log.addEventListener("click", (event) => {
    const link = event.target.closest("[data-step]");
    if (!link) return;
    event.preventDefault();
    go(Number(link.dataset.step));
  });
  log.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    go(at + step).then(() => log.children[at - 1].querySelector("a").focus({ preventScroll: true }));
  });
  for (const link of document.querySelectorAll("[data-diagram]")) {
    link.addEventListener("click", (event) => { event.preventDefault(); look(link.dataset.diagram); });
  }
  for (const button of document.querySelectorAll("[data-scale]")) {
    button.addEventListener("click", () => {
      const made = viewers.get(shown);
      if (!made) return;
      const canvas = made.view.get("canvas");
      if (button.dataset.scale === "fit") canvas.zoom("fit-viewport", "auto");
      else canvas.zoom(canvas.zoom() * Number(button.dataset.scale), "auto");
    });
  }
  window.addEventListener("resize", () => { const made = viewers.get(shown); if (made) made.view.get("canvas").resized(); });

  const first = events[at - 1];
  const begin = first && first.s.length ? elements[first.s[first.s.length - 1][0]][1] : shown;
  look(data.diagrams.some((diagram) => diagram.id === begin) ? begin : shown).then(() => { if (first) go(at); stage.dataset.ready = "1"; });
})();
