/* A field of the sample becomes a source: dragged onto it (mouse, finger), or chosen and placed with the keyboard. */
import { saveSoon } from "./editor.js";

const FAR = 6; // pixels before a press becomes a drag
let chosen; // the input that waits for a field
let picked; // the field that waits for an input
let drag;
let shown = ""; // whose settings are open

const takes = (one) => one?.matches?.('.source-chip input, [data-drop], [data-editor] textarea.expression, [data-editor] [name$="/each"]');

function put(target, field) {
  const inside = target.name.startsWith("spec/lists/") || target.name.startsWith("map:lines");
  target.value = inside && field.dataset.inner ? field.dataset.inner : field.dataset.source;
  pick(undefined);
  target.focus();
  target.dispatchEvent(new Event("input", { bubbles: true }));
  saveSoon(0);
}

function pick(field) {
  picked?.removeAttribute("aria-pressed");
  picked = field;
  picked?.setAttribute("aria-pressed", "true");
  document.documentElement.toggleAttribute("data-picking", Boolean(field));
}

function under(event) {
  return document.elementsFromPoint(event.clientX, event.clientY).find((one) => takes(one) || one.matches(".source-chip, .map-row"));
}
function inputOf(one) {
  return takes(one) ? one : one?.querySelector(".source-chip input, .source-chip textarea");
}

document.addEventListener("focusin", (event) => {
  if (takes(event.target)) chosen = event.target.id;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && picked) pick(undefined);
  if (event.key === "Enter" && picked && takes(event.target)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    put(event.target, picked);
  }
}, true);
document.addEventListener("click", (event) => {
  const taken = event.target.closest?.("[data-take]");
  if (taken) {
    const input = document.getElementById(taken.dataset.take);
    input.value = taken.dataset.path;
    saveSoon(0);
    return;
  }
  const target = takes(event.target) ? event.target : undefined;
  if (picked && target) {
    put(target, picked);
    return;
  }
  const field = event.target.closest?.("[data-source]");
  if (!field || drag?.moved) return;
  const waiting = chosen && document.getElementById(chosen);
  if (waiting) {
    chosen = undefined;
    put(waiting, field);
  } else pick(picked === field ? undefined : field);
});

document.addEventListener("pointerdown", (event) => {
  const field = event.target.closest?.("[data-source]");
  drag = undefined;
  if (!field || event.button) return;
  if (event.pointerType !== "mouse" && !event.target.closest("[data-grip]")) return; // a finger elsewhere scrolls
  drag = { field, x: event.clientX, y: event.clientY, moved: false };
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.moved) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
    drag.moved = true;
    drag.ghost = document.createElement("div");
    drag.ghost.className = "ghost mono";
    drag.ghost.textContent = drag.field.dataset.source;
    document.body.append(drag.ghost);
  }
  drag.ghost.style.left = `${event.clientX + 8}px`;
  drag.ghost.style.top = `${event.clientY + 8}px`;
  for (const one of document.querySelectorAll("[data-over]")) delete one.dataset.over;
  const over = under(event)?.closest(".map-row, .field-of") ?? under(event);
  if (over) over.dataset.over = "";
});
function end(event) {
  if (!drag?.moved) return;
  drag.ghost.remove();
  for (const one of document.querySelectorAll("[data-over]")) delete one.dataset.over;
  const target = event.type === "pointerup" ? inputOf(under(event)) : undefined;
  if (target) put(target, drag.field);
  setTimeout(() => (drag = undefined)); // the click that follows is no choice
}
document.addEventListener("pointerup", end);
document.addEventListener("pointercancel", end);
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("[data-source]")) event.preventDefault();
});

/* The tree can be searched. */
document.addEventListener("input", (event) => {
  if (event.target.id !== "source-q") return;
  const wanted = event.target.value.toLowerCase();
  for (const field of document.querySelectorAll("[data-source]")) {
    field.closest("li").hidden = !field.dataset.source.toLowerCase().includes(wanted);
  }
});

/* One menu of transforms serves every field: it stands beside the button that opened it and adds to that field. */
let opener;
document.addEventListener("click", (event) => {
  const found = event.target.closest?.("[data-via]");
  if (!found) return;
  opener = found;
  for (const step of document.querySelectorAll("[data-step]")) step.value = `put:${opener.dataset.via}=${step.dataset.step}`;
});
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (menu.id !== "step-adds" || event.newState !== "open" || !opener) return;
    const spot = opener.getBoundingClientRect();
    setTimeout(() => {
      menu.style.left = `${Math.max(12, Math.min(spot.left, innerWidth - menu.offsetWidth - 12))}px`;
      menu.style.top = `${Math.max(12, Math.min(spot.bottom + 6, innerHeight - menu.offsetHeight - 12))}px`;
    });
  },
  true,
);

/* Settings of a row or a step close when one is done with them: by Escape, or by going on elsewhere. */
const done = () => document.querySelector("[data-done]");
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && done() && !document.querySelector(":popover-open, dialog[open]")) done().click();
});
document.addEventListener("pointerdown", (event) => {
  const panel = document.querySelector("[data-panel]");
  if (!panel || panel.contains(event.target) || event.target.closest("button, a, dialog, [popover]")) return;
  done().click();
});
document.addEventListener("htmx:after:swap", () => {
  const panel = document.querySelector("[data-panel]");
  if (!panel || panel.dataset.panel === shown) {
    if (!panel) shown = "";
    return;
  }
  shown = panel.dataset.panel;
  panel.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest" });
});
