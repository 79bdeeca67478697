// Something is at work: the page is loaded again until it is through, unless a person is at a form on it.
"use strict";

(() => {
  const busy = document.querySelector("[data-reload]");
  if (!busy) return;
  setInterval(() => {
    const isAtForm = document.querySelector("main details.confirm[open]") || document.activeElement.matches("input, select, textarea");
    if (!isAtForm && !document.hidden) location.reload();
  }, Number(busy.dataset.reload));
})();
