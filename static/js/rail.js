/* The rail is wide on lists and narrow beside details; either can be changed and is remembered for its kind of page. */
const root = document.documentElement;

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-rail-toggle]")) return;
  const kind = root.dataset.railKind;
  root.dataset.rail = root.dataset.rail === "narrow" ? "wide" : "narrow";
  localStorage.setItem(`rail-${kind}`, root.dataset.rail);
});
