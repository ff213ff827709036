
"use strict";
(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    const given = cell.dataset.value;
    if (given !== undefined) return Number(given);
    const text = cell.textContent.trim();
    const number = Number(text.replace(/,/g, "").replace("\u2212", "-"));
    return text !== "" && Number.isFinite(number) ? number : text.toLocaleLowerCase("en");
  };

  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number") return 1;
    if (typeof b === "number") return -1;
    return a < b ? -1 : a > b ? 1 : 0;
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.append(head.firstChild);
      head.append(button);
      button.addEventListener("click", () => {
        const order = head.getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const rows = [...body.rows].sort((a, b) => sign * compare(value(a, column), value(b, column)));
        body.append(...rows);
      });
    });
  };

  const filterable = (table) => {
    const label = document.createElement("label");
    label.className = "filter";
    label.textContent = `Find a ${table.dataset.filter} `;
    const input = document.createElement("input");
    input.type = "search";
    label.append(input);
    table.parentElement.before(label);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase("en");
      for (const row of table.tBodies[0].rows) {
        row.hidden = !row.textContent.toLocaleLowerCase("en").includes(wanted);
      }
    });
  };

  const tips = () => {
    const tip = document.createElement("div");
    tip.id = "tip";
    tip.setAttribute("role", "tooltip");
    tip.hidden = true;
    document.body.append(tip);
    const hide = () => { tip.hidden = true; };
    for (const term of document.querySelectorAll("a.term")) {
      const meaning = document.querySelector(`${term.getAttribute("href")} dd`);
      if (!meaning) continue;
      const show = () => {
        tip.textContent = meaning.textContent;
        tip.hidden = false;
        const box = term.getBoundingClientRect();
        const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 12);
        tip.style.left = `${Math.max(12, left) + window.scrollX}px`;
        tip.style.top = `${box.bottom + 8 + window.scrollY}px`;
      };
      term.setAttribute("aria-describedby", "tip");
      term.addEventListener("mouseenter", show);
      term.addEventListener("focus", show);
      term.addEventListener("mouseleave", hide);
      term.addEventListener("blur", hide);
    }
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  };

  document.querySelectorAll("table[data-sortable]").forEach(sortable);
  document.querySelectorAll("table[data-filter]").forEach(filterable);
  tips();
})();
