// The maps of the whole model, side by side, and the class they are of.

import { probability } from "./digits.js";
import { canvasOf, make, watch } from "./elements.js";
import { paint, readLine, scaleOf } from "./maps.js";

/** {part, draw, settle, listen}. */
export function makeFlows(data, id) {
  const canvases = data.flows.map(() => canvasOf(data));
  const buttons = data.flows.map((flow, i) =>
    make(
      "button",
      { type: "button", class: "vx-flow", "aria-pressed": "false" },
      canvases[i],
      make("span", {}, flow.name),
    ),
  );
  const picker = makePicker(data, id);
  const part = make("div", { class: "vx-part" });
  if (buttons.length) part.append(make("p", { class: "vx-heading" }, "All layers together"));
  if (data.flows.some((flow) => flow.ofClasses)) {
    const label = make("label", { for: picker.id }, "for the class ");
    part.append(make("p", { class: "vx-class" }, label, picker));
  }
  if (buttons.length) part.append(make("div", { class: "vx-flows" }, ...buttons));
  return {
    part,
    draw: flowDrawer(data, canvases.map((canvas) => canvas.getContext("2d"))),
    settle(state) {
      picker.value = state.klass;
      buttons.forEach((button, i) =>
        button.setAttribute("aria-pressed", String(i === state.flow && !state.inside)),
      );
    },
    listen({ chooseFlow, chooseClass }) {
      buttons.forEach((button, i) => button.addEventListener("click", () => chooseFlow(i)));
      picker.addEventListener("change", () => chooseClass(Number(picker.value)));
    },
  };
}

function makePicker(data, id) {
  const picker = make("select", { id: `${id}-class` });
  const questions = [...new Set(data.classes.map(([question]) => question))];
  for (const question of questions) {
    const group = question ? make("optgroup", { label: question }) : picker;
    data.classes.forEach(([of, name, p], k) => {
      if (of === question) group.append(make("option", { value: k }, `${name} (${probability(p)})`));
    });
    if (question) picker.append(group);
  }
  return picker;
}

/** A function that draws all of them, if they are not drawn already. */
function flowDrawer(data, contexts) {
  const { size, prefix, patches, rows, columns } = data;
  const [values, doubts] = [new Float64Array(size), new Float64Array(size)];
  const pixels = contexts[0]?.createImageData(columns, rows);
  const words = pixels && new Uint32Array(pixels.data.buffer);
  const changed = watch();
  return (token, { klass, reverse }, palette) => {
    if (!changed(token, klass, reverse, palette)) return;
    data.flows.forEach((flow, i) => {
      readLine(data, { flow: i, klass }, token, reverse, values, doubts);
      const [low, high] = scaleOf(values, prefix, flow.square ? token : -1);
      paint(words, 0, columns, values, prefix, patches, columns, low, high, palette);
      contexts[i].putImageData(pixels, 0, 0);
    });
  };
}
