// Progressive help for e-forms. Everything here also works without it, by an ordinary post.
(() => {
  "use strict";

  const AUTOSAVE_DELAY = 800; // milliseconds after the last input

  /** The values that a named field would post now; a hidden field has none. */
  function valuesOf(form, name) {
    const found = [];
    for (const control of form.elements) {
      if (control.name !== name || control.closest("[data-show-when][hidden]")) continue;
      if (control.type === "checkbox" && control.value === "true") found.push(String(control.checked));
      else if (control.type === "checkbox" || control.type === "radio") { if (control.checked) found.push(control.value); }
      else found.push(control.value);
    }
    return found;
  }

  /** Show what applies. Document order: a condition reads earlier fields only, so one pass is enough. */
  function applyConditions(form) {
    for (const part of form.querySelectorAll("[data-show-when]")) {
      const rule = JSON.parse(part.dataset.showWhen);
      const known = [...form.elements].some((control) => control.name === rule.name);
      if (!known) continue; // decided by a locked value: the server has already said
      const shown = valuesOf(form, rule.name).some((value) => rule.values.includes(value));
      part.hidden = !shown;
    }
  }

  function watchConditions(form) {
    form.addEventListener("change", () => applyConditions(form));
    applyConditions(form);
  }

  /** Post the draft 800 ms after the last input. Files are left out: they go with the next ordinary post. */
  function watchDraft(form) {
    const url = form.dataset.autosaveUrl;
    const status = form.querySelector("[data-autosave-status]");
    if (!url || !status) return;
    let timer = 0;
    let running = false;
    let again = false;
    let leaving = false;

    const say = (text, failed) => {
      if (status.textContent !== text) status.textContent = text;
      status.classList.toggle("autosave--failed", Boolean(failed));
    };

    async function save() {
      if (leaving) return;
      if (running) { again = true; return; }
      running = true;
      again = false;
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && name !== "act") body.append(name, value);
      }
      const token = form.elements.csrf_token ? form.elements.csrf_token.value : "";
      let done = false;
      try {
        const answer = await fetch(url, {
          method: "POST",
          body,
          credentials: "same-origin",
          redirect: "error",
          headers: { "X-CSRFToken": token, Accept: "application/json" },
        });
        done = answer.ok;
        if (done) {
          const now = new Date();
          const clock = `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
          say(`${form.dataset.saved} ${clock}`);
        }
      } catch {
        done = false;
      }
      running = false;
      if (!done) { say(form.dataset.failed, true); timer = window.setTimeout(save, 5000); }
      else if (again) save();
    }

    form.addEventListener("input", (event) => {
      if (event.target.type === "file") return;
      window.clearTimeout(timer);
      timer = window.setTimeout(save, AUTOSAVE_DELAY);
    });
    window.addEventListener("online", save);
    form.addEventListener("submit", () => { leaving = true; window.clearTimeout(timer); });
  }

  /** Say at once when a chosen file is too large; the server checks it again. */
  function watchFiles(form) {
    form.addEventListener("change", (event) => {
      const input = event.target;
      if (input.type !== "file") return;
      const limit = Number(input.dataset.maxBytes || 0);
      const large = [...input.files].some((file) => limit && file.size > limit);
      const note = document.getElementById(`${input.id}-limit`);
      if (note) note.classList.toggle("error", large);
      if (large) input.value = "";
      if (note && large && !note.dataset.told) {
        note.dataset.told = "1";
        note.prepend(`${form.dataset.tooLarge}. `);
      }
    });
  }

  /** A second press while the first is on its way would only be refused by the server: do not send it. */
  function watchSubmit(form) {
    let sent = 0;
    form.addEventListener("submit", (event) => {
      if (event.timeStamp - sent < 1500 && sent) { event.preventDefault(); return; }
      sent = event.timeStamp;
    });
  }

  for (const form of document.querySelectorAll("form[data-eform]")) {
    watchConditions(form);
    watchDraft(form);
    watchFiles(form);
    watchSubmit(form);
  }
})();
