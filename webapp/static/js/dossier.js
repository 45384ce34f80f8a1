// Parts of a dossier as tabs, and a page that notices when the dossier moves. Without it: anchors, and a reload.
(() => {
  "use strict";

  const LOOK = 5000; // milliseconds between two looks while a connector is at work
  const tabs = document.querySelector("[data-tabs]");
  const parts = [...document.querySelectorAll(".part")];
  let typed = false;

  function open(id) {
    const part = parts.find((found) => found.id === id) || parts.find((found) => found.querySelector(`[id="${CSS.escape(id)}"]`));
    if (!part) return false;
    for (const other of parts) other.hidden = other !== part;
    for (const link of tabs.querySelectorAll("a")) {
      if (link.hash === `#${part.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    return true;
  }

  if (tabs && parts.length) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      if (!link || !open(decodeURIComponent(link.hash.slice(1)))) return;
      event.preventDefault();
      window.history.replaceState(null, "", link.hash);
      const inner = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (inner && !inner.classList.contains("part")) inner.scrollIntoView({ block: "start" });
    });
    const wanted = decodeURIComponent(window.location.hash.slice(1));
    if (!wanted || !open(wanted)) open(document.querySelector("[data-first]") ? document.querySelector("[data-first]").dataset.first : parts[0].id);
  }

  const page = document.querySelector("[data-status]");
  document.addEventListener("input", () => { typed = true; });
  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(page.dataset.status, { credentials: "same-origin", redirect: "error", headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const now = await answer.json();
      if (String(now.revision) === page.dataset.revision) return;
      if (typed) document.querySelector("[data-changed]").hidden = false;
      else window.location.reload();
    } catch { /* the next look may succeed */ }
  }
  if (page) window.setInterval(look, page.dataset.busy === undefined ? LOOK * 4 : LOOK);
})();
