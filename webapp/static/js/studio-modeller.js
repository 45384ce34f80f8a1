// The modeller: opens the draft's diagram, saves it by If-Match, shows every finding at its element.
(() => {
  "use strict";

  const page = JSON.parse(document.getElementById("studio-page").textContent);
  const { words } = page;
  const find = (name) => document.querySelector(`[data-${name}]`);
  const status = find("status");
  const AUTOSAVE = 2500; // milliseconds after the last change

  const modeler = new window.BpmnJS({
    container: find("canvas"),
    additionalModules: [window.StudioTranslate, window.DiagramJSMinimap].filter(Boolean),
    moddleExtensions: { motcua: window.StudioDescriptor },
  });
  let panel = null;
  let etag = "";
  let original = ""; // the bytes as they came: an untouched diagram is never rewritten
  let pristine = true;
  let dirty = false;
  let running = false;
  let again = false;
  let timer = 0;

  const say = (text, kind = "") => { status.textContent = text; status.className = `studio-status ${kind && `studio-status--${kind}`}`; };

  // -- findings

  function showProblems(problems) {
    page.problems = problems;
    const overlays = modeler.get("overlays");
    const registry = modeler.get("elementRegistry");
    overlays.remove({ type: "finding" });
    const list = find("problems");
    list.replaceChildren();
    const errors = problems.filter((one) => one.severity === "error").length;
    find("summary").textContent = words.counts.replace("{errors}", errors).replace("{warnings}", problems.length - errors);
    find("summary").className = errors ? "tag tag--refused" : problems.length ? "tag tag--waiting" : "tag tag--done";
    const badges = new Map();
    for (const one of problems) {
      const item = document.createElement("li");
      const here = registry.get(one.element);
      const link = document.createElement(here ? "button" : "span");
      if (here) { link.type = "button"; link.className = "linklike"; link.addEventListener("click", () => go(one.element)); }
      link.textContent = one.message;
      const kind = document.createElement("strong");
      kind.textContent = `${one.severity === "error" ? words.error : words.warning}: `;
      const remedy = document.createElement("span");
      remedy.className = "muted"; remedy.textContent = ` ${one.remedy} `;
      const code = document.createElement("span");
      code.className = "code muted"; code.textContent = one.code;
      item.append(kind, link, remedy, code);
      list.append(item);
      if (here) badges.set(one.element, [...(badges.get(one.element) || []), one]);
    }
    for (const [element, found] of badges) {
      const badge = document.createElement("button");
      const bad = found.some((one) => one.severity === "error");
      badge.type = "button";
      badge.className = `badge badge--${bad ? "error" : "warning"}`;
      badge.textContent = "!";
      badge.setAttribute("aria-label", found.map((one) => one.message).join(" "));
      badge.title = found.map((one) => one.message).join("\n");
      badge.addEventListener("click", () => go(element));
      const shape = registry.get(element);
      overlays.add(element, "finding", { position: shape.waypoints ? { top: 0, left: 0 } : { top: -12, left: -12 }, html: badge });
    }
    if (panel) panel.tell();
  }

  function go(id) {
    const element = modeler.get("elementRegistry").get(id);
    if (!element) return;
    modeler.get("canvas").scrollToElement(element, 120);
    modeler.get("selection").select(element);
  }

  // -- saving

  const checked = new Map(); // file as it came → what the modeller would not give back of it
  let placed = false; // whether the drawing was made by the server
  let unread = []; // what it said it cannot draw

  /** What of the file would be lost by saving an edited drawing of it: nothing, or it is not saved. */
  async function losses() {
    if (!checked.has(original)) {
      const moddle = modeler.get("moddle");
      const { rootElement } = await moddle.fromXML(original);
      const after = (await moddle.toXML(rootElement, { format: true })).xml;
      const response = await fetch(page.losses, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-CSRFToken": page.csrf },
        body: JSON.stringify({ before: original, after }),
      });
      if (!response.ok) throw new Error(response.status);
      const found = await response.json();
      checked.set(original, [...unread, ...found.losses, ...Array(Math.max(0, found.count - found.losses.length)).fill("…")]);
    }
    return checked.get(original);
  }

  function refuse(found) {
    const link = document.createElement("a");
    link.href = page.conflict;
    link.textContent = page.file;
    say(`${words.lossy.replace("{count}", found.length)} `, "bad");
    status.append(link, ` (${found.slice(0, 4).join("; ")}${found.length > 4 ? "; …" : ""})`);
    keep();
  }

  async function save() {
    clearTimeout(timer);
    if (!page.editable) return;
    if (running) { again = true; return; }
    running = true;
    say(words.saving);
    try {
      const found = pristine ? [] : await losses();
      if (found.length) { refuse(found); return; }
      const xml = pristine ? original : (await modeler.saveXML({ format: true })).xml;
      const begun = dirty;
      dirty = false;
      const response = await fetch(page.source, {
        method: "PUT", credentials: "same-origin",
        headers: { "Content-Type": "application/xml", "X-CSRFToken": page.csrf, "If-Match": `"${etag}"`, Accept: "application/json" },
        body: xml,
      });
      const answer = await response.json();
      if (response.ok) {
        etag = response.headers.get("ETag").replaceAll('"', "");
        showProblems(answer.problems);
        say(words.saved.replace("{at}", new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })), "ok");
        find("conflict").hidden = true;
        localStorage.removeItem(`studio:${page.source}`);
      } else {
        dirty = begun;
        const other = response.status === 412; // told in the box, with both versions
        say((!other && answer.error) || words.failed, "bad");
        if (other) conflict(answer.error);
        if (answer.problems && answer.problems.length) showProblems(answer.problems);
      }
    } catch {
      dirty = true;
      say(words.offline, "bad");
      keep();
    } finally {
      running = false;
      if (again) { again = false; save(); }
    }
  }

  /** While the server cannot be reached, the browser keeps the diagram. */
  async function keep() {
    try { localStorage.setItem(`studio:${page.source}`, JSON.stringify({ etag, xml: (await modeler.saveXML()).xml })); } catch { /* full or forbidden */ }
  }

  async function conflict(message) {
    const box = find("conflict");
    box.hidden = false;
    box.querySelector("[data-said]").textContent = message;
    const list = box.querySelector("[data-differences]");
    const heads = [...box.querySelectorAll("thead th")].map((head) => head.textContent);
    list.replaceChildren();
    const answer = await fetch(page.differences, {
      method: "POST", headers: { "Content-Type": "application/xml", "X-CSRFToken": page.csrf }, body: (await modeler.saveXML({ format: true })).xml,
    }).then((response) => response.json()).catch(() => ({ changes: [] }));
    for (const change of answer.changes) {
      const row = document.createElement("tr");
      [change.name || change.id, change.theirs, change.mine].forEach((value, column) => {
        const cell = document.createElement(column ? "td" : "th");
        if (column) cell.dataset.label = heads[column]; else cell.scope = "row";
        cell.textContent = value;
        row.append(cell);
      });
      list.append(row);
    }
    box.querySelector("h2").focus();
  }

  async function fetchTheirs() {
    const response = await fetch(page.source, { headers: { Accept: "application/xml" } });
    return { xml: await response.text(), tag: (response.headers.get("ETag") || "").replaceAll('"', "") };
  }

  // -- begin

  const PALETTE = 124, EDGE = 24; // pixels that the palette covers at the left, and the margin elsewhere

  // The whole diagram in the part of the canvas that the palette leaves free, no larger than drawn.
  function fit(least) {
    const canvas = modeler.get("canvas"), { inner, outer } = canvas.viewbox();
    if (!inner.width || !outer.width) return;
    const free = { width: outer.width - PALETTE - EDGE, height: outer.height - 2 * EDGE };
    const scale = Math.max(least, Math.min(1, free.width / inner.width, free.height / inner.height));
    const spare = Math.max(0, free.height / scale - inner.height) / 2;
    canvas.viewbox({ x: inner.x - PALETTE / scale, y: inner.y - EDGE / scale - spare, width: outer.width / scale, height: outer.height / scale });
  }

  /** The file with a drawing. One that came without is drawn by the server; nothing else of it changes. */
  async function drawn(xml) {
    if (/<([\w.-]+:)?BPMNShape\b/.test(xml)) return xml;
    const response = await fetch(page.drawn, { method: "POST", headers: { "Content-Type": "application/xml", "X-CSRFToken": page.csrf }, body: xml });
    return response.ok ? response.text() : xml;
  }

  async function open(xml) {
    const shown = await drawn(xml);
    const { warnings } = await modeler.importXML(shown);
    placed = shown !== xml;
    unread = warnings.map((warning) => warning.message.split("\n")[0].slice(0, 160));
    fit(0.6); // a large diagram opens legible at its beginning
    return warnings;
  }

  async function begin() {
    const [first, offers] = await Promise.all([fetchTheirs(), fetch(page.offers).then((response) => response.json())]);
    page.catalogue = offers;
    etag = first.tag; original = first.xml;
    try {
      const warnings = await open(first.xml);
      if (warnings.length) say(words.warnings.replace("{count}", warnings.length), "bad");
      else say(placed ? words.placed : words.ready);
    } catch (error) {
      say(`${words.unreadable} ${error.message}`, "bad");
      return;
    }
    panel = window.StudioPanel(modeler, find("panel"), page, words);
    panel.show(modeler.get("canvas").getRootElement());
    showProblems(page.problems);
    if (page.element) go(page.element);
    const kept = localStorage.getItem(`studio:${page.source}`);
    if (kept) find("kept").hidden = false;
    modeler.get("eventBus").on("commandStack.changed", () => {
      pristine = false; dirty = true;
      say(words.changed);
      clearTimeout(timer);
      if (page.editable) timer = setTimeout(save, AUTOSAVE);
    });
    document.documentElement.dataset.studio = "ready";
    performance.mark("studio-ready");
  }

  for (const button of document.querySelectorAll("[data-act]")) {
    button.addEventListener("click", async () => {
      const act = button.dataset.act;
      if (act === "undo") modeler.get("commandStack").undo();
      else if (act === "redo") modeler.get("commandStack").redo();
      else if (act === "save") save();
      else if (act === "fit") fit(0.1);
      else if (act === "in" || act === "out") modeler.get("zoomScroll").stepZoom(act === "in" ? 1 : -1);
      else if (act === "theirs") { const theirs = await fetchTheirs(); etag = theirs.tag; original = theirs.xml; pristine = true; dirty = false; await open(theirs.xml); find("conflict").hidden = true; say(words.theirs); panel.show(modeler.get("canvas").getRootElement()); }
      else if (act === "restore") {
        const kept = JSON.parse(localStorage.getItem(`studio:${page.source}`));
        await open(kept.xml); pristine = false; dirty = true; find("kept").hidden = true;
        panel.show(modeler.get("canvas").getRootElement()); save();
      } else if (act === "forget") { localStorage.removeItem(`studio:${page.source}`); find("kept").hidden = true; }
      else if (act === "mine") { etag = (await fetchTheirs()).tag; save(); }
    });
  }
  const chooser = find("open-file");
  if (chooser) {
    chooser.addEventListener("change", async () => {
      const file = chooser.files[0];
      if (!file) return;
      const xml = await file.text();
      try { await open(xml); original = xml; pristine = true; dirty = true; say(placed ? words.placed : words.opened); panel.show(modeler.get("canvas").getRootElement()); save(); } catch (error) { say(`${words.unreadable} ${error.message}`, "bad"); }
    });
  }
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    const key = event.key.toLowerCase();
    if (key === "s") { event.preventDefault(); save(); return; }
    // The drawing tool hears its keys on the canvas alone; undoing also works after a button was pressed.
    if (event.target.matches("input, textarea, select") || !["z", "y"].includes(key)) return;
    event.preventDefault();
    modeler.get("commandStack")[key === "y" || event.shiftKey ? "redo" : "undo"]();
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) { event.preventDefault(); event.returnValue = ""; } });
  begin();
})();
