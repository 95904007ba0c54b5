/* Rows that are ticked, and the bar that says what may be done with them. */
const boxes = () => [...document.querySelectorAll('[name="order"]')];
const chosen = () => boxes().filter((box) => box.checked);
const language = document.documentElement.lang;

function sum(picked) {
  const currencies = new Set(picked.map((box) => box.dataset.currency));
  if (currencies.size !== 1 || picked.some((box) => !box.dataset.amount)) return "";
  const [currency] = currencies;
  const format = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const places = format.resolvedOptions().maximumFractionDigits;
  return format.format(picked.reduce((total, box) => total + Number(box.dataset.amount), 0) / 10 ** places);
}

function show() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const picked = chosen();
  for (const box of boxes()) box.closest("tr").setAttribute("aria-selected", String(box.checked));
  const all = document.querySelector("[data-select-all]");
  if (all) {
    all.checked = picked.length > 0 && picked.length === boxes().length;
    all.indeterminate = picked.length > 0 && !all.checked;
  }
  bar.hidden = picked.length === 0;
  bar.parentElement.classList.toggle("has-bulk", !bar.hidden);
  if (bar.hidden) return;
  const count = bar.querySelector("[data-bulk-count]");
  const text = picked.length === 1 ? count.dataset.one : count.dataset.many;
  count.textContent = text.replace("{n}", picked.length);
  const total = bar.querySelector("[data-bulk-sum]");
  const amount = sum(picked);
  total.textContent = amount && total.dataset.text.replace("{sum}", amount);
  const held = picked.filter((box) => "held" in box.dataset).length;
  const button = bar.querySelector("[data-bulk-held]");
  if (button) button.hidden = held === 0;
  const misfit = bar.querySelector("[data-bulk-misfit]");
  misfit.textContent = button && held && held < picked.length ? misfit.dataset.text.replace("{n}", picked.length - held) : "";
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  } else if (!event.target.matches('[name="order"]')) return;
  show();
});

let from = null;
document.addEventListener("click", async (event) => {
  const box = event.target.closest('[name="order"]');
  if (box) {
    const all = boxes();
    if (event.shiftKey && from) {
      const [first, end] = [all.indexOf(from), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(first, end + 1)) between.checked = box.checked;
      show();
    }
    from = box;
  } else if (event.target.closest("[data-bulk-clear]")) {
    for (const each of chosen()) each.checked = false;
    show();
  } else if (event.target.closest("[data-bulk-copy]")) {
    await navigator.clipboard.writeText(
      chosen()
        .map((each) => each.dataset.number)
        .join("\n"),
    );
    document.dispatchEvent(new CustomEvent("toast", { detail: { word: "copied" } }));
  }
});
document.addEventListener("htmx:after:swap", show);
show();
