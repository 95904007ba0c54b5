/* Asks for the list on show anew every few seconds, while somebody can see it and nobody is in the middle of something. */
const begun = Date.now();
let last = begun;
const asked = new WeakMap();

function busy(part) {
  return (
    document.hidden ||
    document.querySelector("dialog[open]") ||
    part.querySelector("[popover]:popover-open") ||
    !getSelection().isCollapsed ||
    part.querySelector("[data-row]:checked, [data-dragged]")
  );
}

function tell() {
  const seconds = Math.round((Date.now() - last) / 1000);
  for (const pulse of document.querySelectorAll("[data-pulse]")) {
    const { now, seconds: some, minutes } = pulse.dataset;
    const text = seconds < 2 ? now : seconds < 60 ? some.replace("{n}", seconds) : minutes.replace("{n}", Math.floor(seconds / 60));
    pulse.querySelector("[data-pulse-text]").textContent = text;
    pulse.toggleAttribute("data-stale", seconds > 30);
  }
}

setInterval(() => {
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const since = Date.now() - (asked.get(part) ?? begun);
    if (since >= Number(part.dataset.refresh) * 1000 - 100 && !busy(part)) {
      asked.set(part, Date.now());
      part.dispatchEvent(new Event("refresh"));
    }
  }
  tell();
}, 1000);

document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.closest?.("[data-refresh]") || document.querySelector("[data-refresh]")) {
    last = Date.now();
    tell();
  }
});
