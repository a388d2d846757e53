// The editor: saves by itself, keeps a copy in the browser when the line is down, shows the text as readers will see it.
const form = document.querySelector("form[data-editor]");
const status = document.querySelector("[data-autosave-status]");
const field = (name) => form.elements.namedItem(name);
const key = () => `draft:${form.dataset.autosaveUrl}`;
let dirty = false;
let saving = false;
let timer = 0;
let wait = 2000;

function say(text) { if (status) status.textContent = text; }

async function save() {
  if (saving || !dirty || !form.dataset.autosaveUrl) return;
  saving = true;
  dirty = false;
  try {
    const answer = await fetch(form.dataset.autosaveUrl, {
      method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin",
    });
    if (answer.ok) {
      const saved = await answer.json();
      localStorage.removeItem(key());
      field("loaded").value = saved.revision;
      field("version").value = saved.version;
      form.action = saved.edit_url;
      form.dataset.autosaveUrl = saved.autosave_url;
      wait = 2000;
      say(saved.saved);
    } else if (answer.status === 409) {
      form.dataset.autosaveUrl = "";
      conflict();
    } else {
      keep();
    }
  } catch {
    dirty = true;
    keep();
    wait = Math.min(wait * 2, 60000);
    timer = setTimeout(save, wait);
  } finally {
    saving = false;
  }
}

function keep() {
  const copy = {};
  for (const [name, value] of new FormData(form)) if (name !== "csrf_token") (copy[name] ||= []).push(value);
  try { localStorage.setItem(key(), JSON.stringify(copy)); } catch { /* the form itself still holds it */ }
  say(form.dataset.offline || "");
}

function conflict() {
  const note = document.getElementById("conflict-note");
  if (note) note.hidden = false;
}

function changed() {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

async function preview(box) {
  const area = box.querySelector("textarea");
  const target = box.querySelector("[data-preview]");
  const data = new FormData();
  data.append("csrf_token", field("csrf_token").value);
  data.append("text", area.value);
  try {
    const answer = await fetch(form.dataset.previewUrl, { method: "POST", body: data, credentials: "same-origin" });
    if (answer.ok) target.innerHTML = await answer.text();
  } catch { /* the next key stroke tries again */ }
}

const SIGNS = { bold: ["**", "**"], italic: ["*", "*"], list: ["\n- ", ""], quote: ["\n> ", ""], link: ["[", "](https://)"], table: ["\n|  |  |\n|---|---|\n| ", " |  |\n"] };
function decorate(area, name) {
  const [before, after] = SIGNS[name];
  const { selectionStart: start, selectionEnd: end } = area;
  area.setRangeText(before + area.value.slice(start, end) + after, start, end, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

if (form) {
  form.querySelectorAll("[data-markdown]").forEach((box) => {
    const area = box.querySelector("textarea");
    const bar = box.querySelector(".cx-toolbar");
    bar.hidden = false;
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-md]");
      if (button) decorate(area, button.dataset.md);
    });
    let pause = 0;
    area.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(() => preview(box), 400); });
  });
  form.querySelectorAll("[data-original]").forEach((area) => {
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "btn btn-quiet btn-sm";
    copy.textContent = form.dataset.copy;
    copy.setAttribute("aria-label", `${form.dataset.copy}: ${area.labels[0].textContent}`);
    const show = () => { copy.hidden = area.value !== ""; };
    copy.addEventListener("click", () => {
      area.value = area.dataset.original;
      area.focus();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
    area.addEventListener("input", show);
    area.after(copy);
    show();
  });
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => { dirty = false; clearTimeout(timer); localStorage.removeItem(key()); });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  addEventListener("online", save);
  const kept = localStorage.getItem(key());
  const restore = document.getElementById("restore-note");
  if (kept && restore) {
    restore.hidden = false;
    restore.querySelector("[data-restore]").addEventListener("click", () => {
      for (const [name, values] of Object.entries(JSON.parse(kept))) {
        const control = field(name);
        if (["loaded", "version", "form_token"].includes(name) || !control) continue;
        const all = [...form.querySelectorAll(`[name="${name}"]`)];
        if (["checkbox", "radio"].includes(all[0].type)) all.forEach((box) => { box.checked = values.includes(box.value); });
        else all.forEach((one, place) => { one.value = values[place] ?? ""; });
      }
      restore.hidden = true;
      changed();
    });
  }
}
