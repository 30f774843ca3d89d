// Predictions before a cell is run, and the quiz at the end of a chapter: one widget, three forms.
//
// `given` is the question. Its texts come in pieces, [mark, text], and become text nodes, never
// HTML. `said` goes back: the place of a choice, a table of numbers, or the places of a whole quiz.
// Everything else happens here, so it works without a kernel, too.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const inline = (pieces) => pieces.map(([mark, text]) => (mark ? make(mark, {}, text) : text));

const picture = ({ src, alt, width }) => make("img", { src, alt, width });

/** Tell the kernel, if there is one. */
function say(model, value) {
  model.set("said", value);
  model.save_changes();
}

let groups = 0; // radio buttons belong together by name, on the whole page

/** Radio buttons, which the digit keys choose as well: { element, inputs, marks }. */
function choiceList(legend, choices) {
  const name = `vq-${(groups += 1)}`;
  const inputs = choices.map(() => make("input", { type: "radio", name }));
  const marks = choices.map(() => make("span", { class: "vq-mark" }));
  const labels = choices.map(({ text, picture: shown }, place) => {
    const content = make("span", {}, ...(shown ? [picture(shown)] : inline(text)));
    const number = make("span", { class: "vq-number", "aria-hidden": "true" }, `${place + 1}`);
    return make("label", {}, inputs[place], number, content, marks[place]);
  });
  const kind = choices.some(({ picture: shown }) => shown) ? "vq-pictures" : null;
  const list = make("div", { class: kind }, ...labels);
  const element = make("fieldset", {}, make("legend", {}, ...legend), list);
  element.addEventListener("keydown", (event) => {
    const input = inputs[Number(event.key) - 1];
    if (!input || input.disabled || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.click();
  });
  return { element, inputs, marks };
}

// Predictions ------------------------------------------------------------------------------------

const FREE = "You can change it until you run the cell that shows the outcome.";
const COMPARED = "It has been compared with the outcome, so it stays as it is.";
const ESCAPE = "Esc goes back to the notebook.";

function predictChoice(model, el) {
  const { asks, choices } = model.get("given");
  const list = choiceList(
    [make("strong", {}, "Predict: "), ...inline(asks)],
    choices.map((text) => ({ text })),
  );
  list.inputs.forEach((input, place) => {
    input.addEventListener("change", () => say(model, place));
  });
  const status = make("p", { role: "status", class: "vq-status" });
  el.append(list.element, status);
  return () => {
    const said = model.get("said");
    list.inputs.forEach((input, place) => {
      input.checked = place === said;
      input.disabled = model.get("compared");
      list.marks[place].textContent = input.checked ? "your prediction" : "";
    });
    if (model.get("compared")) status.textContent = COMPARED;
    else if (said === null) status.textContent = `Keys 1 to ${choices.length} choose. ${ESCAPE}`;
    else status.textContent = `Noted: ${said + 1}. ${FREE}`;
  };
}

function predictNumbers(model, el) {
  const { asks, highest, ...names } = model.get("given");
  const { table, inputs } = numberTable(names, highest);
  const legend = make("legend", {}, make("strong", {}, "Predict: "), ...inline(asks));
  const status = make("p", { role: "status", class: "vq-status" });
  el.append(make("fieldset", {}, legend, table), status);

  const all = inputs.flat();
  const read = (input) => (input.value === "" || !input.validity.valid ? null : input.valueAsNumber);
  const range = highest === null ? "Numbers from 0." : `Numbers from 0 to ${highest}.`;
  const settle = () => {
    all.forEach((input) => {
      input.disabled = model.get("compared");
      input.setAttribute("aria-invalid", !input.validity.valid);
    });
    const filled = all.filter((input) => read(input) !== null).length;
    if (model.get("compared")) status.textContent = COMPARED;
    else if (!all.every((input) => input.validity.valid)) status.textContent = range;
    else if (filled === 0) status.textContent = `${range} Any may stay empty. ${ESCAPE}`;
    else status.textContent = `Noted: ${filled} of ${all.length}. ${FREE}`;
  };
  model.get("said").flat().forEach((number, place) => {
    all[place].value = number ?? "";
  });
  table.addEventListener("change", () => {
    say(model, inputs.map((cells) => cells.map(read)));
    settle(); // what is not valid is not sent, but has to be said
  });
  table.addEventListener("keydown", (event) => {
    if (event.key === "Enter") all[all.indexOf(event.target) + 1]?.focus();
  });
  return settle;
}

/** A field for each row, or for each row in each column: { table, inputs }. */
function numberTable({ rows, columns, unit }, highest) {
  const names = columns.length ? columns : [unit || "number"];
  const inputs = rows.map((row) => names.map((name) => numberInput(`${row}: ${name}`, highest)));
  const head = names.map((name) => {
    return make("th", { scope: "col" }, columns.length && unit ? `${name}, ${unit}` : name);
  });
  const lines = rows.map((row, r) => {
    const cells = inputs[r].map((input) => make("td", {}, input));
    return make("tr", {}, make("th", { scope: "row" }, row), ...cells);
  });
  const top = make("thead", {}, make("tr", {}, make("td"), ...head));
  return { table: make("table", {}, top, make("tbody", {}, ...lines)), inputs };
}

const numberInput = (label, max) => {
  return make("input", { type: "number", "aria-label": label, min: 0, max, step: "any" });
};

// The quiz ---------------------------------------------------------------------------------------

function quiz(model, el) {
  const [stage, status] = [make("div"), make("div", { role: "status" })];
  const onwards = make("p");
  el.append(stage, status, onwards);
  ask({ model, ...model.get("given"), stage, status, onwards, places: [] }, false);
}

/** Ask the next question, the one that has no place in `round.places` yet. */
function ask(round, focus) {
  const question = round.questions[round.places.length];
  const list = choiceList(inline(question.asks), question.choices);
  const button = make("button", { type: "submit" }, "Answer");
  const form = make("form", {}, list.element, button);
  round.stage.replaceChildren(
    make("p", { class: "vq-status" }, introduction(round, question)),
    ...(question.picture ? [picture(question.picture)] : []),
    form,
  );
  round.status.replaceChildren();
  round.onwards.replaceChildren();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const place = list.inputs.findIndex((input) => input.checked);
    if (place < 0) {
      round.status.textContent = "Choose an answer first.";
    } else {
      button.remove();
      judge(round, question, place, list);
    }
  });
  if (focus) list.inputs[0].focus();
}

function introduction({ questions, places, last }, { origin, choices }) {
  const from = origin ? `, from ${origin}` : "";
  const before = places.length === 0 && last ? ` Last time: ${last[0]} of ${last[1]} right.` : "";
  const keys = `Keys 1 to ${choices.length} choose, Enter answers. ${ESCAPE}`;
  return `Question ${places.length + 1} of ${questions.length}${from}.${before} ${keys}`;
}

function judge(round, { choices, right }, place, list) {
  round.places.push(place);
  list.inputs.forEach((input) => {
    input.disabled = true;
  });
  const mark = (at, kind, words) => {
    list.marks[at].classList.add(kind);
    list.marks[at].textContent = words;
  };
  if (place !== right) mark(place, "vq-no", "✗ your answer");
  mark(right, "vq-yes", place === right ? "✓ right, your answer" : "✓ right");
  const because = (kind, words, at) => {
    return make("p", {}, make("strong", { class: kind }, words), ...inline(choices[at].because));
  };
  round.status.replaceChildren(
    ...(place === right
      ? [because("vq-yes", "✓ Right. ", right)]
      : [
        because("vq-no", `✗ Not ${place + 1}. `, place),
        because("vq-yes", `The answer is ${right + 1}. `, right),
      ]),
  );
  const isLast = round.places.length === round.questions.length;
  if (isLast) say(round.model, round.places);
  goOn(round, isLast ? "Result" : "Next question", () => (isLast ? finish(round) : ask(round, true)));
}

function finish(round) {
  const { questions, places } = round;
  const wrong = questions.filter((question, number) => question.right !== places[number]);
  const again = wrong.map((question) => {
    return make("li", {}, ...inline(question.asks), ` Look again at: ${where(question)}.`);
  });
  const sum = `${questions.length - wrong.length} of ${questions.length} right.`;
  round.stage.replaceChildren();
  round.status.replaceChildren(
    make("p", {}, make("strong", {}, sum)),
    ...(again.length ? [make("ul", {}, ...again)] : []),
  );
  goOn(round, "Once more", () => ask({ ...round, last: null, places: [] }, true));
}

/** A button below, with the focus: Enter is enough. */
function goOn({ onwards }, words, action) {
  const button = make("button", { type: "button" }, words);
  button.addEventListener("click", action);
  onwards.replaceChildren(button);
  button.focus();
}

/** What a question is about: exercises by number, sections by name. */
function where({ about, origin }) {
  const parts = about.map((part) => (/^\d+\.\d+$/.test(part) ? `exercise ${part}` : `“${part}”`));
  return parts.join(", ") + (origin ? ` (${origin})` : "");
}

// Through anywidget ------------------------------------------------------------------------------

const FORMS = { choices: predictChoice, numbers: predictNumbers, quiz };

function render({ model, el }) {
  el.classList.add("vq");
  // A key that reaches the document is a command to JupyterLab's notebook.
  el.addEventListener("keydown", (event) => {
    if (event.key === "Escape") el.closest(".jp-Cell")?.focus();
    if (event.key !== "Tab" && !event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  const settle = FORMS[model.get("form")](model, el);
  el.classList.add("vitcourse-living"); // hides the still: see with_still in widgets.py
  if (!settle) return () => {};
  settle();
  const changes = ["change:said", "change:compared"];
  changes.forEach((change) => model.on(change, settle));
  return () => changes.forEach((change) => model.off(change, settle));
}

export default { render };
