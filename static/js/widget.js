/* Asks for the stock anew every few seconds while somebody can see it; what cannot be asked is shown as old. */
const left = document.getElementById("left");

async function ask() {
  if (document.hidden) return;
  try {
    const answer = await fetch(left.dataset.ask, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    if (left.textContent !== found.label) left.textContent = found.label;
    left.toggleAttribute("data-scarce", found.scarce);
    left.removeAttribute("data-stale");
  } catch {
    left.setAttribute("data-stale", "");
  }
}

setInterval(ask, Number(left.dataset.seconds) * 1000);
document.addEventListener("visibilitychange", ask);
