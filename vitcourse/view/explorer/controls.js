// How it is shown: direction, scale, colours, and how much of the picture is seen.

import { check, make, radios } from "./elements.js";

/** {parts, opacity, settle, listen}. */
export function makeControls(id) {
  const direction = radios(`${id}-direction`, "Show", [
    ["row", "where it looks"],
    ["column", "who looks at it"],
  ]);
  const scaling = radios(`${id}-scale`, "Colour scale", [
    ["own", "each its own"],
    ["shared", "one for all"],
  ]);
  const colours = radios(`${id}-palette`, "Colours", [
    ["viridis", "viridis"],
    ["cividis", "cividis"],
  ]);
  const strength = make("input", { type: "range", min: 0, max: 100, step: 5, value: 60 });
  const label = make("label", { class: "vx-strength" }, "Map over picture ", strength);
  const on = (group, take) => group.addEventListener("change", (event) => take(event.target.value));
  return {
    parts: [direction, scaling, colours, label],
    opacity: () => strength.value / 100,
    settle: (state) => check(direction, state.reverse ? "column" : "row"),
    /** change(what of the state, whether to say it), fade(). */
    listen({ change, fade }) {
      on(direction, (value) => change({ reverse: value === "column" }, true));
      on(scaling, (value) => change({ shared: value === "shared" }, true));
      on(colours, (value) => change({ palette: value }, false));
      strength.addEventListener("input", fade);
    },
  };
}
