// What the pages of the book do: widgets without a kernel, and the theme that they follow.

(() => {
  const KEPT = "vitcourse-book"; // predictions, in this browser only
  const isDark = () => document.documentElement.dataset.theme === "dark";

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) || {};
    } catch { // forbidden, or not ours
      return {};
    }
  }

  function keep(key, value) {
    try {
      localStorage.setItem(KEPT, JSON.stringify({ ...kept(), [key]: value }));
    } catch { /* private windows may forbid it: the page works all the same */ }
  }

  /** What anywidget's model is to a widget, without a kernel behind it. */
  function modelOf(state, onSave) {
    const listeners = [];
    return {
      get: (name) => state[name],
      set: (name, value) => {
        state[name] = value;
        listeners.filter(([event]) => event === `change:${name}`).forEach(([, call]) => call());
      },
      save_changes: () => onSave(state),
      on: (event, call) => listeners.push([event, call]),
      off: () => {},
    };
  }

  // Questions ------------------------------------------------------------------------------------

  function question(what, el) {
    const said = kept()[what.key] ?? what.said ?? null;
    const state = { form: what.form, given: what.given, said, compared: false };
    vitcourseWidgets.question.render({ el, model: modelOf(state, () => {
      if (what.form === "quiz") return;
      keep(what.key, state.said);
      sayBesideOutcome(what, state.said);
    }) });
    if (what.form !== "quiz") sayBesideOutcome(what, said);
  }

  /** "You predicted: ..." below what came out. */
  function sayBesideOutcome({ key, form, given }, said) {
    const place = document.querySelector(`.vb-outcome[data-key="${key}"]`);
    if (!place) return;
    const line = place.querySelector(".vb-predicted") ?? document.createElement("p");
    const words = form === "choices" ? choiceIn(given, said) : numbersIn(given, said);
    line.className = "vb-predicted";
    line.textContent = words ? `You predicted: ${words}.` : "";
    place.append(line);
  }

  function choiceIn({ choices }, said) {
    return (choices[said] ?? []).map(([, text]) => text).join("");
  }

  function numbersIn({ rows, unit }, said) {
    const lines = rows.map((row, r) => [row, (said?.[r] ?? []).filter((n) => n !== null)]);
    return lines.filter(([, numbers]) => numbers.length)
      .map(([row, numbers]) => `${row}: ${numbers.join(" and ")} ${unit}`.trim()).join("; ");
  }

  // Sliders and explorers ------------------------------------------------------------------------

  function slider(what, el) {
    vitcourseWidgets.slider.render({ el, model: modelOf({ ...what }, () => {}) });
  }

  function explorer(what, el) {
    const frame = document.createElement("iframe");
    Object.assign(frame, { src: what.src, title: "Attention explorer", loading: "lazy" });
    frame.addEventListener("load", tellThemes);
    const alone = document.createElement("a");
    Object.assign(alone, { href: what.src, textContent: "Open the explorer on a page of its own" });
    el.append(frame, alone);
  }

  function tellThemes() {
    document.querySelectorAll(".vb-alive iframe").forEach((frame) => {
      frame.contentWindow?.postMessage({ dark: isDark() }, "*");
    });
  }

  addEventListener("message", ({ source, data }) => {
    const frames = [...document.querySelectorAll(".vb-alive iframe")];
    const frame = frames.find((one) => one.contentWindow === source);
    if (frame && Number.isFinite(data?.height)) frame.style.height = `${data.height + 4}px`;
  });

  // The page -------------------------------------------------------------------------------------

  function mount(place) {
    const what = JSON.parse(place.querySelector("script").textContent);
    const el = document.createElement("div");
    el.className = "vb-alive";
    ({ question, slider, explorer })[what.kind](what, el);
    place.prepend(el);
    place.classList.add("vb-living"); // hides the still, except in print
  }

  /** Widgets follow JupyterLab's theme, so it is told in JupyterLab's words. */
  function followTheme() {
    document.body.dataset.jpThemeLight = String(!isDark());
    tellThemes();
  }

  /** What scrolls sideways must be reachable by keyboard. */
  function letScroll() {
    const wide = "table, div.highlight pre, .output pre, .MathJax_Display, mjx-container[display]";
    document.querySelectorAll(wide).forEach((element) => {
      const box = element.closest(".pst-scrollable-table-container, .vb-scroll") ?? element;
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    });
  }

  /** Copying moves the focus into a field that is then gone: whoever uses the keyboard stays. */
  function stayOnButton({ target }) {
    target.closest("button.copybtn")?.focus();
  }

  /** Pictures far below come last, but they come: a page may be printed, or read offline. */
  function fetchTheRest() {
    document.querySelectorAll("img[loading=lazy]").forEach((image) => {
      image.loading = "eager";
    });
  }

  /** Paper is white, whatever the theme on the screen. */
  function printLight() {
    const { dataset } = document.documentElement;
    let onScreen = dataset.theme;
    addEventListener("beforeprint", () => { onScreen = dataset.theme; dataset.theme = "light"; });
    addEventListener("afterprint", () => { dataset.theme = onScreen; });
  }

  followTheme();
  printLight();
  new MutationObserver(followTheme)
    .observe(document.documentElement, { attributeFilter: ["data-theme"] });
  document.querySelectorAll(".vb-place").forEach(mount);
  addEventListener("click", stayOnButton);
  addEventListener("load", letScroll);
  addEventListener("load", () => setTimeout(fetchTheRest, 1000));
  addEventListener("resize", letScroll);
})();
