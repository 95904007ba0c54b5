/* Rows that were opened stay open when the form is drawn anew; a row just added opens and takes the focus. */
let added = "";

const rows = () => [...document.querySelectorAll("[data-editor] details.row-open")];
let open = new Set();

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("[data-editor] button[name=act]");
    added = button?.value.startsWith("add:") ? `${button.id.replace(/-add$/, "")}-r` : "";
  },
  true,
);
document.addEventListener("htmx:before:swap", () => {
  open = new Set(rows().filter((one) => one.open).map((one) => one.parentElement.id));
});
document.addEventListener("htmx:after:swap", () => {
  for (const one of rows()) if (open.has(one.parentElement.id)) one.open = true;
  if (!added) return;
  const mine = rows().filter((one) => one.parentElement.id.startsWith(added) && /^\d+-row$/.test(one.parentElement.id.slice(added.length)));
  added = "";
  const last = mine.at(-1);
  if (!last) return;
  last.open = true;
  last.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
  last.scrollIntoView({ block: "nearest" });
});
