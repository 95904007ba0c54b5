/* Small acts of buttons: copy, print, open and close dialogs, put a part away, send a form when its choice changes. */
document.addEventListener("click", async (event) => {
  const to = (name) => event.target.closest(`[data-${name}]`);
  let found;
  if ((found = to("copy"))) {
    await navigator.clipboard.writeText(document.querySelector(found.dataset.copy).value);
    document.dispatchEvent(new CustomEvent("toast", { detail: { word: "copied" } }));
  } else if (to("print")) print();
  else if ((found = to("open"))) document.querySelector(found.dataset.open).showModal();
  else if ((found = to("close"))) found.closest("dialog").close();
  else if ((found = to("dismiss"))) found.closest(found.dataset.dismiss).remove();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

/* A form is sent once, however often its button is pressed. */
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const button = event.submitter;
  if (button && event.target.method === "post") setTimeout(() => button.setAttribute("aria-busy", "true"));
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

/* A dialog that comes as an answer shows itself, and goes when it is closed. */
document.addEventListener("htmx:after:swap", () => document.querySelector("dialog[data-shown]:not([open])")?.showModal());
document.addEventListener("close", (event) => event.target.matches("dialog[data-shown]") && event.target.remove(), true);
