// Keys for people who live in the inbox, and counts that stay fresh. Links and buttons do the same without it.
(() => {
  "use strict";

  const REFRESH = 15000; // milliseconds between two looks at the counts
  const OFF = "motcua-shortcuts-off";

  function remembered() {
    try { return window.localStorage.getItem(OFF) === "1"; } catch { return false; }
  }

  const rows = [...document.querySelectorAll("[data-row]")];
  const help = document.querySelector("details.shortcuts");
  const off = document.querySelector("[data-shortcuts-off]");
  let at = -1;

  if (off) {
    off.checked = remembered();
    off.addEventListener("change", () => {
      try { window.localStorage.setItem(OFF, off.checked ? "1" : "0"); } catch { /* private windows forget */ }
    });
  }

  function move(step) {
    if (!rows.length) return;
    const focused = rows.findIndex((row) => row.contains(document.activeElement));
    at = Math.min(rows.length - 1, Math.max(0, (focused < 0 ? at : focused) + step));
    for (const row of rows) row.removeAttribute("data-chosen");
    rows[at].setAttribute("data-chosen", "");
    rows[at].querySelector("[data-open]").focus();
  }

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    c: () => {
      const row = rows[at] || rows.find((found) => found.contains(document.activeElement));
      const button = row && row.querySelector("[data-claim]");
      if (button) button.click();
    },
    "/": () => document.querySelector("[data-search]").focus(),
    "?": () => { if (help) help.open = !help.open; },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (off && off.checked)) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  const counted = document.querySelector("[data-counts]");
  async function refresh() {
    if (document.hidden) return;
    try {
      const answer = await fetch(counted.dataset.counts, { credentials: "same-origin", redirect: "error", headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const counts = await answer.json();
      for (const place of document.querySelectorAll("[data-count]")) {
        const now = counts[place.dataset.count];
        if (now !== undefined && place.textContent !== now) place.textContent = now;
      }
    } catch { /* the next look may succeed */ }
  }
  if (counted) window.setInterval(refresh, REFRESH);
})();
