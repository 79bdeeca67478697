// Single-key shortcuts. A control with data-key is pressed by its key; while something is typed, keys are text.
// Escape leaves a field. "?" opens the page's own map of keys, if it has one. Nothing here is needed to work.
//
// What somebody types on one page must not run as commands on the next: while a page is being left no key counts, and
// on the one that comes keys wake when the hands have been still for half a second. A field is gone to at once, though:
// what is typed there is text. So is what is typed at a dialog, and a dialog with data-refuses opens at its keys.
"use strict";

(() => {
  const STILL_MS = 500;
  const root = document.documentElement;
  const isOn = root.hasAttribute("data-keys");
  const typing = (node) => node.matches?.("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
  const controlOf = (key) => [...document.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
  const refusal = document.querySelector("dialog[data-refuses]");
  let isLeaving = false;
  let waking = 0;

  const sleep = () => {
    root.dataset.asleep = "";
    clearTimeout(waking);
    waking = setTimeout(() => delete root.dataset.asleep, STILL_MS);
  };

  // Where what follows is text: the key's own field, or the dialog that refuses it.
  const toText = (key, control) => {
    if (control && typing(control)) control.focus();
    else if (!control && key.length === 1 && refusal?.dataset.refuses.includes(key)) refusal.showModal();
    else return false;
    return true;
  };

  const arrive = () => {
    isLeaving = false;
    if (!isOn) return;
    sleep();
    const ahead = sessionStorage.getItem("ahead");
    sessionStorage.removeItem("ahead");
    if (ahead) toText(ahead, controlOf(ahead));
  };
  arrive();
  addEventListener("pageshow", (event) => event.persisted && arrive());
  document.addEventListener("submit", (event) => {
    isLeaving = isLeaving || !(event.defaultPrevented || event.target.method === "dialog");
  });

  const press = (control) => {
    if (control.disabled) return;
    isLeaving = control.matches("a[href]:not([href^='#'])");
    control.click();
    if (control.matches("input[type=radio], input[type=checkbox]")) control.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // Escape stops the browser on its way: the page stays, and so do its keys.
    if (event.key === "Escape") {
      isLeaving = false;
      sessionStorage.removeItem("ahead");
    }
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!isOn || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key.length === 1 && "asleep" in root.dataset) sleep();
    if (isLeaving) {
      if (key === "n") sessionStorage.setItem("ahead", key);
      if (key.length === 1 || key === "Enter") event.preventDefault();
      return;
    }
    const control = controlOf(key);
    if (toText(key, control)) event.preventDefault();
    else if (control) {
      event.preventDefault();
      if (!event.repeat && !("asleep" in root.dataset)) press(control);
    }
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
