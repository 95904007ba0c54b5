/* The JSON of a definition in Ace, where it loads; the plain area under it stays what is sent. */
let ace;

function marks(session) {
  const found = [...document.querySelectorAll("[data-mark]")].map((one) => ({
    row: Number(one.dataset.mark) - 1,
    column: 0,
    text: one.textContent,
    type: "error",
  }));
  session.setAnnotations(found);
}

function start() {
  const place = document.getElementById("json-ace");
  const area = document.getElementById("json-text");
  if (!place || !area || !globalThis.ace || place.dataset.on) return;
  place.dataset.on = "";
  const { config } = globalThis.ace;
  config.set("useStrictCSP", true);
  config.set("loadWorkerFromBlob", false);
  config.set("basePath", place.dataset.base);
  place.hidden = false;
  area.hidden = true;
  ace = globalThis.ace.edit(place, {
    mode: "ace/mode/json",
    theme: { cssClass: "ace-ordain", isDark: false, cssText: "" },
    useWorker: false,
    tabSize: 2,
    showPrintMargin: false,
    fontSize: "12px",
    value: area.value,
  });
  ace.textInput.getElement().setAttribute("aria-label", place.dataset.label);
  ace.session.on("change", () => {
    area.value = ace.getValue();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  marks(ace.session);
}

document.addEventListener("htmx:after:swap", () => ace && marks(ace.session));
document.addEventListener("click", (event) => {
  const to = event.target.closest?.('a[href^="#line-"]');
  if (!to) return;
  event.preventDefault();
  const line = Number(to.hash.slice(6));
  if (ace) {
    ace.gotoLine(line, 0, true);
    ace.focus();
    return;
  }
  const area = document.getElementById("json-text");
  const at = area.value.split("\n").slice(0, line - 1).join("\n").length;
  area.focus();
  area.setSelectionRange(at + 1, at + 1);
});
start();
