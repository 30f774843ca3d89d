// The widget of chapter 4: follow one attention weight from q and k to the output. All numbers are
// torch's. The tables stand in the page already; this script makes them answer.

(() => {
  const STEPS = [
    "query q",
    "key k",
    "score q · k",
    "divide by √d",
    "softmax over the row",
    "weight × v",
    "add up the row",
  ];
  const HINT =
    "Click a cell, or press Tab to reach the table and move with the arrow keys. " +
    "Enter goes one step further; the steps can be chosen, too.";

  /** An element with attributes, and children: elements or text, never HTML. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  const short = (x) => (Number.isInteger(x) ? String(x) : x.toFixed(3));
  const vector = (xs) => `(${xs.map(short).join(", ")})`;
  const signed = (x) => (x < 0 ? `(${short(x)})` : short(x));

  /** What a step does to query i and key j, in words and in numbers. */
  function told(n, step, i, j) {
    const [q, k, v, from, to] = [n.q[i], n.k[j], n.v[j], n.names[i], n.names[j]];
    const weight = n.weights[i][j];
    const power = n.exp[i][j].toFixed(3);
    const total = n.exp[i].reduce((a, b) => a + b, 0).toFixed(3);
    const products = q.map((x, c) => `${signed(x)} × ${signed(k[c])}`).join(" + ");
    const shares = n.names.map((name, c) => `${n.weights[i][c].toFixed(3)} × ${name}`).join(" + ");
    return [
      [`The query of “${from}” says what this token looks for.`, `q = ${vector(q)}`],
      [`The key of “${to}” says what can be found there.`, `k = ${vector(k)}`],
      [
        `How well does the key of “${to}” fit the query of “${from}”? Multiply and add up.`,
        `q · k = ${products} = ${short(n.scores[i][j])}`,
      ],
      [
        `Divide by the square root of d = ${n.d}.`,
        `${short(n.scores[i][j])} / ${short(Math.sqrt(n.d))} = ${short(n.scaled[i][j])}`,
      ],
      [
        `Softmax over the row of “${from}”: e to the power of each number in it, divided by their ` +
          `sum ${total}. Each row then sums to 1.`,
        `e^${short(n.scaled[i][j])} / ${total} = ${power} / ${total} = ${weight.toFixed(3)}`,
      ],
      [
        `“${from}” takes this share of the value of “${to}”.`,
        `${weight.toFixed(3)} × ${vector(v)} = ${vector(v.map((x) => weight * x))}`,
      ],
      [
        `The shares of all keys, added up, are the output for “${from}”. ${shares}`,
        `output = ${vector(n.output[i])}`,
      ],
    ][step - 1];
  }

  /** What the table holds at a step: a name, and numbers once there are any. */
  function tableAt(n, step) {
    if (step < 3) return ["not yet computed", null];
    if (step === 3) return ["scores", n.scores];
    return step === 4 ? ["scores / √d", n.scaled] : ["weights", n.weights];
  }

  function drawTable({ n, cells, stage }, { step, i, j }) {
    const [what, shown] = tableAt(n, step);
    stage.textContent = what;
    cells.forEach((line, a) => {
      line[0].parentNode.classList.toggle("vit-row", a === i && (step === 5 || step === 7));
      line.forEach((cell, b) => {
        const here = a === i && b === j;
        const [back, ink] = step > 4 ? n.shades[a][b] : ["", ""];
        const text = shown && (step > 4 ? shown[a][b].toFixed(3) : short(shown[a][b]));
        cell.textContent = text ?? "·";
        cell.tabIndex = here ? 0 : -1;
        cell.setAttribute("aria-selected", here);
        cell.setAttribute(
          "aria-label",
          `query ${n.names[a]}, key ${n.names[b]}${text === null ? "" : `: ${text}`}`,
        );
        cell.style.background = back;
        cell.style.color = ink;
      });
    });
  }

  function draw(view, state) {
    const { n, root, radios, readout } = view;
    const { step, i, j } = state;
    drawTable(view, state);
    const used = {
      q: (a) => a === i && (step === 1 || step === 3),
      k: (a) => a === j && (step === 2 || step === 3),
      v: (a) => (a === j && step === 6) || step === 7,
    };
    for (const [name, isUsed] of Object.entries(used)) {
      const lines = [...root.querySelectorAll(`.vit-${name} tr`)];
      lines.forEach((line, a) => line.classList.toggle("vit-used", isUsed(a)));
    }
    radios[step - 1].checked = true;
    const where = `Step ${step} of ${STEPS.length}. Query “${n.names[i]}”, key “${n.names[j]}”.`;
    readout.replaceChildren(...[where, ...told(n, step, i, j)].map((text) => make("div", {}, text)));
  }

  function listen(view) {
    const { cells, radios } = view;
    const count = cells.length;
    const state = { i: 0, j: 0, step: 1 };
    const goTo = (a, b) => {
      state.i = (a + count) % count;
      state.j = (b + count) % count;
      draw(view, state);
      cells[state.i][state.j].focus();
    };
    const takeStep = (step) => {
      state.step = step;
      draw(view, state);
    };
    const moves = {
      ArrowUp: () => goTo(state.i - 1, state.j),
      ArrowDown: () => goTo(state.i + 1, state.j),
      ArrowLeft: () => goTo(state.i, state.j - 1),
      ArrowRight: () => goTo(state.i, state.j + 1),
      Home: () => goTo(state.i, 0),
      End: () => goTo(state.i, count - 1),
      Enter: () => takeStep((state.step % STEPS.length) + 1),
    };
    moves[" "] = moves.Enter;
    cells.forEach((line, a) =>
      line.forEach((cell, b) => {
        cell.addEventListener("click", () => goTo(a, b));
        cell.addEventListener("keydown", (event) => {
          if (event.ctrlKey || event.metaKey || event.altKey || !moves[event.key]) return;
          event.preventDefault();
          moves[event.key]();
        });
      }),
    );
    radios.forEach((radio, s) => radio.addEventListener("change", () => takeStep(s + 1)));
    draw(view, state);
  }

  function mount(root) {
    const group = `vit-step-${Math.random().toString(36).slice(2)}`;
    const radios = STEPS.map((_, s) => make("input", { type: "radio", name: group, value: s + 1 }));
    const labels = STEPS.map((text, s) => make("label", {}, radios[s], ` ${s + 1} ${text}`));
    const columns = root.querySelector(".vit-columns");
    const readout = root.querySelector(".vit-readout");
    columns.before(make("p", {}, HINT));
    columns.after(
      make("div", { class: "vit-steps", role: "radiogroup", "aria-label": "step" }, ...labels),
    );
    readout.setAttribute("role", "status");
    readout.setAttribute("aria-live", "polite");
    // A key that reaches the document is a command to JupyterLab's notebook.
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Tab" && !event.ctrlKey && !event.metaKey) event.stopPropagation();
    });
    const rows = [...root.querySelectorAll(".vit-grid tbody tr")];
    const cells = rows.map((row) => [...row.children].slice(1));
    const stage = root.querySelector(".vit-stage");
    listen({ n: JSON.parse(root.dataset.given), root, radios, readout, cells, stage });
  }

  mount(document.currentScript.closest(".vit-stepper"));
})();
