// A slider over ready-made pictures, which the browser swaps: the kernel is not asked.

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function render({ model, el }) {
  const pictures = model.get("pictures");
  const shown = make("span", { "aria-hidden": "true", class: "vitcourse-slider-value" });
  const input = make("input", { type: "range", min: 0, max: pictures.length - 1, step: 1 });
  input.value = model.get("start");
  const pages = pictures.map(([, html]) => {
    const page = make("div", {});
    // eslint-disable-next-line no-restricted-properties -- a Still's, whose texts are escaped
    page.innerHTML = html;
    return page;
  });

  // The slider counts pictures; people are told the value.
  const swap = () => {
    const [value] = pictures[input.value];
    input.setAttribute("aria-valuetext", value);
    shown.textContent = value;
    pages.forEach((page, i) => {
      page.classList.toggle("vitcourse-slider-shown", i === Number(input.value));
    });
  };
  input.addEventListener("input", swap);
  swap();

  const root = make(
    "div",
    { class: "vitcourse-slider", "data-lm-suppress-shortcuts": "true" },
    make("label", {}, make("span", {}, model.get("label")), shown, input),
    make("div", { class: "vitcourse-slider-pictures" }, ...pages),
  );
  // JupyterLab takes keys as commands: some versions when they arrive at the document, others
  // before they arrive here, unless an element says data-lm-suppress-shortcuts.
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && event.key !== "Tab") event.stopPropagation();
  });
  el.append(root);
  el.classList.add("vitcourse-living"); // hides the still: see with_still
}

export default { render };
