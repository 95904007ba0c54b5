/* Rows are dragged by their handle; their order on the page is their order in the document. */
import { saveSoon } from "./editor.js";

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
