/* Editors keep what is typed: a moment after the last key the whole form is sent, and only the newest answer counts. */
const PAUSE = 150;
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
  saveSoon(0);
});
