/* What lists have beside their rows: columns in one's own order, the dialog that asks first, the board whose cards move. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-order-up], [data-order-down]");
  if (!button) return;
  const row = button.closest("li");
  const other = "orderUp" in button.dataset ? row.previousElementSibling : row.nextElementSibling;
  if (!other || other.querySelector(":disabled")) return;
  if ("orderUp" in button.dataset) other.before(row);
  else other.after(row);
  button.focus();
});

/* Whatever comes into the dialog opens it; a file that is ready is fetched at once. */
document.addEventListener("htmx:after:swap", () => {
  const dialog = document.querySelector("[data-act]");
  const body = document.querySelector("#act-body");
  if (!dialog || !body?.firstElementChild) return;
  if (!dialog.open) dialog.showModal();
  const ready = body.querySelector("[data-now]");
  if (ready) {
    const link = document.createElement("a");
    link.href = ready.dataset.now;
    link.download = "";
    ready.removeAttribute("data-now");
    link.click();
  }
});
document.addEventListener(
  "close",
  (event) => {
    if (event.target.matches("[data-act]")) event.target.querySelector("#act-body").replaceChildren();
  },
  true,
);

/* Cards: dragged by mouse or finger (after a short hold), or moved with Alt and the arrow keys. */
const HOLD = 220;
const FAR = 6;
let drag = null;

function goesTo(card, key) {
  return card.dataset.to.split(" ").includes(key);
}

function send(card, key) {
  card.querySelector(`.card-moves button[value="${CSS.escape(key)}"]`)?.click();
}

function pileAt(x, y) {
  return document.elementsFromPoint(x, y).map((found) => found.closest("[data-pile]")).find(Boolean);
}

function begin(event) {
  const { card } = drag;
  const spot = card.getBoundingClientRect();
  drag.ghost = card.cloneNode(true);
  drag.ghost.className = "card-line card-ghost";
  drag.ghost.removeAttribute("id");
  drag.ghost.style.width = `${spot.width}px`;
  document.body.append(drag.ghost);
  card.dataset.dragged = "";
  for (const pile of document.querySelectorAll("[data-pile]")) pile.toggleAttribute("data-open", goesTo(card, pile.dataset.pile));
  follow(event);
}

function follow(event) {
  drag.ghost.style.transform = `translate(${event.clientX - drag.x}px, ${event.clientY - drag.y}px)`;
  const over = pileAt(event.clientX, event.clientY);
  for (const pile of document.querySelectorAll("[data-pile]")) pile.toggleAttribute("data-over", pile === over && pile.hasAttribute("data-open"));
}

function end(event, drop) {
  if (!drag) return;
  const { card, ghost, timer } = drag;
  clearTimeout(timer);
  if (ghost) {
    const pile = drop && pileAt(event.clientX, event.clientY);
    ghost.remove();
    delete card.dataset.dragged;
    for (const each of document.querySelectorAll("[data-pile]")) each.toggleAttribute("data-open", each.toggleAttribute("data-over", false));
    document.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
    setTimeout(() => pile && goesTo(card, pile.dataset.pile) && send(card, pile.dataset.pile));
  }
  drag = null;
}

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest("[data-card]");
  if (!card || event.button || event.target.closest("button")) return;
  const spot = card.getBoundingClientRect();
  drag = { card, x: event.clientX - spot.left, y: event.clientY - spot.top, startX: event.clientX, startY: event.clientY };
  if (event.pointerType !== "mouse") drag.timer = setTimeout(() => drag && begin(event), HOLD);
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const moved = Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) > FAR;
  if (drag.ghost) follow(event);
  else if (moved && event.pointerType === "mouse") begin(event);
  else if (moved) end(event, false);
});
document.addEventListener("pointerup", (event) => end(event, true));
document.addEventListener("pointercancel", (event) => end(event, false));
document.addEventListener("touchmove", (event) => drag?.ghost && event.preventDefault(), { passive: false });
document.addEventListener("dragstart", (event) => event.target.closest("[data-card]") && event.preventDefault());

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || !event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  const piles = [...document.querySelectorAll("[data-pile]")];
  const place = piles.indexOf(card.closest("[data-pile]"));
  const ahead = event.key === "ArrowRight" ? piles.slice(place + 1) : piles.slice(0, place).reverse();
  const pile = ahead.find((each) => goesTo(card, each.dataset.pile));
  if (pile) send(card, pile.dataset.pile);
});
