// What every page has: the menu, the theme, menus that close, lists that filter, characters left.
const root = document.documentElement;

document.querySelectorAll("[data-menu-toggle]").forEach((button) => {
  const nav = document.getElementById(button.getAttribute("aria-controls"));
  button.addEventListener("click", () => {
    button.setAttribute("aria-expanded", String(nav.classList.toggle("is-open")));
  });
});

document.querySelectorAll("[data-theme-form]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = next;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax${secure}`;
  });
});

document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

if (innerWidth >= 992) {
  document.querySelectorAll("details[data-open-wide]").forEach((details) => { details.open = true; });
}

const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
document.querySelectorAll("[data-filterable]").forEach((group) => {
  const input = group.querySelector("[data-filter]");
  if (!input) return;
  input.hidden = false;
  const lines = [...group.querySelectorAll(".cx-checkbox-list .form-check")].map((line) => [line, folded(line.textContent)]);
  input.addEventListener("input", () => {
    const wanted = folded(input.value.trim());
    lines.forEach(([line, words]) => { line.hidden = wanted !== "" && !words.includes(wanted) && !line.querySelector(":checked"); });
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  const chosen = group.querySelector("[data-chosen]");
  if (chosen) {
    group.addEventListener("change", () => {
      chosen.replaceChildren(...[...group.querySelectorAll(".form-check :checked")].map((box) => {
        const item = document.createElement("li");
        const label = document.createElement("span");
        label.className = "cx-topic";
        label.textContent = box.parentElement.textContent.trim();
        item.append(label);
        return item;
      }));
    });
  }
});

document.querySelectorAll("[data-limit]").forEach((field) => {
  const left = document.createElement("div");
  left.dataset.limitLeft = "";
  field.after(left);
  const limit = Number(field.dataset.limit);
  const show = () => {
    left.textContent = `${field.value.length} / ${limit}`;
    left.classList.toggle("is-over", field.value.length > limit);
  };
  field.addEventListener("input", show);
  show();
});

document.querySelectorAll("form[data-autosubmit]").forEach((form) => {
  form.addEventListener("change", () => form.requestSubmit());
});

const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();
