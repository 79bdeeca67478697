// A bulk decision at work: the page is loaded again until it is through.
"use strict";

(() => {
  const busy = document.querySelector("[data-reload]");
  if (busy) setTimeout(() => location.reload(), Number(busy.dataset.reload));
})();
