/* A file dropped onto the upload's area is chosen by it; choosing one sends it at once. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-upload]") && event.target.files.length) event.target.form.requestSubmit();
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const area = event.target.closest?.(".drop-area");
    if (!area) return;
    event.preventDefault();
    area.classList.toggle("over", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const input = area.querySelector("[data-upload]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
