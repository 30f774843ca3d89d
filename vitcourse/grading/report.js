"use strict";
document.documentElement.classList.add("folds");

document.addEventListener("DOMContentLoaded", () => {
  const students = [...document.querySelectorAll(".verdicts tbody")];
  const words = document.getElementById("words");
  const exercise = document.getElementById("exercise");
  const verdict = document.getElementById("verdict");

  function fold(student, open) {
    student.classList.toggle("open", open);
    student.querySelector("button").setAttribute("aria-expanded", String(open));
  }

  /* The cells that the filter asks about: of one exercise, or of all. */
  function cells(student) {
    const heads = [...student.closest("table").tHead.rows[0].cells];
    return [...student.rows[0].cells].filter((cell, place) =>
      cell.dataset.verdict &&
      (!exercise.value || heads[place].dataset.exercise === exercise.value));
  }

  function fits(student) {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!asked.every((word) => student.dataset.find.includes(word))) return false;
    if (verdict.value === "remark") return student.classList.contains("remarked");
    const its = cells(student);
    if (!verdict.value) return !exercise.value || its.length > 0;
    return its.some((cell) => cell.dataset.verdict === verdict.value);
  }

  function filter() {
    for (const student of students) student.hidden = !fits(student);
    const shown = students.filter((student) => !student.hidden).length;
    document.getElementById("shown").textContent = `${shown} of ${students.length} shown`;
  }

  function key(student, place) {
    const cell = student.rows[0].cells[place];
    return cell.dataset.key ?? cell.textContent;
  }

  function sort(head) {
    const table = head.closest("table");
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const compare = new Intl.Collator(undefined, { numeric: true }).compare;
    const place = head.cellIndex;
    const sorted = [...table.tBodies]
      .sort((a, b) => (up ? 1 : -1) * compare(key(a, place), key(b, place)));
    table.append(...sorted);
  }

  for (const head of document.querySelectorAll(".verdicts thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
    head.setAttribute("aria-sort", "none");
  }
  for (const student of students) {
    fold(student, false);
    const button = student.querySelector("button");
    button.addEventListener("click", () => fold(student, !student.classList.contains("open")));
  }
  document.getElementById("unfold").addEventListener("click", () => {
    for (const student of students) if (!student.hidden) fold(student, true);
  });
  document.getElementById("fold").addEventListener("click", () => {
    for (const student of students) fold(student, false);
  });
  for (const field of [words, exercise, verdict]) field.addEventListener("input", filter);
  document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
  filter();
});
