// The modeller's own panel: plain labelled controls. Every edit goes through the command stack, so undo works.
(() => {
  "use strict";

  const STEP = ["bpmn:UserTask", "bpmn:ManualTask", "bpmn:ServiceTask", "bpmn:SendTask", "bpmn:BusinessRuleTask", "bpmn:CallActivity", "bpmn:ReceiveTask"];

  window.StudioPanel = (modeler, place, page, words) => {
    const { catalogue } = page;
    const modeling = modeler.get("modeling");
    const moddle = modeler.get("moddle");
    const factory = modeler.get("bpmnFactory");
    let shown = null;
    let writing = false; // an edit of ours: the panel keeps its focus and is not drawn anew

    const is = (element, type) => Boolean(element && element.businessObject && element.businessObject.$instanceOf(type));
    const bo = () => shown.businessObject;
    const edit = (act) => { writing = true; try { act(); } finally { writing = false; entitle(); } };
    const set = (values) => edit(() => modeling.updateProperties(shown, values));

    // -- small builders

    function make(tag, attributes = {}, ...children) {
      const node = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        if (name === "text") node.textContent = value;
        else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, value === true ? "" : value);
      }
      node.append(...children);
      return node;
    }

    let serial = 0;
    function field(label, control, hint) {
      serial += 1;
      control.id = `p-${serial}`;
      control.classList.add("input");
      if (!page.editable) control.disabled = true;
      const parts = [make("label", { for: control.id, text: label }), control];
      if (hint) {
        const told = make("p", { class: "hint", id: `${control.id}-h`, text: hint });
        control.setAttribute("aria-describedby", told.id);
        parts.push(told);
      }
      return make("div", { class: "prop" }, ...parts);
    }

    function text(label, value, write, { hint, area, list } = {}) {
      const control = area ? make("textarea", { rows: "2", spellcheck: "false" }) : make("input", { type: "text", autocomplete: "off", list });
      control.value = value || "";
      control.addEventListener("change", () => write(control.value.trim()));
      return field(label, control, hint);
    }

    function select(label, value, options, write, { hint, empty = words.none } = {}) {
      const control = make("select");
      control.append(make("option", { value: "", text: empty }));
      for (const option of options) control.append(make("option", { value: option.id, text: option.label === option.id ? option.id : `${option.label} (${option.id})` }));
      if (value && !options.some((option) => option.id === value)) control.append(make("option", { value, text: `${value} – ${words.unknown}` }));
      control.value = value || "";
      control.addEventListener("change", () => write(control.value));
      return field(label, control, hint);
    }

    function section(title, ...children) {
      const found = children.flat().filter(Boolean);
      if (!found.length) return null;
      return make("details", { open: true }, make("summary", { text: title }), ...found);
    }

    const attribute = (name) => bo().get(`motcua:${name}`);
    const write = (name) => (value) => set({ [`motcua:${name}`]: value || undefined });

    // -- mappings

    function mappings(kind) {
      const values = bo().extensionElements ? bo().extensionElements.get("values") : [];
      return values.filter((value) => value.$type === `motcua:${kind}`).map((value) => ({
        node: value, name: value.get("name") || value.get("target") || "", source: value.get("body") || value.get("source") || "",
      }));
    }

    function change(values) {
      edit(() => {
        const known = bo().extensionElements;
        const holder = factory.create("bpmn:ExtensionElements", { values });
        holder.$parent = bo();
        for (const value of values) value.$parent = holder;
        if (known) modeling.updateModdleProperties(shown, known, { values });
        else modeling.updateProperties(shown, { extensionElements: values.length ? holder : undefined });
      });
    }

    const all = () => (bo().extensionElements ? [...bo().extensionElements.get("values")] : []);

    function setMapping(kind, name, source, old) {
      const fresh = moddle.create(`motcua:${kind}`, { name, body: source });
      const values = all();
      const at = old ? values.indexOf(old.node) : -1;
      if (!source && !name) { if (at >= 0) values.splice(at, 1); } else if (at >= 0) values[at] = fresh; else values.push(fresh);
      change(values);
      draw();
    }

    function mappingList(kind, title, hint, fixed = []) {
      const rows = mappings(kind).filter((row) => !fixed.includes(row.name)).map((row) => {
        const name = make("input", { type: "text", class: "input", "aria-label": words.variable });
        const source = make("textarea", { rows: "2", class: "input code", spellcheck: "false", "aria-label": `${words.expression} ${row.name}` });
        name.value = row.name; source.value = row.source;
        const commit = () => setMapping(kind, name.value.trim(), source.value.trim(), row);
        name.addEventListener("change", commit); source.addEventListener("change", commit);
        const drop = make("button", { type: "button", class: "linklike", text: words.drop, "aria-label": `${words.drop} ${row.name}` });
        drop.addEventListener("click", () => setMapping(kind, "", "", row));
        for (const control of [name, source, drop]) control.disabled = !page.editable;
        return make("div", { class: "mapping" }, name, source, drop);
      });
      const add = make("button", { type: "button", class: "button button--quiet button--small", text: words.add });
      add.disabled = !page.editable;
      add.addEventListener("click", () => setMapping(kind, `bien_${mappings(kind).length + 1}`, "null"));
      return section(title, make("p", { class: "hint", text: hint }), ...rows, add);
    }

    // -- FEEL: completion of names, and the value for sample data

    function expression(label, value, commit, hint) {
      const area = make("textarea", { rows: "2", class: "code", spellcheck: "false", autocapitalize: "off" });
      area.value = value || "";
      const offers = make("div", { class: "offers", role: "group", "aria-label": words.names });
      const told = make("output", { class: "feel-value" });
      let timer = 0;
      const token = () => (/[A-Za-z_][\w.]*$/.exec(area.value.slice(0, area.selectionStart)) || [""])[0];
      const offer = () => {
        offers.replaceChildren();
        const typed = token();
        if (!typed) return;
        const fits = (one) => one.id !== typed && (one.id.startsWith(typed) || one.id.split(".").pop().startsWith(typed));
        for (const one of catalogue.names.filter(fits).slice(0, 8)) {
          const button = make("button", { type: "button", class: "offer" }, make("span", { class: "code", text: one.id }), make("span", { class: "offer__label", text: one.label }));
          button.addEventListener("click", () => {
            const end = area.selectionStart;
            area.setRangeText(one.id, end - typed.length, end, "end");
            area.focus(); offers.replaceChildren(); area.dispatchEvent(new Event("input"));
          });
          offers.append(button);
        }
      };
      // By keyboard: down from the text to the offers and among them, Escape back to the text.
      const move = (event) => {
        const buttons = [...offers.children];
        const at = buttons.indexOf(document.activeElement);
        if (!buttons.length || !["ArrowDown", "ArrowUp", "Escape"].includes(event.key) || (at < 0 && event.key === "ArrowUp")) return;
        event.preventDefault();
        if (event.key === "Escape") { offers.replaceChildren(); area.focus(); return; }
        const next = at + (event.key === "ArrowDown" ? 1 : -1);
        (buttons[next] || (next < 0 ? area : buttons[at])).focus();
      };
      area.addEventListener("keydown", move); offers.addEventListener("keydown", move);
      const tryIt = async () => {
        if (!area.value.trim()) { told.textContent = ""; return; }
        const answer = await fetch(page.feel, {
          method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": page.csrf },
          body: JSON.stringify({ expression: area.value, data: catalogue.sample }),
        }).then((response) => response.json()).catch(() => ({ ok: false, message: words.offline }));
        told.textContent = answer.ok ? `${words.value} ${answer.value}` : answer.message;
        told.classList.toggle("feel-value--wrong", !answer.ok);
      };
      area.addEventListener("input", () => { offer(); clearTimeout(timer); timer = setTimeout(tryIt, 400); });
      area.addEventListener("change", () => commit(area.value.trim()));
      const whole = field(label, area, hint);
      whole.append(offers, told);
      if (area.value) tryIt();
      return whole;
    }

    function formal(body) { return factory.create("bpmn:FormalExpression", { body }); }

    // -- what each kind of element has

    function general() {
      const business = bo();
      const documentation = (business.get("documentation") || [])[0];
      return section(words.general,
        text(words.name, business.get("name"), (value) => edit(() => (shown.type === "label" || business.$instanceOf("bpmn:FlowElement") ? modeling.updateLabel(shown, value) : modeling.updateProperties(shown, { name: value }))), { area: true }),
        text("ID", business.get("id"), (value) => { if (/^[A-Za-z_][\w.-]*$/.test(value)) set({ id: value }); else draw(); }, { hint: words.idHint }),
        business.get("documentation") ? text(words.note, documentation && documentation.get("text"), (value) => set({ documentation: value ? [factory.create("bpmn:Documentation", { text: value })] : [] }), { area: true }) : null);
    }

    function person() {
      const limit = (attribute("timeLimit") || "").split(" ");
      const quantity = make("input", { type: "text", inputmode: "decimal", class: "short" });
      quantity.value = limit[0] || "";
      const unit = make("select");
      for (const [id, label] of [["HOUR", words.hours], ["WORKING_DAY", words.days]]) unit.append(make("option", { value: id, text: label }));
      unit.value = limit[1] || "HOUR";
      const commit = () => write("timeLimit")(quantity.value.trim() ? `${quantity.value.trim().replace(",", ".")} ${unit.value}` : "");
      quantity.addEventListener("change", commit); unit.addEventListener("change", commit);
      return section(words.work,
        select(words.form, attribute("form"), catalogue.forms, write("form")),
        select(words.role, attribute("role"), catalogue.roles, write("role")),
        text(words.unit, attribute("unit"), write("unit"), { hint: words.unitHint }),
        field(words.limit, quantity), field(words.limitUnit, unit),
        text(words.different, attribute("differentFrom"), write("differentFrom"), { hint: words.differentHint }),
        text(words.result, attribute("result"), write("result"), { hint: words.resultHint }));
    }

    function system() {
      const operation = catalogue.operations.find((one) => one.id === attribute("operation"));
      const known = new Map(mappings("Input").map((row) => [row.name, row]));
      const parameters = operation ? operation.parameters.map((parameter) => expression(
        `${parameter.label}${parameter.required ? " *" : ""}`, (known.get(parameter.id) || {}).source,
        (value) => setMapping("Input", value ? parameter.id : "", value, known.get(parameter.id)), `${parameter.id} · ${parameter.type}`)) : [];
      return [section(words.operationTitle,
        select(words.operation, attribute("operation"), catalogue.operations, (value) => { write("operation")(value); draw(); }),
        operation ? make("p", { class: "hint", text: words.modes[operation.mode] }) : null,
        ...parameters,
        text(words.result, attribute("result"), write("result"), { hint: words.resultHint })),
      mappingList("Input", words.moreInputs, words.inputsHint, operation ? operation.parameters.map((one) => one.id) : [])];
    }

    function call() {
      return [section(words.callTitle, select(words.called, bo().get("calledElement"), catalogue.processes, (value) => set({ calledElement: value || undefined }))),
        mappingList("Input", words.inputs, words.inputsHint), mappingList("Output", words.outputs, words.outputsHint)];
    }

    function flow() {
      const source = bo().get("sourceRef");
      const chooses = source && ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway", "bpmn:Activity"].some((type) => source.$instanceOf(type));
      if (!chooses) return null;
      const condition = bo().get("conditionExpression");
      const tick = make("input", { type: "checkbox", id: "p-default" });
      tick.checked = source.get("default") === bo();
      tick.disabled = !page.editable;
      tick.addEventListener("change", () => edit(() => modeling.updateProperties(modeler.get("elementRegistry").get(source.get("id")), { default: tick.checked ? bo() : undefined })));
      return section(words.condition,
        expression(words.conditionLabel, condition && condition.get("body"), (value) => set({ conditionExpression: value ? formal(value) : undefined }), words.conditionHint),
        make("div", { class: "choice choice--small" }, tick, make("label", { for: "p-default", text: words.isDefault })));
    }

    function timer() {
      const definition = (bo().get("eventDefinitions") || []).find((one) => one.$instanceOf("bpmn:TimerEventDefinition"));
      if (!definition) return null;
      const kind = ["timeDuration", "timeDate", "timeCycle"].find((name) => definition.get(name)) || "timeDuration";
      const body = definition.get(kind) ? definition.get(kind).get("body") : "";
      const store = (name, value) => edit(() => modeling.updateModdleProperties(shown, definition, {
        timeDuration: undefined, timeDate: undefined, timeCycle: undefined, [name]: value ? formal(value) : undefined,
      }));
      return section(words.timer,
        select(words.timerKind, kind, [["timeDuration", words.duration], ["timeDate", words.moment], ["timeCycle", words.cycle]].map(([id, label]) => ({ id, label })), (value) => { store(value || "timeDuration", body); draw(); }),
        expression(words.timerValue, body, (value) => store(kind, value), words.timerHint));
    }

    function thrown() {
      const definition = (bo().get("eventDefinitions") || []).find((one) => one.$instanceOf("bpmn:ErrorEventDefinition"));
      if (!definition) return null;
      const root = modeler.getDefinitions();
      const errors = root.get("rootElements").filter((one) => one.$instanceOf("bpmn:Error"));
      const reference = definition.get("errorRef");
      return section(words.error, text(words.errorCode, reference && reference.get("errorCode"), (code) => edit(() => {
        let target = errors.find((one) => one.get("errorCode") === code);
        if (code && !target) {
          target = factory.create("bpmn:Error", { name: code, errorCode: code });
          target.$parent = root;
          modeling.updateModdleProperties(shown, root, { rootElements: [...root.get("rootElements"), target] });
        }
        modeling.updateModdleProperties(shown, definition, { errorRef: code ? target : undefined });
      }), { hint: words.errorHint }));
    }

    function repetition() {
      const loop = bo().get("loopCharacteristics");
      if (!loop || !loop.$instanceOf("bpmn:MultiInstanceLoopCharacteristics")) return null;
      const store = (name) => (value) => edit(() => modeling.updateModdleProperties(shown, loop, { [`motcua:${name}`]: value || undefined }));
      return section(words.repetition, ["collection", "elementVariable", "outputCollection", "outputElement"].map((name) => text(words[name], loop.get(`motcua:${name}`), store(name))));
    }

    // -- drawing the panel

    const title = make("h2", { class: "panel-title" });
    const findings = make("div", { role: "status" });

    function entitle() {
      if (!shown) return;
      const kind = words.kinds[bo().$type] || bo().$type.replace("bpmn:", "");
      title.replaceChildren(make("span", { class: "caption", text: kind }), bo().get("name") || bo().get("id"));
    }

    function draw() {
      serial = 0;
      place.replaceChildren();
      if (!shown) return;
      place.append(title);
      entitle();
      const parts = [general()];
      if (is(shown, "bpmn:UserTask") || is(shown, "bpmn:ManualTask")) parts.push(person(), mappingList("Input", words.inputs, words.inputsHint), mappingList("Output", words.outputs, words.outputsHint));
      if (is(shown, "bpmn:ServiceTask") || is(shown, "bpmn:SendTask")) parts.push(...system());
      if (is(shown, "bpmn:BusinessRuleTask")) {
        parts.push(section(words.decisionTitle,
          select(words.decision, attribute("decision") || attribute("decisionRef"), catalogue.decisions, write("decision")),
          text(words.result, attribute("result"), write("result"), { hint: words.resultHint })),
        mappingList("Input", words.inputs, words.inputsHint));
      }
      if (is(shown, "bpmn:CallActivity")) parts.push(...call());
      if (is(shown, "bpmn:SequenceFlow")) parts.push(flow());
      if (is(shown, "bpmn:Event")) parts.push(timer(), thrown());
      if (STEP.some((type) => is(shown, type)) || is(shown, "bpmn:SubProcess")) parts.push(repetition());
      place.append(findings, ...parts.filter(Boolean));
      tell();
    }

    /** The findings of the element shown. Nothing else is touched: somebody may be writing in the panel. */
    function tell() {
      const problems = shown ? page.problems.filter((one) => one.element === bo().get("id")) : [];
      findings.replaceChildren(...problems.map((one) => make("p", { class: `finding finding--${one.severity}` }, make("strong", { text: one.message }), ` ${one.remedy}`)));
    }

    const show = (element) => { shown = element && element.type === "label" ? element.labelTarget || element : element; draw(); };
    modeler.get("eventBus").on("selection.changed", ({ newSelection }) => show(newSelection.length === 1 ? newSelection[0] : modeler.get("canvas").getRootElement()));
    modeler.get("eventBus").on("elements.changed", ({ elements }) => { if (!writing && shown && elements.includes(shown)) draw(); });
    return { show, tell };
  };
})();
