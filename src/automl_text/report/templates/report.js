"use strict";
(() => {
  const make = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

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
      const button = make("button", { type: "button" });
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

  const filterable = (list) => {
    const label = make("label", { class: "filter" }, `Find a ${list.dataset.filter} `);
    const input = make("input", { type: "search" });
    label.append(input);
    list.previousElementSibling.before(label);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase("en");
      for (const more of list.querySelectorAll(".more")) more.open = wanted !== "";
      for (const each of list.querySelectorAll(".category")) {
        each.hidden = !each.querySelector(".name").textContent.toLocaleLowerCase("en").includes(wanted);
      }
    });
  };

  const slider = (settings) => {
    const sentences = [...settings.querySelectorAll(".setting")];
    const table = document.querySelector("table.by-class");
    const label = make("label", {}, "How sure it must be to decide");
    const start = Math.max(0, sentences.findIndex((each) => !each.hidden));
    const input = make("input", { type: "range", min: "0", max: String(sentences.length - 1), step: "1" });
    input.value = String(start);
    const choose = () => {
      const chosen = Number(input.value);
      sentences.forEach((each, i) => { each.hidden = i !== chosen; });
      input.setAttribute("aria-valuetext", sentences[chosen].textContent);
      if (!table) return;
      for (const row of table.rows) {
        [...row.cells].forEach((cell, i) => { cell.hidden = i > 0 && i - 1 !== chosen; });
      }
    };
    label.append(input);
    settings.prepend(label);
    settings.setAttribute("aria-live", "polite");
    input.addEventListener("input", choose);
    choose();
  };

  const copyOf = (cell) => {
    const copy = cell.cloneNode(true);
    copy.removeAttribute("id");
    const category = cell.closest(".category").querySelector(".name bdi").textContent;
    copy.querySelector(".cell-title").prepend(`${category}: `);
    return copy;
  };

  const matrix = (panel) => {
    const links = [...document.querySelectorAll("table.matrix a")];
    for (const link of links) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        links.forEach((each) => each.removeAttribute("aria-current"));
        link.setAttribute("aria-current", "true");
        panel.replaceChildren(copyOf(document.querySelector(link.hash)));
      });
    }
  };

  const opening = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    for (let each = target && target.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
    if (target) target.scrollIntoView();
  };

  const legend = (list) => {
    const map = document.querySelector(".map");
    const buttons = [...list.children].map((item) => {
      const button = make("button", { type: "button", "aria-pressed": "false" });
      while (item.firstChild) button.append(item.firstChild);
      item.append(button);
      return [button, item.style.getPropertyValue("--hue")];
    });
    for (const [button, hue] of buttons) {
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        buttons.forEach(([other]) => other.setAttribute("aria-pressed", "false"));
        button.setAttribute("aria-pressed", String(on));
        map.classList.toggle("chosen", on);
        for (const point of map.children) {
          point.classList.toggle("on", on && point.style.getPropertyValue("--hue") === hue);
        }
      });
    }
  };

  const tips = () => {
    const tip = make("div", { id: "tip", role: "tooltip", hidden: "" });
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
  document.querySelectorAll("[data-filter]").forEach(filterable);
  document.querySelectorAll("[data-settings]").forEach(slider);
  document.querySelectorAll("[data-opened]").forEach(matrix);
  document.querySelectorAll(".legend").forEach(legend);
  window.addEventListener("hashchange", opening);
  opening();
  tips();
})();
