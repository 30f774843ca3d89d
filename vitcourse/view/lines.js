// Lines of code to be put in order, by keyboard or by mouse, and tried in the notebook.
//
// A line is known by its place in `given.lines`. `placed` says which lines are in which gap of the
// answer, in order; all others are still to choose from. Code becomes text nodes, never HTML.
// Only "Try it" asks the kernel, and `verdict` is its answer.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const HINT =
  "↑ and ↓ choose a line, Enter puts it into your answer. There, Enter picks a line up, ↑ and ↓ " +
  "move it, Enter lets go, Delete puts it back. Or click and drag. Esc goes back to the notebook.";
const STILL = "Not checked yet. It waits for a cell that runs; after a restart, run this cell again.";
const SIGNS = { solved: "✓", wrong: "✗", "not run": "○" };

// What is where ----------------------------------------------------------------------------------

/** Where the lines are: the gaps' lines, and those that are in no gap. */
function arrangement(model) {
  const every = model.get("given").lines.map((_, line) => line);
  const placed = model.get("placed").map((gap) => [...gap]);
  const home = () => every.filter((line) => !placed.flat().includes(line));
  const find = (line) => {
    const gap = placed.findIndex((lines) => lines.includes(line));
    return gap < 0 ? null : { gap, at: placed[gap].indexOf(line) };
  };

  /** Put a line into a gap; without a gap, back to the others. */
  function put(line, gap = null, at = 0) {
    const here = find(line);
    if (here) placed[here.gap].splice(here.at, 1);
    if (gap !== null) placed[gap].splice(at, 0, line);
    model.set("placed", placed.map((lines) => [...lines])); // not saved: the kernel need not know
  }

  /** One place up (-1) or down (1), from gap to gap as well. */
  function step(line, by) {
    const { gap, at } = find(line);
    const to = at + by;
    if (to >= 0 && to < placed[gap].length) put(line, gap, to);
    else if (placed[gap + by]) put(line, gap + by, by > 0 ? 0 : placed[gap + by].length);
  }

  return { every, placed, home, find, put, step };
}

// What is seen -----------------------------------------------------------------------------------

function lineOf(code) {
  const style = `--hang: ${code.length - code.trimStart().length + 4}ch`; // of a line that is broken
  const text = make("code", { style }, code);
  const button = make("button", { type: "button", class: "vl-line", tabindex: "-1" }, text);
  const tool = (label, sign) => {
    return make("button", { type: "button", tabindex: "-1", title: label, "aria-label": label }, sign);
  };
  const tools = { up: tool("Move up", "↑"), down: tool("Move down", "↓"), back: tool("Put back", "✕") };
  const item = make("li", {}, button, make("span", { class: "vl-tools" }, ...Object.values(tools)));
  return { button, tools, item };
}

/** The last function that a piece of code begins, and so the one that its gap belongs to. */
const nameOf = (fixed) => [...fixed.matchAll(/def (\w+)/g)].at(-1)?.[1] ?? "";

function draw(el, { label, fixed, lines }, arranged) {
  const rows = lines.map(lineOf);
  const home = make("ol", { "aria-label": "Lines to choose from" });
  const many = arranged.placed.length > 1;
  const names = fixed.map((part) => (many ? ` in ${nameOf(part)}` : ""));
  const gaps = arranged.placed.map((_, gap) => make("ol", { "aria-label": `Your answer${names[gap]}` }));
  const slots = arranged.placed.map((_, gap) => {
    const words = many ? `put the next line here,${names[gap]}` : "your lines go here";
    return make("button", { type: "button", class: "vl-slot" }, words);
  });
  const answer = gaps.flatMap((gap, number) => [
    make("pre", { class: "vl-fixed" }, make("code", {}, fixed[number])), gap, slots[number],
  ]);
  const status = make("p", { role: "status", class: "vl-status" });
  const verdict = make("div", { role: "status", class: "vl-verdict" });
  const attempt = make("button", { type: "button", class: "vl-try" }, "Try it");
  el.append(
    make("p", {}, make("strong", {}, `${label}: put the lines in order. `), "Two are too many."),
    make("p", { class: "vl-status" }, HINT),
    home, make("div", { class: "vl-answer" }, ...answer), attempt, status, verdict,
  );
  return { rows, home, gaps, slots, names, status, verdict, attempt };
}

function showVerdict(seen, { state, text, code }) {
  const [first, ...rest] = text.split("\n");
  const sign = make("span", { "aria-hidden": "true", class: "vl-sign" }, SIGNS[state]);
  const kind = { solved: "vl-yes", wrong: "vl-no" }[state] ?? "";
  const parts = [make("p", {}, sign, make("strong", { class: kind }, first))];
  parts.push(...rest.map((line) => make("p", {}, line)));
  if (state === "solved") parts.push(...whole(code));
  seen.verdict.replaceChildren(...parts);
}

/** The solved exercise as code, for its cell in the notebook. */
function whole(code) {
  const copy = make("button", { type: "button" }, "Copy the code");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Not copied: select it below";
    }
  });
  const box = make("pre", { tabindex: "0", "aria-label": "The code" }, make("code", {}, code));
  const words = "It counts as your answer. To have it in the notebook as well, paste it into its cell.";
  return [
    make("p", {}, words), copy,
    make("details", {}, make("summary", {}, "The whole code"), box),
  ];
}

// What is done -----------------------------------------------------------------------------------

class Game {
  held = null; // the line that the arrow keys move
  target = 0; // the gap that a chosen line goes to
  waiting = 0; // a timer
  busy = false; // lines on their way to another place lose the focus for a moment

  constructor(model, el) {
    this.model = model;
    this.given = model.get("given");
    this.arranged = arrangement(model);
    this.seen = draw(el, this.given, this.arranged);
    this.seen.rows.forEach((row, line) => this.listen(row, line));
    this.seen.slots.forEach((slot, gap) => slot.addEventListener("click", () => this.aim(gap)));
    this.seen.attempt.addEventListener("click", () => this.attempt());
    this.settle();
  }

  listen({ button, tools }, line) {
    const isPlaced = () => this.arranged.find(line) !== null;
    button.addEventListener("click", () => (isPlaced() ? this.hold(line) : this.add(line)));
    button.addEventListener("keydown", (event) => this.key(event, line));
    button.addEventListener("focus", () => this.busy || this.rove());
    button.addEventListener("blur", () => {
      if (this.busy || this.held !== line) return;
      this.held = null;
      this.settle();
    });
    tools.up.addEventListener("click", () => this.move(line, -1));
    tools.down.addEventListener("click", () => this.move(line, 1));
    tools.back.addEventListener("click", () => this.back(line));
  }

  key(event, line) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const placed = this.arranged.find(line) !== null;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by && this.held === line) this.move(line, by);
    else if (by) this.walk(line, by);
    else if (event.key === "ArrowRight" && !placed) this.add(line);
    else if (["ArrowLeft", "Delete", "Backspace"].includes(event.key) && placed) this.back(line);
    else if (event.key === "Escape" && this.held === line) this.hold(line);
    else return;
    event.preventDefault();
    if (event.key === "Escape") event.stopPropagation();
  }

  /** Say it, aloud as well; and of a line, where it is. */
  say(words, line = null) {
    const { arranged, given, seen } = this;
    let before = "";
    if (line !== null) {
      const place = arranged.find(line);
      const many = place && arranged.placed[place.gap].length;
      const where = place ? ` line ${place.at + 1} of ${many}${seen.names[place.gap]}` : "";
      before = `${given.lines[line].trim()}:${where}`;
    }
    seen.status.textContent = before + words;
  }

  add(line) {
    const next = this.arranged.home().indexOf(line);
    this.arranged.put(line, this.target, this.arranged.placed[this.target].length);
    const left = this.arranged.home();
    this.say(`. ${left.length} left.`, line);
    this.settle(left[Math.min(next, left.length - 1)] ?? line);
  }

  back(line) {
    this.held = null;
    this.arranged.put(line);
    this.say(" put back.", line);
    this.settle(line);
  }

  hold(line) {
    this.held = this.held === line ? null : line;
    this.say(this.held === null ? ", let go." : ", picked up.", line);
    this.settle(line);
  }

  move(line, by) {
    this.arranged.step(line, by);
    this.target = this.arranged.find(line).gap;
    this.say(".", line);
    this.settle(line);
  }

  walk(line, by) {
    const order = [...this.arranged.home(), ...this.arranged.placed.flat()];
    const next = order[order.indexOf(line) + by];
    if (next !== undefined) this.settle(next);
  }

  aim(gap) {
    this.target = gap;
    this.say(`The next line goes to the end of your answer${this.seen.names[gap]}.`);
    this.settle();
  }

  attempt() {
    const { attempt, verdict } = this.seen;
    if (attempt.getAttribute("aria-disabled") === "true") return; // `disabled` would lose the focus
    attempt.setAttribute("aria-disabled", "true");
    this.say("Being checked …");
    this.waiting = setTimeout(() => this.say(STILL), 10_000);
    verdict.replaceChildren();
    this.model.send({ placed: this.arranged.placed });
  }

  hear() {
    const verdict = this.model.get("verdict");
    if (!verdict.number) return;
    clearTimeout(this.waiting);
    this.seen.attempt.setAttribute("aria-disabled", "false");
    this.say("");
    showVerdict(this.seen, verdict);
  }

  /** Show all lines where they are now; the focus goes to one of them, or stays. */
  settle(focused) {
    const { arranged, seen, held } = this;
    this.busy = true;
    this.fill(seen.home, arranged.home());
    seen.gaps.forEach((list, gap) => this.fill(list, arranged.placed[gap]));
    seen.rows.forEach(({ button, item }, line) => {
      const placed = arranged.find(line) !== null;
      item.classList.toggle("vl-placed", placed);
      item.classList.toggle("vl-held", line === held);
      if (placed) button.setAttribute("aria-pressed", line === held);
      else button.removeAttribute("aria-pressed");
    });
    seen.slots.forEach((slot, gap) => {
      slot.hidden = seen.slots.length === 1 && arranged.placed[gap].length > 0;
      if (seen.slots.length > 1) slot.setAttribute("aria-pressed", gap === this.target);
      else slot.disabled = true;
    });
    if (focused !== undefined) seen.rows[focused].button.focus();
    this.rove();
    this.busy = false;
  }

  /** What is in its place already is left alone: taken out and put in again, it loses the focus. */
  fill(list, lines) {
    const items = lines.map((line) => this.seen.rows[line].item);
    const same = items.length === list.children.length;
    if (!same || items.some((item, at) => item !== list.children[at])) list.replaceChildren(...items);
  }

  /** Tab stops once among the lines to choose from, and once in the answer. */
  rove() {
    const button = (line) => this.seen.rows[line].button;
    for (const lines of [this.arranged.home(), this.arranged.placed.flat()]) {
      const now = lines.find((line) => button(line) === document.activeElement) ?? lines[0];
      lines.forEach((line) => button(line).setAttribute("tabindex", line === now ? "0" : "-1"));
    }
  }
}

/** With the mouse, a line follows the pointer. Fingers tap instead, since they scroll. */
function dragging(el, game) {
  const { arranged } = game;
  const { rows, home, gaps } = game.seen;
  let line = -1;
  let start = 0;
  let moved = false;

  /** The gap and the place in it at this height; null among the lines to choose from. */
  function under(y) {
    if (y < home.getBoundingClientRect().bottom) return null;
    const gap = Math.max(0, gaps.findLastIndex((list) => list.getBoundingClientRect().top <= y));
    const middle = (other) => {
      const { top, height } = rows[other].item.getBoundingClientRect();
      return top + height / 2;
    };
    const above = arranged.placed[gap].filter((other) => other !== line && middle(other) < y);
    return { gap, at: above.length };
  }

  el.addEventListener("pointerdown", (event) => {
    const button = event.target.closest(".vl-line");
    moved = false;
    if (event.pointerType !== "mouse" || event.button !== 0 || !button) return;
    line = rows.findIndex((row) => row.button === button);
    start = event.clientY;
  });
  el.addEventListener("pointermove", (event) => {
    if (line < 0 || (!moved && Math.abs(event.clientY - start) < 8)) return;
    if (!moved) el.setPointerCapture(event.pointerId);
    moved = true;
    const to = under(event.clientY);
    const here = arranged.find(line);
    if (to?.gap === here?.gap && to?.at === here?.at) return;
    arranged.put(line, to?.gap, to?.at);
    game.settle(line);
  });
  const end = () => {
    line = -1;
  };
  el.addEventListener("pointerup", end);
  el.addEventListener("pointercancel", end);
  // The click that ends a drag is none.
  el.addEventListener("click", (event) => moved && event.detail && event.stopPropagation(), true);
}

// Through anywidget ------------------------------------------------------------------------------

function render({ model, el }) {
  el.classList.add("vl");
  // A key that reaches the document is a command to JupyterLab's notebook.
  el.addEventListener("keydown", (event) => {
    if (event.key === "Escape") el.closest(".jp-Cell")?.focus();
    if (event.key !== "Tab" && !event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  const game = new Game(model, el);
  dragging(el, game);
  el.classList.add("vitcourse-living"); // hides the still: see with_still in widgets.py
  const hear = () => game.hear();
  hear(); // what was said before this view was made
  model.on("change:verdict", hear);
  return () => model.off("change:verdict", hear);
}

export default { render };
