// Small things every page may use. Nothing here is needed to do the work.
(() => {
  "use strict";

  document.documentElement.classList.add("js");

  // The error summary takes the focus, so that a screen reader begins with it.
  const summary = document.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!target) return;
      event.preventDefault();
      target.focus({ preventScroll: true });
      const label = target.closest(".field, fieldset, .item") || target;
      label.scrollIntoView({ block: "start" });
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // A select or date that filters a list applies itself; without script the button next to it does.
  for (const form of document.querySelectorAll("form[data-auto-submit]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }

  // On a phone a row of tabs scrolls sideways: the current one is brought into sight, the page itself stays.
  for (const current of document.querySelectorAll(".top__nav [aria-current], .tabs [aria-current]")) {
    const row = current.closest("ul, nav");
    const over = current.getBoundingClientRect().right - row.getBoundingClientRect().right;
    if (over > 0) row.scrollLeft += over + 24;
  }
})();
