// Attaching files: dropped or chosen, sent in pieces with their progress, going on where a dropped line left off.
const PIECE = 1024 * 1024;
const form = document.querySelector("form[data-files]");

function line(name) {
  const item = document.createElement("li");
  const words = document.createElement("span");
  const bar = document.createElement("progress");
  const note = document.createElement("span");
  words.textContent = `${name} `;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  item.append(words, bar, " ", note);
  form.querySelector("[data-progress]").append(item);
  return {
    show: (part) => { bar.value = part; },
    say: (text) => { note.textContent = text; },
    refuse: (text) => {
      bar.remove();
      note.className = "invalid-feedback";
      note.textContent = text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
    },
  };
}

const key = (file) => `upload:${form.dataset.begin}:${file.name}:${file.size}:${file.lastModified}`;
const token = () => form.elements.namedItem("csrf_token").value;
const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

function ask(url, method, headers = {}, body = undefined) {
  return fetch(url, {
    method, body, credentials: "same-origin",
    headers: { Accept: "application/json", "X-CSRFToken": token(), ...headers },
  });
}

class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function checked(answer) {
  if (answer.ok) return answer;
  if (answer.status >= 500) throw new TypeError("again");
  const said = await answer.json().catch(() => ({}));
  throw new Refused(said.errors?.file?.join(" ") || said.detail || form.dataset.failed, answer.status);
}

// Where the file stands on the server; null when all of it was sent and the upload is over: it is attached.
async function begun(file, isSent) {
  const former = localStorage.getItem(key(file));
  if (former) {
    const answer = await ask(former, "HEAD");
    if (answer.ok) return { url: former, offset: Number(answer.headers.get("Upload-Offset")) };
    localStorage.removeItem(key(file));
    if (isSent) return null;
  }
  const data = new FormData();
  data.append("name", file.name);
  const answer = await checked(await ask(form.dataset.begin, "POST", { "Upload-Length": String(file.size) }, data));
  const url = answer.headers.get("Location");
  localStorage.setItem(key(file), url);
  return { url, offset: 0 };
}

async function send(file) {
  const shown = line(file.name);
  if (file.size > Number(form.dataset.limitBytes)) {
    shown.refuse(form.dataset.tooLarge);
    return;
  }
  let isSent = false;
  for (let wait = 1000; ; wait = Math.min(wait * 2, 30000)) {
    try {
      const upload = await begun(file, isSent);
      let offset = upload ? upload.offset : file.size;
      while (upload) {
        shown.show(offset / file.size);
        const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
        isSent = offset + PIECE >= file.size;
        const answer = await checked(await ask(upload.url, "PATCH", headers, file.slice(offset, offset + PIECE)));
        offset = Number(answer.headers.get("Upload-Offset"));
        wait = 1000;
        if (offset >= file.size) break;
      }
      localStorage.removeItem(key(file));
      shown.show(1);
      shown.say(form.dataset.done);
      return;
    } catch (error) {
      if (error instanceof Refused) {
        if (error.status === 422) localStorage.removeItem(key(file)); // anything else can be gone on with
        shown.refuse(error.message);
        return;
      }
      shown.say(form.dataset.waiting);
      await pause(wait);
      shown.say("");
    }
  }
}

async function sendAll(files) {
  form.querySelector("button").disabled = true;
  for (const file of files) await send(file);
  form.querySelector("button").disabled = false;
  form.reset();
  await fetchList();
  watch();
}

// The list of what is attached, as it stands now; not while somebody types or has their place in it.
async function fetchList() {
  const shown = document.querySelector("[data-attached]");
  const typed = [...shown.querySelectorAll("[name=title]")].some((box) => box.value !== box.defaultValue);
  if (typed || shown.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-attached]");
    if (fresh) shown.replaceWith(fresh);
  } catch { /* no line: the next try finds one */ }
}

let watching = false;
async function watch() {
  if (watching) return;
  watching = true;
  for (let wait = 1500; document.querySelector("[data-attached] [data-state=checking]"); wait = Math.min(wait * 1.5, 15000)) {
    await pause(wait);
    await fetchList();
  }
  watching = false;
}

watch();

if (form) {
  const input = form.querySelector("input[type=file]");
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    sendAll([...input.files]);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("is-over", name === "dragover");
    });
  }
  form.addEventListener("drop", (event) => sendAll([...event.dataTransfer.files]));
}
