// The decision tables of a draft: dmn-js, saved by If-Match, with the server's hints on gaps and overlaps.
(() => {
  "use strict";

  const page = JSON.parse(document.getElementById("studio-page").textContent);
  const { words } = page;
  const find = (name) => document.querySelector(`[data-${name}]`);
  const status = find("status");
  const modeler = new window.DmnJS({ container: find("canvas"), height: "100%", width: "100%" });
  let etag = "";
  let original = "";
  let pristine = true;
  let running = false;
  let again = false;
  let timer = 0;
  let dirty = false;

  const say = (text, kind = "") => { status.textContent = text; status.className = `studio-status ${kind && `studio-status--${kind}`}`; };

  function showProblems(problems) {
    const list = find("problems");
    list.replaceChildren();
    const errors = problems.filter((one) => one.severity === "error").length;
    find("summary").textContent = words.counts.replace("{errors}", errors).replace("{warnings}", problems.length - errors);
    find("summary").className = errors ? "tag tag--refused" : problems.length ? "tag tag--waiting" : "tag tag--done";
    for (const one of problems) {
      const item = document.createElement("li");
      const kind = document.createElement("strong");
      kind.textContent = `${one.severity === "error" ? words.error : words.warning}: `;
      const view = viewOf(one.element);
      const text = document.createElement(view ? "button" : "span");
      if (view) { text.type = "button"; text.className = "linklike"; text.addEventListener("click", () => look(view)); }
      text.textContent = one.message;
      const remedy = document.createElement("span");
      remedy.className = "muted";
      remedy.textContent = ` ${one.remedy} (${one.code}${one.element ? `, ${one.element}` : ""})`;
      item.append(kind, text, remedy);
      list.append(item);
    }
  }

  /** The view whose element contains the one of that id. */
  function viewOf(id) {
    if (!id) return null;
    const within = (node, seen = new Set()) => {
      if (!node || typeof node !== "object" || seen.has(node)) return false;
      seen.add(node);
      if (node.id === id) return true;
      return Object.entries(node).some(([key, value]) => key !== "$parent" && !key.startsWith("$") && (Array.isArray(value) ? value.some((one) => within(one, seen)) : value && value.$type && within(value, seen)));
    };
    return modeler.getViews().find((view) => view.type !== "drd" && within(view.element)) || null;
  }

  async function look(view) { await modeler.open(view); }

  function tabs() {
    const list = find("views");
    list.replaceChildren();
    const active = modeler.getActiveView();
    for (const view of modeler.getViews()) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "tab-button";
      button.textContent = view.type === "drd" ? words.drd : view.element.name || view.element.id;
      if (active && active.id === view.id) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => look(view));
      item.append(button);
      list.append(item);
    }
  }

  function watch() {
    const viewer = modeler.getActiveViewer();
    if (!viewer || viewer.watched) return;
    viewer.watched = true;
    viewer.on("commandStack.changed", () => {
      pristine = false; dirty = true;
      say(words.changed);
      clearTimeout(timer);
      if (page.editable) timer = setTimeout(save, 2500);
    });
  }

  /** The library leaves the head of the row numbers empty; a table's heads have to say what they head. */
  function nameHeads() {
    for (const head of document.querySelectorAll("[data-canvas] th.index-column")) {
      if (head.textContent.trim()) continue;
      const text = document.createElement("span");
      text.className = "visually-hidden";
      text.textContent = words.row;
      head.append(text);
    }
  }

  async function save() {
    clearTimeout(timer);
    if (!page.editable) return;
    if (running) { again = true; return; }
    running = true;
    say(words.saving);
    try {
      const xml = pristine ? original : (await modeler.saveXML({ format: true })).xml;
      dirty = false;
      const response = await fetch(page.source, {
        method: "PUT", headers: { "Content-Type": "application/xml", "X-CSRFToken": page.csrf, "If-Match": `"${etag}"`, Accept: "application/json" }, body: xml,
      });
      const answer = await response.json();
      if (response.ok) {
        etag = response.headers.get("ETag").replaceAll('"', "");
        say(words.saved.replace("{at}", new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })), "ok");
      } else {
        dirty = true;
        say(answer.error || words.failed, "bad");
        find("conflict").hidden = response.status !== 412;
        if (response.status === 412) find("said").textContent = answer.error;
      }
      if (answer.problems && (response.ok || answer.problems.length)) showProblems(answer.problems);
    } catch {
      dirty = true;
      say(words.offline, "bad");
    } finally {
      running = false;
      if (again) { again = false; save(); }
    }
  }

  async function begin() {
    const response = await fetch(page.source);
    original = await response.text();
    etag = (response.headers.get("ETag") || "").replaceAll('"', "");
    modeler.on("views.changed", () => { tabs(); watch(); nameHeads(); });
    try { await modeler.importXML(original); } catch (error) { say(`${words.unreadable} ${error.message}`, "bad"); return; }
    const table = modeler.getViews().find((view) => view.type === "decisionTable");
    const asked = viewOf(page.element);
    if (asked || table) await modeler.open(asked || table);
    tabs(); watch(); nameHeads();
    showProblems(page.problems);
    say(words.ready);
    document.documentElement.dataset.studio = "ready";
  }

  for (const button of document.querySelectorAll("[data-act]")) {
    button.addEventListener("click", async () => {
      const act = button.dataset.act;
      if (act === "save") save();
      else if (act === "theirs") window.location.reload();
      else if (act === "mine") { etag = ((await fetch(page.source)).headers.get("ETag") || "").replaceAll('"', ""); find("conflict").hidden = true; save(); }
      else if (modeler.getActiveViewer()) modeler.getActiveViewer().get("commandStack")[act]();
    });
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); save(); }
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) { event.preventDefault(); event.returnValue = ""; } });
  begin();
})();
