// Diagrams to look at: what scenarios passed, or how two versions differ. The same is said in words on the page.
(() => {
  "use strict";

  const page = JSON.parse(document.getElementById("studio-page").textContent);

  function sign(viewer, id, text) {
    const shape = viewer.get("elementRegistry").get(id);
    if (!shape || shape.waypoints) return;
    const mark = document.createElement("span");
    mark.className = "sign";
    mark.textContent = text;
    viewer.get("overlays").add(id, { position: { top: -10, left: -10 }, html: mark });
  }

  async function show(place, xml) {
    const viewer = new window.BpmnJS({ container: place });
    await viewer.importXML(xml);
    const canvas = viewer.get("canvas");
    canvas.zoom("fit-viewport", "auto");
    return viewer;
  }

  function mark(viewer, ids, kind) {
    for (const id of ids) if (viewer.get("elementRegistry").get(id)) viewer.get("canvas").addMarker(id, kind);
  }

  async function coverage(place) {
    const xml = await fetch(page.source).then((response) => response.text());
    const viewer = await show(place, xml);
    mark(viewer, [...page.passed, ...page.taken], "is-passed");
    mark(viewer, page.missing, "is-missing");
  }

  async function side(place) {
    const diagram = page.diagrams[Number(place.dataset.diagram)];
    const before = place.dataset.side === "before";
    const viewer = await show(place, before ? diagram.before : diagram.after);
    const [only, symbol] = before ? ["removed", "−"] : ["added", "+"];
    mark(viewer, diagram.marks[only], `is-${only}`);
    mark(viewer, diagram.marks.changed, "is-changed");
    for (const id of diagram.marks[only]) sign(viewer, id, symbol);
    for (const id of diagram.marks.changed) sign(viewer, id, "~");
  }

  const places = [...document.querySelectorAll("[data-view]")].map(coverage).concat([...document.querySelectorAll("[data-side]")].map(side));
  Promise.allSettled(places).then(() => { document.documentElement.dataset.studio = "ready"; });
})();
