// Single-key shortcuts. A control with data-key is pressed by its key; while something is typed, keys are text.
// Escape leaves a field. "?" opens the page's own map of keys, if it has one. Nothing here is needed to work.
"use strict";

(() => {
  const isOn = document.documentElement.hasAttribute("data-keys");
  const typing = (node) => node.matches?.("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");

  const press = (control) => {
    if (control.disabled) return;
    if (control.matches("input[type=radio], input[type=checkbox]")) {
      control.click();
      control.focus();
    } else if (control.matches("input, textarea, select")) control.focus();
    else control.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!isOn || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const control = [...document.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
    if (!control) return;
    event.preventDefault();
    if (!event.repeat) press(control);
  });

  for (const opener of document.querySelectorAll("[data-opens]")) {
    const dialog = document.getElementById(opener.dataset.opens);
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
    dialog.addEventListener("close", () => opener.focus());
  }

  // An undo that has run out is not offered any more.
  for (const form of document.querySelectorAll("form[data-undo]")) {
    const left = Number(form.dataset.undo) * 1000 - Date.now();
    if (Number(form.dataset.undo)) setTimeout(() => form.remove(), Math.max(left, 0));
  }
})();
