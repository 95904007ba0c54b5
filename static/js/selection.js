/* Rows that are ticked, and the bar that says what may be done with them: with those, or with all that match. */
const boxes = () => [...document.querySelectorAll("[data-row]")];
const chosen = () => boxes().filter((box) => box.checked);
const language = document.documentElement.lang;
const number = (count) => new Intl.NumberFormat(language).format(count);
let every = false;

function sum(picked) {
  const currencies = new Set(picked.map((box) => box.dataset.currency));
  if (currencies.size !== 1 || picked.some((box) => !box.dataset.amount)) return "";
  const [currency] = currencies;
  const format = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const places = format.resolvedOptions().maximumFractionDigits;
  return format.format(picked.reduce((total, box) => total + Number(box.dataset.amount), 0) / 10 ** places);
}

/* What does not apply to some, and why; an action that applies to none cannot be asked for. */
function misfits(bar, picked) {
  let told = "";
  for (const button of bar.querySelectorAll("[data-bulk-act]")) {
    const { bulkAct, reason } = button.dataset;
    const left = every ? 0 : picked.filter((box) => !box.dataset.fits.split(" ").includes(bulkAct)).length;
    button.hidden = left === picked.length;
    if (left && left < picked.length && !told) told = [left, picked.length, reason];
  }
  const place = bar.querySelector("[data-bulk-misfit]");
  const text = place.dataset.text;
  place.textContent = told ? text.replace("{n}", number(told[0])).replace("{all}", number(told[1])).replace("{why}", told[2]) : "";
}

function show() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const picked = chosen();
  const total = Number(bar.dataset.total);
  if (picked.length < boxes().length) every = false;
  for (const box of boxes()) box.closest("tr").setAttribute("aria-selected", String(box.checked));
  const all = document.querySelector("[data-select-all]");
  if (all) {
    all.checked = picked.length > 0 && picked.length === boxes().length;
    all.indeterminate = picked.length > 0 && !all.checked;
  }
  bar.hidden = picked.length === 0;
  bar.parentElement.classList.toggle("has-bulk", !bar.hidden);
  if (bar.hidden) return;
  const count = every ? total : picked.length;
  const words = bar.querySelector("[data-bulk-count]");
  words.textContent = (count === 1 ? words.dataset.one : words.dataset.many).replace("{n}", number(count));
  const place = bar.querySelector("[data-bulk-sum]");
  const amount = every ? "" : sum(picked);
  place.textContent = amount && place.dataset.text.replace("{sum}", amount);
  const more = bar.querySelector("[data-bulk-every]");
  more.hidden = every || picked.length < boxes().length || total <= picked.length;
  more.textContent = more.dataset.text.replace("{n}", number(total));
  bar.querySelector("[data-bulk-all]").value = every ? "1" : "";
  misfits(bar, picked);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  } else if (!event.target.matches("[data-row]")) return;
  show();
});

let from = null;
document.addEventListener("click", async (event) => {
  const box = event.target.closest("[data-row]");
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
    every = false;
    show();
  } else if (event.target.closest("[data-bulk-every]")) {
    every = true;
    show();
  } else if (event.target.closest("[data-bulk-copy]")) {
    const numbers = chosen().map((each) => each.dataset.number);
    await navigator.clipboard.writeText(numbers.join("\n"));
    document.dispatchEvent(new CustomEvent("toast", { detail: { word: "copied" } }));
  }
});
document.addEventListener("htmx:after:swap", show);
show();
