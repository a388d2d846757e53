// Suggestions under a search field: an ARIA 1.2 combobox with a list that is fetched while one types.
// The field stays what it was: typing waits for nothing, and Enter without a choice sends the form.
const WAIT = 150; // milliseconds without a key before we ask
const SHORTEST = 2;
const KEPT = 40; // answers of this page, for who deletes letters again
const answers = new Map();
const fields = new WeakMap();
let count = 0;

document.addEventListener("focusin", (event) => {
  const input = event.target;
  if (input.matches?.("input[data-suggest]") && !fields.has(input) && !navigator.connection?.saveData) {
    fields.set(input, combobox(input));
  }
});

async function ask(url, text, signal) {
  const key = `${url} ${text}`;
  if (!answers.has(key)) {
    const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, {
      signal, credentials: "same-origin", headers: { Accept: "application/json" },
    });
    if (!answer.ok) return null;
    if (answers.size >= KEPT) answers.delete(answers.keys().next().value);
    answers.set(key, await answer.json());
  }
  return answers.get(key);
}

function element(tag, className, text, lang) {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  if (lang && lang !== document.documentElement.lang) made.lang = lang;
  return made;
}

function option(item, id) {
  const made = element("div", "cx-option", "");
  made.id = id;
  made.dataset.url = item.url;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.append(element("span", "", item.text, item.lang));
  if (item.note) {
    const note = element("span", "cx-option-note", item.note);
    if (item.through) note.append(" ", element("span", "", item.through.text, item.through.lang));
    made.append(" ", note);
  }
  return made;
}

function combobox(input) {
  const list = element("div", "cx-suggest", "");
  list.id = `suggest-${(count += 1)}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent ?? "");
  list.hidden = true;
  input.parentElement.append(list);
  input.parentElement.classList.add("cx-suggests");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  const announced = document.getElementById("announce");
  let timer = 0;
  let asking = null;
  let active = -1;

  const options = () => list.querySelectorAll("[role=option]");
  const isOpen = () => !list.hidden;

  function choose(place) {
    const all = options();
    active = place;
    all.forEach((one, at) => one.setAttribute("aria-selected", String(at === place)));
    if (place < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", all[place].id);
      all[place].scrollIntoView({ block: "nearest" });
    }
  }

  function stop() {
    clearTimeout(timer);
    asking?.abort();
  }

  function close() {
    stop();
    choose(-1);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function open() {
    if (!options().length) return;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function show(answer) {
    let place = 0;
    choose(-1);
    list.replaceChildren(...answer.groups.map((group, number) => {
      const made = element("div", "cx-suggest-group", "");
      const title = element("div", "cx-suggest-title", group.title);
      title.id = `${list.id}-group-${number}`;
      made.setAttribute("role", "group");
      made.setAttribute("aria-labelledby", title.id);
      made.append(title, ...group.items.map((item) => option(item, `${list.id}-${(place += 1)}`)));
      return made;
    }));
    if (place) open(); else close();
    announced.textContent = answer.status;
  }

  async function suggest() {
    const text = input.value.trim();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await ask(input.dataset.suggest, text, signal);
      if (answer && !signal.aborted && document.activeElement === input) show(answer);
    } catch (error) {
      if (error.name !== "AbortError") close(); // a bad line: the field works as it did
    }
  }

  function move(step) {
    const size = options().length;
    choose(active < 0 ? (step > 0 ? 0 : size - 1) : active + step >= size ? -1 : active + step);
  }

  input.addEventListener("input", () => {
    stop();
    if (input.value.trim().length < SHORTEST) close();
    else timer = setTimeout(suggest, WAIT);
  });
  input.addEventListener("blur", close);
  input.addEventListener("click", open);
  input.form?.addEventListener("submit", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (isArrow && event.altKey) {
      if (event.key === "ArrowDown") open(); else close();
    } else if (isArrow) {
      if (isOpen()) move(event.key === "ArrowDown" ? 1 : -1); else open();
    } else if (event.key === "Enter" && active >= 0) {
      location.assign(options()[active].dataset.url);
    } else if (event.key === "Escape" && isOpen()) {
      close();
    } else {
      // Home, End and the arrows to the sides move in the text again, as typing does.
      if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) choose(-1);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  // The pointer must not take the focus from the field before the click has come through.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) location.assign(chosen.dataset.url);
  });
  return list;
}
