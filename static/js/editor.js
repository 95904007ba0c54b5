/* Editors keep what is typed: a moment after the last key the whole form is sent, and only the newest answer counts. */
const PAUSE = 80;
let waiting;
let unsent = false;

const form = () => document.querySelector("[data-editor]");

function saveSoon(delay = PAUSE) {
  unsent = true;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    unsent = false;
    form()?.dispatchEvent(new Event("save"));
  }, delay);
}

/* A late answer would overwrite newer text: typing calls it off. */
document.addEventListener(
  "input",
  (event) => {
    const owner = event.target.closest?.("[data-editor]");
    if (!owner) return;
    owner.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true }));
    saveSoon();
  },
  true,
);
document.addEventListener("change", (event) => {
  if (event.target.closest?.("[data-editor]")) saveSoon(50);
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey)) return;
  if (event.key === "s") {
    event.preventDefault();
    saveSoon(0);
  } else if (event.key === "Enter" && event.target.closest?.("[data-editor]")) {
    event.preventDefault();
    document.querySelector('[data-open="#publish"]')?.click();
  }
});

/* Publishing waits for what was typed last, and an open dialog is not drawn anew under one's hands. */
let asking = 0;
let wanted;
document.addEventListener("htmx:before:request", () => (asking += 1));
document.addEventListener("htmx:finally:request", () => {
  asking = Math.max(0, asking - 1);
  if (!wanted || asking || unsent) return;
  const button = document.getElementById(wanted);
  wanted = undefined;
  button?.click();
});
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("#work [data-open]");
    if (!button || !(unsent || asking)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    wanted = button.id;
  },
  true,
);
document.addEventListener("htmx:before:swap", (event) => {
  if (document.querySelector("#work dialog[open]")) event.preventDefault();
});

addEventListener("beforeunload", (event) => {
  if (unsent) event.preventDefault();
});
document.addEventListener("submit", () => {
  unsent = false;
  clearTimeout(waiting);
});

/* Rows are dragged by their handle; their order on the page is their order in the document. */
let dragged;
document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.("[data-handle]");
  if (!handle) return;
  event.preventDefault();
  dragged = handle.closest("[data-row]");
  dragged.dataset.dragged = "";
  handle.setPointerCapture(event.pointerId);
});
document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const rows = dragged.parentElement;
  const over = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.parentElement === rows);
  if (!over || over === dragged) return;
  const box = over.getBoundingClientRect();
  rows.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
});
document.addEventListener("pointerup", () => {
  if (!dragged) return;
  delete dragged.dataset.dragged;
  dragged = undefined;
  document.activeElement?.blur(); // rows are named by their place: a field that keeps the focus would keep its text
  saveSoon(0);
});

/* A field of the sample becomes a source: dragged onto it, or clicked after choosing it. */
let chosen;
const takes = (one) => one?.matches?.('[data-editor] input:not([type="hidden"]), [data-editor] textarea');

function put(target, button) {
  const inside = target.name.startsWith("spec/lists/") && button.dataset.inner;
  target.value = inside ? button.dataset.inner : button.dataset.source;
  target.focus();
  saveSoon(0);
}
document.addEventListener("focusin", (event) => {
  if (takes(event.target)) chosen = event.target.id;
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-source]");
  const target = chosen && document.getElementById(chosen);
  if (button && target) put(target, button);
});
document.addEventListener("dragstart", (event) => {
  const button = event.target.closest?.("[data-source]");
  if (!button) return;
  event.dataTransfer.setData("text/plain", button.dataset.source);
  document.documentElement.dataset.dragging = button.dataset.source;
});
document.addEventListener("dragover", (event) => {
  for (const one of document.querySelectorAll("[data-over]")) delete one.dataset.over;
  if (!document.documentElement.dataset.dragging || !takes(event.target)) return;
  event.preventDefault();
  event.target.dataset.over = "";
});
document.addEventListener("drop", (event) => {
  const path = document.documentElement.dataset.dragging;
  const button = path && document.querySelector(`[data-source="${CSS.escape(path)}"]`);
  if (!button || !takes(event.target)) return;
  event.preventDefault();
  delete event.target.dataset.over;
  put(event.target, button);
});
document.addEventListener("dragend", () => delete document.documentElement.dataset.dragging);
