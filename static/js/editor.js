import "./editor-open.js";
import "./editor-rows.js";
import "./editor-sources.js";

/* Editors keep what is typed: a moment after the last key the whole form is sent, and only the newest answer counts. */
const PAUSE = 80;
let waiting;
let unsent = false;
let sending = "";

const form = () => document.querySelector("[data-editor]");

export function saveSoon(delay = PAUSE) {
  unsent = true;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    unsent = false;
    form()?.dispatchEvent(new Event("save"));
  }, delay);
}

/* A late answer would overwrite newer text: typing calls it off. */
document.addEventListener(
  "input",
  (event) => {
    const owner = event.target.closest?.("[data-editor]");
    if (!owner) return;
    owner.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true }));
    saveSoon();
  },
  true,
);
document.addEventListener("change", (event) => {
  if (event.target.closest?.("[data-editor]")) saveSoon(50);
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey)) return;
  if (event.key === "s") {
    event.preventDefault();
    saveSoon(0);
  } else if (event.key === "Enter" && document.querySelector("[data-editor]") && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    tryIt();
  }
});

/* Trying: what was typed is sent at once, and the result comes into view. */
function tryIt() {
  saveSoon(0);
  const result = document.getElementById("tried");
  if (!result) return;
  result.scrollIntoView({ block: "nearest" });
  result.focus({ preventScroll: true });
}
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-try]")) tryIt();
});

/* Enter in a row that is to be added adds it; a file is read into the area it is pasted from. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-add]")) return;
  event.preventDefault();
  event.target.closest("[role=row]").querySelector("button[name=act]").click();
});
document.addEventListener("change", async (event) => {
  const input = event.target;
  if (!input.matches?.("[data-file]") || !input.files[0]) return;
  document.querySelector(input.dataset.file).value = await input.files[0].text();
  input.value = "";
});
document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  if (!event.target.closest?.("[data-grid]") || !text.trim().includes("\n")) return;
  event.preventDefault();
  document.getElementById("grid-text").value = text;
  document.getElementById("grid-take").click();
});
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.matches?.("[data-editor]")) sending = event.detail?.ctx?.request?.body?.get?.("act") ?? "";
});
document.addEventListener("htmx:after:swap", () => {
  if (sending === "grid-paste") {
    document.getElementById("grid-paste")?.hidePopover?.();
    const area = document.getElementById("grid-text");
    if (area) area.value = "";
  }
  if (sending === "grid-add") {
    for (const id of ["grid-key-add", "grid-value-add"]) {
      const input = document.getElementById(id);
      if (input) input.value = "";
    }
    document.getElementById("grid-key-add")?.focus();
  }
  sending = "";
});

/* Publishing waits for what was typed last, and an open dialog is not drawn anew under one's hands. */
let asking = 0;
let wanted;
document.addEventListener("htmx:before:request", () => (asking += 1));
document.addEventListener("htmx:finally:request", () => {
  asking = Math.max(0, asking - 1);
  if (!wanted || asking || unsent) return;
  const button = document.getElementById(wanted);
  wanted = undefined;
  button?.click();
});
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("#work [data-open]");
    if (!button || !(unsent || asking)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    wanted = button.id;
  },
  true,
);
document.addEventListener("htmx:before:swap", (event) => {
  if (document.querySelector("#work dialog[open]")) event.preventDefault();
});

/* A session that ended in the middle takes nothing away: sign in elsewhere, take that session's token, send again. */
document.addEventListener("htmx:config:request", (event) => {
  if (event.target.closest?.("[data-editor]")) event.detail.ctx.request.headers["X-Keep"] = "1";
});
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status !== 401) return;
  unsent = true;
  const dialog = document.getElementById("signed-out");
  if (dialog && !dialog.open) dialog.showModal();
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-go-on]");
  if (!button) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("#work [name=csrf_token]")?.value;
  button.closest("dialog").toggleAttribute("data-still", !token);
  if (!token) return;
  for (const input of document.querySelectorAll("[name=csrf_token]")) input.value = token;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRF-Token": token }));
  button.closest("dialog").close();
  saveSoon(0);
});

addEventListener("beforeunload", (event) => {
  if (unsent) event.preventDefault();
});
document.addEventListener("submit", () => {
  unsent = false;
  clearTimeout(waiting);
});
