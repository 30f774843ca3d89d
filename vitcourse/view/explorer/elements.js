// Parts of a page.

/** An element with attributes, and children: elements or text, never HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** One of several: a group of radio buttons, the first of them checked. */
export function radios(name, label, options) {
  return make(
    "fieldset",
    {},
    make("legend", {}, label),
    ...options.map(([value, text], i) =>
      make(
        "label",
        {},
        make("input", { type: "radio", name, value, checked: i === 0 }),
        make("span", {}, text),
      ),
    ),
  );
}

/** Check the radio button with this value, if there is one. */
export function check(group, value) {
  const input = group.querySelector(`[value="${value}"]`);
  if (input) input.checked = true;
}
