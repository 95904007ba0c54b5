/* Puts a popover beside the button that opened it, and gives narrow things a tip with their name. */
const GAP = 6;
const EDGE = 12;

function place(pop, button) {
  const spot = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = pop;
  const left = Math.min(Math.max(EDGE, spot.left), innerWidth - width - EDGE);
  const below = spot.bottom + GAP;
  const above = spot.top - GAP - height;
  const top = below + height + EDGE <= innerHeight ? below : Math.max(EDGE, above);
  pop.dataset.placed = "";
  pop.style.left = `${Math.max(EDGE, left)}px`;
  pop.style.top = `${Math.min(top, Math.max(EDGE, innerHeight - height - EDGE))}px`;
}

function buttonOf(pop) {
  return document.querySelector(`[popovertarget="${CSS.escape(pop.id)}"]:not([popovertargetaction="hide"])`);
}

document.addEventListener(
  "toggle",
  (event) => {
    const pop = event.target;
    if (!pop.popover) return;
    const button = buttonOf(pop);
    if (!button) return;
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) place(pop, button);
  },
  true,
);

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function showTip(event) {
  const of = event.target.closest?.("[data-tip]");
  const narrow = document.documentElement.dataset.rail === "narrow" && innerWidth >= 768;
  tip.hidden = !of || !narrow;
  if (tip.hidden) return;
  const spot = of.getBoundingClientRect();
  tip.textContent = of.dataset.tip;
  tip.style.left = `${spot.right + GAP}px`;
  tip.style.top = `${spot.top + spot.height / 2}px`;
}
document.addEventListener("pointerover", showTip);
document.addEventListener("focusin", showTip);
