// The document viewer: zoom, pages, and the place on the page where a value was read.
(() => {
  "use strict";

  const STEPS = [0.5, 0.75, 1, 1.5, 2, 3];

  function place(mark, page, data) {
    const [left, top, width, height] = data.split(",").map(Number);
    const image = page.querySelector("img");
    if (!image || !image.naturalWidth) return;
    const across = Number(page.dataset.width) || image.naturalWidth;
    const down = Number(page.dataset.height) || image.naturalHeight;
    mark.style.left = `${(100 * left) / across}%`;
    mark.style.top = `${(100 * top) / down}%`;
    mark.style.width = `${(100 * width) / across}%`;
    mark.style.height = `${(100 * height) / down}%`;
  }

  for (const viewer of document.querySelectorAll("[data-viewer]")) {
    const stage = viewer.querySelector("[data-viewer-stage]");
    const level = viewer.querySelector("[data-viewer-level]");
    if (!stage) continue;
    let step = STEPS.indexOf(1);

    const zoom = (change) => {
      step = Math.min(STEPS.length - 1, Math.max(0, step + change));
      stage.style.setProperty("--zoom", STEPS[step]);
      if (level) level.textContent = `${Math.round(STEPS[step] * 100)}%`;
    };
    for (const button of viewer.querySelectorAll("[data-zoom]")) {
      button.hidden = false;
      button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
    }

    const mark = document.createElement("span");
    mark.className = "viewer__mark";
    mark.setAttribute("aria-hidden", "true");
    const show = (row) => {
      const page = stage.querySelector(`[data-page="${Number(row.dataset.page) || 1}"]`);
      if (!page || !row.dataset.box) return;
      page.append(mark);
      place(mark, page, row.dataset.box);
      mark.scrollIntoView({ block: "nearest", inline: "nearest" });
    };
    const scope = document.getElementById(viewer.dataset.viewer) || document;
    for (const row of scope.querySelectorAll("[data-box]")) {
      row.addEventListener("mouseenter", () => show(row));
      row.addEventListener("focusin", () => show(row));
    }
  }
})();
