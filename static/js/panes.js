/* Narrow windows: the right pane is a drawer; on a phone panes are tabs. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-drawer]")) {
    const panes = document.querySelector(".panes");
    panes.dataset.drawer = panes.dataset.drawer === "open" ? "" : "open";
    return;
  }
  const tab = event.target.closest("[data-pane-tabs] [role=tab]");
  if (!tab) return;
  for (const other of tab.parentElement.children) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    document.getElementById(other.getAttribute("aria-controls"))?.toggleAttribute("data-shown", on);
  }
});

/* The end of a story is what counts now. */
for (const part of document.querySelectorAll("[data-end]")) part.scrollTop = part.scrollHeight;
