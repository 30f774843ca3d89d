// Switching off heads or patches, and asking the model again.

import { answered } from "./asking.js";
import { change, probability } from "./digits.js";
import { make, radios } from "./elements.js";
import { tokenName } from "./maps.js";
import { isOff, isPatch } from "./state.js";

const NO_MODEL = {
  page: "This needs the model in a running kernel. A saved page has none: run the notebook to use it.",
  notebook: "This explorer was made without a model to ask, so nothing can be switched off.",
};
const BY = {
  zero: "Nothing (0) in their place overstates what they do: the layers behind have seldom seen that.",
  mean: "Their mean in their place leaves what they always say, and takes away what depends on the picture.",
};

/** {parts, settle}. `settled` is called when something has been switched. */
export function makeAblation(data, state, host, id, settled) {
  const byChoice = radios(`${id}-by`, "In their place", [
    ["zero", "nothing"],
    ["mean", "their mean"],
  ]);
  const [head, patch, allOn] = ["", "", "All back on"].map((text) => make("button", { type: "button" }, text));
  const says = make("div", { class: "vx-says", "aria-live": "polite" });
  const may = host.asks.includes("ablate");
  byChoice.disabled = !may;
  if (!may) says.append(make("p", {}, NO_MODEL[host.page ? "page" : "notebook"]));
  const ask = asker(data, state, host, says);
  const switched = () => {
    settled();
    ask();
  };
  listenToSwitches(state, data, { head, patch, allOn, byChoice }, switched);
  const buttons = make("p", { class: "vx-buttons" }, head, patch, allOn);
  const part = make(
    "details",
    { class: "vx-off-panel" },
    make("summary", {}, "Switch off heads or patches and ask the model again"),
    make("div", { class: "vx-body" }, byChoice, buttons, says),
  );
  return {
    parts: data.classes.length || may ? [part] : [], // features are no answers
    settle: () => nameSwitches(data, state, { head, patch, allOn }, may),
  };
}

function listenToSwitches(state, data, { head, patch, allOn, byChoice }, switched) {
  const toggle = (list, entry, same) => {
    const at = list.findIndex(same);
    if (at < 0) list.push(entry);
    else list.splice(at, 1);
    switched();
  };
  head.addEventListener("click", () => {
    const { layer, head: number } = state;
    toggle(state.offHeads, [layer, number], ([l, h]) => l === layer && h === number);
  });
  patch.addEventListener("click", () => {
    const number = state.query - data.prefix;
    toggle(state.offPatches, number, (other) => other === number);
  });
  allOn.addEventListener("click", () => {
    state.offHeads.length = state.offPatches.length = 0;
    switched();
  });
  byChoice.addEventListener("change", (event) => {
    state.by = event.target.value;
    switched();
  });
}

function nameSwitches(data, state, { head, patch, allOn }, may) {
  const headChosen = state.flow < 0 && !state.inside && state.head < data.heads;
  const patchChosen = isPatch(data, state.query);
  const turn = (off) => `Switch ${off ? "on" : "off"}`;
  head.textContent = headChosen
    ? `${turn(isOff(state.offHeads, [state.layer, state.head]))} layer ${state.layer}, head ${state.head}`
    : "Switch off a head: choose one first";
  patch.textContent = patchChosen
    ? `${turn(state.offPatches.includes(state.query - data.prefix))} ${tokenName(state.query, data)}`
    : "Switch off a patch: choose one first";
  head.disabled = !may || !headChosen;
  patch.disabled = !may || !patchChosen;
  allOn.disabled = !may; // never while it has the focus, which would be lost
}

/** A function that asks the model without what is off, and shows its answer. */
function asker(data, state, host, says) {
  let asked = 0;
  return async () => {
    const number = (asked += 1);
    const { offHeads: heads, offPatches: patches, by } = state;
    if (!(heads.length + patches.length)) {
      says.replaceChildren(make("p", {}, "All heads and patches are on."));
      return;
    }
    says.replaceChildren(make("p", {}, "Asking the model …"));
    const answer = await answered(host, { kind: "ablate", heads, patches, by }, says);
    if (answer && number === asked) says.replaceChildren(tableOf(data, state, answer.answers));
  };
}

function tableOf({ classes }, { offHeads, offPatches, by }, answers) {
  const several = (count, one, many) => (count ? [`${count} ${count === 1 ? one : many}`] : []);
  const off = [...several(offHeads.length, "head", "heads"), ...several(offPatches.length, "patch", "patches")];
  const rows = answers.map(([question, name, p], i) => {
    const told = i < classes.length ? change(classes[i][2], p) : { before: "not among the best", now: probability(p) };
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, question ? `${question}: ${name}` : name),
      make("td", {}, told.before),
      make("td", {}, told.now),
      make("td", {}, told.points ? `${told.points} points` : ""),
    );
  });
  const columns = ["", "all on", `${off.join(" and ")} off`, "change"].map((text) =>
    text ? make("th", { scope: "col" }, text) : make("td"),
  );
  return make(
    "table",
    {},
    make("caption", {}, `The model's answers. ${BY[by]} The maps above are still those with all on.`),
    make("thead", {}, make("tr", {}, ...columns)),
    make("tbody", {}, ...rows),
  );
}
