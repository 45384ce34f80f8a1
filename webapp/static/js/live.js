// What changes while something runs is fetched anew and put in its place: no reload takes away the focus, the place
// on the page or what is being read. Without this the page reloads itself, less often.
(() => {
  "use strict";

  const LOOK = 2000; // milliseconds
  const REACHED = "a[href], button, input, select, textarea, summary";
  const said = document.createElement("p"); // outside of what is replaced, so that its change is read out
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  let typed = false; // whoever writes into a form of the page keeps what is written

  // How to find, in the new content, what has the focus now: by id, by address, else by its place.
  function focused(part) {
    const held = document.activeElement;
    if (!held || !part.contains(held)) return () => null;
    if (held.id) return (other) => other.querySelector(`#${CSS.escape(held.id)}`);
    const address = held.getAttribute("href");
    if (address) return (other) => other.querySelector(`a[href="${CSS.escape(address)}"]`);
    const place = [...part.querySelectorAll(REACHED)].indexOf(held);
    return (other) => other.querySelectorAll(REACHED)[place];
  }

  function put(part, fresh, next) {
    if (typed) return false;
    if (part.innerHTML !== next.innerHTML) {
      const like = focused(part);
      part.replaceWith(document.adoptNode(next));
      const again = like(next);
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
