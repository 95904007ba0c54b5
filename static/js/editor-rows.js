/* Rows are dragged by their handle, or moved with the keyboard: arrows on the handle, Alt with arrows anywhere in the
   row. Their order on the page is their order in the document. */
import { saveSoon } from "./editor.js";

let dragged;
let follow; // what takes the focus when the rows stand in their new places

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

/* Everything in a row is named by the row's place: what had the focus is found under the name of the new place. */
function moved(id, row, step) {
  const own = row.id.replace(/-row$/, "");
  const there = own.replace(/r(\d+)$/, (_, place) => `r${Number(place) + step}`);
  return id.startsWith(own) ? there + id.slice(own.length) : there;
}

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const handle = event.target.matches?.("[data-handle]");
  if (!step || !(event.altKey || handle)) return;
  const row = event.target.closest?.("[data-editor] [data-row]");
  const other = step < 0 ? row?.previousElementSibling : row?.nextElementSibling;
  if (!row) return;
  event.preventDefault();
  if (!other) return;
  follow = { id: moved(event.target.id, row, step), handle, row: moved(row.id, row, step) };
  if (step < 0) row.parentElement.insertBefore(row, other);
  else row.parentElement.insertBefore(other, row);
  document.activeElement?.blur();
  saveSoon(0);
});
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("[data-editor] button[name=act]");
    const step = { up: -1, down: 1 }[button?.value.split(":", 1)[0]];
    const row = step && button.closest("[data-row]");
    if (row) follow = { id: moved(button.id, row, step), row: moved(row.id, row, step) };
  },
  true,
);
document.addEventListener("htmx:after:swap", () => {
  if (!follow) return;
  const row = document.getElementById(follow.row);
  const target = follow.handle ? row?.querySelector("[data-handle]") : document.getElementById(follow.id);
  follow = undefined;
  target?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
  const said = document.getElementById("moved");
  if (!row || !said) return;
  const place = [...row.parentElement.children].indexOf(row) + 1;
  said.textContent = said.dataset.text.replace("{n}", place).replace("{total}", row.parentElement.children.length);
});
