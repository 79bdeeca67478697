// The page of a case: keeps the claim while the page is open, saves what is typed, walks through the matches.
"use strict";

(() => {
  const form = document.querySelector("form[data-heartbeat]");
  const lost = document.getElementById("lost");

  const beat = async () => {
    const answer = await fetch(form.dataset.heartbeat, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      redirect: "error",
    });
    if (answer.status === 409) {
      clearInterval(timer);
      lost.querySelector("span").textContent = (await answer.json()).lost;
      lost.hidden = false;
      lost.scrollIntoView({ block: "nearest" });
    }
  };
  const keep = () => beat().catch(() => undefined);
  let timer = 0;
  if (form) {
    timer = setInterval(keep, 60_000);
    let typed = 0;
    form.addEventListener("input", () => {
      clearTimeout(typed);
      typed = setTimeout(keep, 1_500);
    });
    document.addEventListener("visibilitychange", () => document.hidden || keep());
    // Two presses of a key must not be two decisions.
    addEventListener("pageshow", (event) => event.persisted && delete form.dataset.sent);
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      clearInterval(timer);
    });
  }

  const marks = [...document.querySelectorAll(".hit")];
  const next = document.getElementById("next-mark");
  let place = -1;
  if (!marks.length) next.hidden = true;
  next.addEventListener("click", (event) => {
    event.preventDefault();
    place = (place + 1) % marks.length;
    marks[place].focus();
    marks[place].scrollIntoView({ block: "center" });
  });

  // Pictures: i walks through them, a press makes one large. Without scripts, the link opens it by itself.
  const images = [...document.querySelectorAll("#images a.zooms")];
  const zoom = document.getElementById("zoom");
  for (const link of images) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const large = zoom.querySelector("img");
      large.src = link.href;
      large.alt = link.querySelector("img").alt;
      zoom.showModal();
      zoom.addEventListener("close", () => link.focus(), { once: true });
    });
  }
  document.addEventListener("keydown", (event) => {
    const isText = event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
    const isOn = document.documentElement.hasAttribute("data-keys") && !document.querySelector("dialog[open]");
    if (event.key !== "i" || !isOn || isText || event.ctrlKey || event.metaKey || event.altKey || !images.length) return;
    event.preventDefault();
    images[(images.indexOf(document.activeElement) + 1) % images.length].focus();
  });

  // A match may lead to a finding that is folded away.
  const unfold = () => {
    const target = document.getElementById(location.hash.slice(1));
    const folded = target?.closest("details:not([open])");
    if (folded) folded.open = true;
  };
  addEventListener("hashchange", unfold);

  const saved = document.querySelector("#saved > summary");
  saved.addEventListener("click", () => setTimeout(() => saved.focus()));
})();
