/* What the page has to say in passing. Errors of requests come here, and never into the page. */
const place = document.querySelector(".toasts");

function say(text, { stays = false } = {}) {
  const line = document.createElement("div");
  line.className = "toast-line";
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.setAttribute("aria-label", place.dataset.close);
  close.textContent = "×";
  close.addEventListener("click", () => line.remove());
  line.append(words, close);
  place.replaceChildren(line);
  if (!stays) setTimeout(() => line.remove(), 6000);
}

document.addEventListener("toast", (event) => say(event.detail.text ?? place.dataset[event.detail.word]));

document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if (status === 422 || status === 401) return;
  const own = status === 403 || status === 404;
  say(own ? place.dataset.denied : `${place.dataset.failed} ${headers.get("X-Request-Id") ?? status}`, { stays: true });
});
document.addEventListener("htmx:error", () => say(place.dataset.lost));
