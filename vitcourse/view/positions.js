// The widget of chapter 3: point at a place of the grid, and see what it resembles. It takes the
// place of the still picture that it finds in its element; without scripts, the picture stays.

(() => {
  /** An element with attributes, and children: elements or text, never HTML. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  /** Hundredths from -100 to 100, as (i, j) => number: sent as bytes, half of a symmetric matrix. */
  function tableOf(text, count) {
    const bytes = atob(text);
    return (i, j) => {
      const [a, b] = i < j ? [i, j] : [j, i];
      return bytes.charCodeAt(a * count - (a * (a - 1)) / 2 + b - a) - 100;
    };
  }

  /** Black or white, whichever stands out more: at least 4.5 to 1 on every colour there is. */
  function inkOn(colour) {
    const [r, g, b] = [0, 2, 4]
      .map((start) => parseInt(colour.slice(start, start + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
  }

  const told = (hundredths) => (hundredths / 100).toFixed(2).replace("-", "\u2212");

  /** Where a key leads from [row, column]; undefined if it is not for us. */
  function moved([row, column], key, rows, columns) {
    const to = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, columns - 1],
      PageUp: [0, column],
      PageDown: [rows - 1, column],
    }[key];
    const clamp = (n, count) => Math.max(0, Math.min(count - 1, n));
    return to && [clamp(to[0], rows), clamp(to[1], columns)];
  }

  function parts({ rows, columns, tables, palette }) {
    const stops = palette.filter((_, i) => i % 10 === 0).map((colour) => `#${colour}`);
    const colours = make("div", { class: "colours" });
    colours.style.setProperty("--colours", stops.join(", "));
    const ticks = ["1", "0.5", "0", "\u22120.5", "\u22121"].map((text) => make("span", {}, text));
    const select = make("select", {}, ...tables.map(([name]) => make("option", {}, name)));
    const cells = Array.from({ length: rows * columns }, () => make("div", { role: "gridcell" }));
    const board = make(
      "div",
      {
        role: "grid",
        "aria-label":
          "Cosine similarity of all places to the chosen one. Arrow keys choose another place.",
        "aria-rowcount": rows,
        "aria-colcount": columns,
        style: `--columns: ${columns}`,
      },
      ...Array.from({ length: rows }, (_, row) =>
        make("div", { role: "row" }, ...cells.slice(row * columns, (row + 1) * columns)),
      ),
    );
    const bar = make(
      "div",
      { class: "bar", "aria-hidden": "true" },
      colours,
      make("div", { class: "ticks" }, ...ticks),
      make("div", { class: "name" }, "cosine similarity (no unit)"),
    );
    return { select, cells, board, bar, readout: make("p", { class: "readout", "aria-live": "polite" }) };
  }

  /** Show what the place number `chosen` resembles, in colours, numbers and words. */
  function show({ cells, readout, select, tables, palette, inks, columns }, chosen) {
    const value = tables[select.selectedIndex];
    const place = (i) => `row ${Math.floor(i / columns)}, column ${i % columns}`;
    cells.forEach((cell, i) => {
      const hundredths = value(chosen, i);
      cell.style.background = `#${palette[hundredths + 100]}`;
      cell.style.color = inks[hundredths + 100];
      cell.textContent = told(hundredths).replace("0.", ".");
      cell.tabIndex = i === chosen ? 0 : -1;
      cell.setAttribute("aria-selected", i === chosen);
      cell.setAttribute("aria-label", `${place(i)}: ${told(hundredths)}`);
    });
    const others = [...cells.keys()].filter((i) => i !== chosen);
    others.sort((i, j) => value(chosen, j) - value(chosen, i));
    const say = (i) => `${place(i)} (${told(value(chosen, i))})`;
    readout.textContent =
      `Chosen: ${place(chosen)}. Most alike: ${others.slice(0, 3).map(say).join("; ")}. ` +
      `Least alike: ${say(others.at(-1))}.`;
  }

  function listen(view) {
    const { rows, columns, cells } = view;
    let chosen;
    const choose = (index) => {
      chosen = index;
      show(view, chosen);
    };
    cells.forEach((cell, index) => {
      for (const event of ["pointerenter", "pointerdown", "focus"]) {
        cell.addEventListener(event, () => choose(index));
      }
    });
    view.select.addEventListener("change", () => choose(chosen));
    view.board.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const to = moved([Math.floor(chosen / columns), chosen % columns], event.key, rows, columns);
      if (!to) return;
      event.preventDefault();
      cells[to[0] * columns + to[1]].focus();
    });
    choose(Math.floor(rows / 2) * columns + Math.floor(columns / 2));
  }

  function mount(root) {
    const { rows, columns, ...sent } = JSON.parse(root.dataset.given);
    const palette = sent.palette.match(/.{6}/g);
    const view = parts({ rows, columns, palette, tables: sent.tables });
    root.replaceChildren(
      ...root.querySelectorAll("style"),
      make("label", {}, "Positions: ", view.select),
      make("div", { class: "stage" }, view.board, view.bar),
      view.readout,
    );
    // A key that reaches the document is a command to JupyterLab's notebook.
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Tab" && !event.ctrlKey && !event.metaKey) event.stopPropagation();
    });
    const tables = sent.tables.map(([, text]) => tableOf(text, rows * columns));
    listen({ ...view, rows, columns, tables, palette, inks: palette.map(inkOn) });
  }

  mount(document.currentScript.closest(".vitcourse-positions"));
})();
