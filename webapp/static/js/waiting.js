// A page that waits for something to happen elsewhere looks again by itself, ever less often. The link does it too.
(() => {
  "use strict";

  const place = document.querySelector("[data-wait-url]");
  if (!place) return;
  let pause = 1000; // milliseconds

  async function look() {
    try {
      const answer = await fetch(place.dataset.waitUrl, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).state !== place.dataset.waitFor) { window.location.reload(); return; }
    } catch {
      // Offline for a moment: the next look may do better.
    }
    pause = Math.min(pause * 1.5, 15000);
    window.setTimeout(look, pause);
  }

  window.setTimeout(look, pause);
})();
