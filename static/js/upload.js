/* Files of a form: chosen, taken with the camera or dropped, sent at once with their progress; the form keeps id and name.
   What is refused says so beside its field and takes nothing away. */
const LARGEST = 10_000_000;
const running = new Map();
const faults = new Map();

const box = (event) => event.target.closest?.("[data-file]");
const part = (owner, name) => owner.querySelector(`[data-file-${name}]`);

function tell(id, text) {
  faults.set(id, text);
  const owner = document.getElementById(id);
  if (!owner) return;
  const fault = part(owner, "fault");
  fault.textContent = text;
  fault.hidden = !text;
}

/* A form that is drawn anew keeps what was said about a file: the server knows nothing of what it refused. */
document.addEventListener("htmx:after:swap", () => {
  for (const [id, text] of faults) if (text) tell(id, text);
});

function show(id, kept) {
  const owner = document.getElementById(id);
  const value = part(owner, "value");
  value.value = kept.value;
  owner.toggleAttribute("data-filled", Boolean(kept.value));
  const name = part(owner, "name");
  name.textContent = kept.name;
  name.href = kept.href;
  const picture = part(owner, "picture");
  picture.href = kept.href;
  picture.hidden = !kept.small;
  picture.replaceChildren();
  if (kept.small) {
    const image = document.createElement("img");
    image.src = kept.small;
    image.alt = kept.name;
    picture.append(image);
  }
  value.dispatchEvent(new Event("input", { bubbles: true }));
  value.dispatchEvent(new Event("change", { bubbles: true }));
}

function send(owner, file) {
  const id = owner.id;
  tell(id, "");
  if (file.size > LARGEST) {
    tell(id, owner.dataset.large);
    return;
  }
  running.get(id)?.abort();
  const form = owner.closest("[data-files]");
  const request = new XMLHttpRequest();
  running.set(id, request);
  const progress = (share) => {
    const bar = document.getElementById(id)?.querySelector("progress");
    if (!bar) return;
    bar.hidden = share === null;
    bar.value = share ?? 0;
  };
  request.open("POST", `${form.dataset.files}/${encodeURIComponent(owner.dataset.file)}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("X-CSRF-Token", form.querySelector("[name=csrf_token]").value);
  request.setRequestHeader("X-Keep", "1");
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.onprogress = (event) => progress(event.loaded / event.total);
  request.onloadend = () => {
    if (running.get(id) === request) running.delete(id);
    progress(null);
    const place = document.getElementById(id);
    if (!place || request.readyState !== XMLHttpRequest.DONE) return;
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      answer = {};
    }
    if (request.status === 201) show(id, answer);
    else if (request.status === 413) tell(id, place.dataset.large);
    else tell(id, answer.problems?.[0]?.message || place.dataset.lost);
  };
  request.onabort = () => progress(null);
  progress(0);
  request.send(file);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-file-input]")) return;
  event.stopPropagation();
  const [file] = event.target.files;
  if (file) send(box(event), file);
  event.target.value = "";
}, true);

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-file-remove]")) return;
  const owner = box(event);
  tell(owner.id, "");
  show(owner.id, { value: "", name: "", href: "#", small: "" });
  part(owner, "input").focus();
});

for (const kind of ["dragover", "dragleave", "drop"])
  document.addEventListener(kind, (event) => {
    const owner = box(event);
    if (!owner || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    owner.toggleAttribute("data-over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files[0]) send(owner, event.dataTransfer.files[0]);
  });
