// A list of cases: j and k move, x selects, / searches; the counts come after the page.
"use strict";

(() => {
  const links = [...document.querySelectorAll(".queue a.open")];
  const isOn = document.documentElement.hasAttribute("data-keys");

  const move = (step) => {
    const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = links[Math.min(Math.max(here + step, 0), links.length - 1)];
    next?.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (!isOn || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const does = {
      j: () => move(1),
      k: () => move(-1),
      x: () => document.activeElement.closest("tr")?.querySelector("input[type=checkbox]")?.click(),
      "/": () => document.querySelector("input[type=search]")?.focus(),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });

  const all = document.getElementById("all");
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of document.querySelectorAll("input[name=case]")) box.checked = all.checked;
    });
  }

  // What to do with the selected ones is asked for as soon as one is selected.
  const bar = document.getElementById("bulkbar");
  const selected = document.getElementById("selected");
  if (bar) {
    const show = () => {
      const number = document.querySelectorAll("input[name=case]:checked").length;
      bar.hidden = !number;
      selected.textContent = `${number} ${selected.dataset.words}`;
    };
    document.getElementById("bulk").addEventListener("change", show);
    show();
  }

  const spots = [...document.querySelectorAll("[data-count]")];
  const count = async () => {
    const answer = await fetch("/queue/counts", { redirect: "error" });
    if (!answer.ok) return;
    const counts = await answer.json();
    for (const spot of spots) {
      const [kind, label] = spot.dataset.count.split(":");
      spot.textContent = (counts[kind]?.[label] ?? 0).toLocaleString(document.documentElement.lang);
    }
  };
  if (spots.length) {
    const again = () => document.hidden || count().catch(() => undefined);
    again();
    setInterval(again, 30_000);
  }
})();
