// What changes while something runs is fetched anew and put in its place: no reload takes away the focus, the place
// on the page or what is being read. Without this the page reloads itself, less often.
(() => {
  "use strict";

  const LOOK = 2000; // milliseconds
  const said = document.createElement("p"); // outside of what is replaced, so that its change is read out
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  let typed = false; // whoever writes into a form of the page keeps what is written

  // The focused element, as a way to find its like in the new content.
  function focused(part) {
    const held = document.activeElement;
    if (!held || !part.contains(held)) return "";
    if (held.id) return `#${CSS.escape(held.id)}`;
    const address = held.getAttribute("href");
    return address ? `a[href="${CSS.escape(address)}"]` : "";
  }

  function put(part, fresh, next) {
    if (typed) return false;
    if (part.innerHTML !== next.innerHTML) {
      const held = focused(part);
      part.replaceWith(document.adoptNode(next));
      const again = held ? next.querySelector(held) : null;
      if (again) again.focus({ preventScroll: true });
    }
    document.title = fresh.title;
    if ("live" in next.dataset) return true;
    said.textContent = next.querySelector("h1").textContent;
    return false;
  }

  async function look() {
    const part = document.getElementById("live");
    let more = true;
    try {
      const answer = document.hidden ? null : await fetch(window.location.href, { credentials: "same-origin", redirect: "error" });
      if (answer && answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = fresh.getElementById("live");
        if (next) more = put(part, fresh, next);
      }
    } catch { /* the next look may succeed */ }
    if (more) window.setTimeout(look, LOOK);
  }

  document.addEventListener("input", () => { typed = true; });
  document.querySelector("main").append(said);
  window.setTimeout(look, LOOK);
})();
