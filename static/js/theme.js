/* Light, dark, or as the system has it; the choice is kept in this browser. */
const items = () => document.querySelectorAll("[data-theme]");

function show() {
  const kept = localStorage.getItem("theme") ?? "auto";
  for (const item of items()) item.setAttribute("aria-checked", String(item.dataset.theme === kept));
}

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-theme]");
  if (!item) return;
  if (item.dataset.theme === "auto") localStorage.removeItem("theme");
  else localStorage.setItem("theme", item.dataset.theme);
  dispatchEvent(new Event("theme"));
  show();
});
show();
