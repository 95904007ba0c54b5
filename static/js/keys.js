/* Keys: / finds, j and k go through a list or from record to record, x ticks a row, Enter opens it. */
const typing = (element) => element.matches?.("input, textarea, select, [contenteditable]");

function rows() {
  return [...document.querySelectorAll("[data-keys] tbody tr:not(.cause), a.case")];
}

function go(step) {
  const all = rows();
  const here = all.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
  const link = next?.matches("a") ? next : next?.querySelector("a");
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const own = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (own) {
    event.preventDefault();
    if (typing(own)) own.focus();
    else own.click();
  } else if (event.key === "j" || event.key === "k") go(event.key === "j" ? 1 : -1);
  else if (event.key === "x") document.activeElement.closest("tr")?.querySelector("[data-row]")?.click();
});
