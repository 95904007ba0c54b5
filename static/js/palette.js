/* Ctrl-K: a few letters lead anywhere. Arrows choose, Enter goes. */
const box = document.getElementById("palette");
const field = document.getElementById("palette-q");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    if (box.open) return;
    box.showModal();
    field.select();
    field.dispatchEvent(new Event("palette"));
    return;
  }
  if (!box.open) return;
  const links = [...box.querySelectorAll("a")];
  const here = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = here + (event.key === "ArrowDown" ? 1 : -1);
    (links[next] ?? field).focus();
  } else if (event.key === "Enter" && document.activeElement === field) {
    event.preventDefault();
    links[0]?.click();
  }
});
box.addEventListener("click", (event) => {
  if (event.target === box) box.close();
});
