// Search without leaving the page: a filter, the order or a page is fetched, the results are swapped.
let form = document.querySelector("form[data-search]");
let running = null;

function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
  return `${form.getAttribute("action")}?${query}`;
}

async function show(url, push) {
  if (running) running.abort();
  running = new AbortController();
  let answer;
  try {
    answer = await fetch(url, { signal: running.signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("form[data-search]");
  if (!fresh) { location.assign(url); return; }
  const opened = [...form.querySelectorAll("#results details[id][open]")].map((d) => d.id);
  const focused = document.activeElement && document.activeElement.id;
  form.replaceWith(fresh);
  form = fresh;
  document.title = page.title;
  if (innerWidth >= 992) form.querySelectorAll("details[data-open-wide]").forEach((d) => { d.open = true; });
  fresh.querySelectorAll("#results details[id]").forEach((d) => { d.open = opened.includes(d.id); });
  if (push) history.pushState({}, "", url);
  const heading = form.querySelector("#h-res");
  document.getElementById("announce").textContent = heading.textContent;
  const again = focused && document.getElementById(focused);
  (again || heading).focus({ preventScroll: Boolean(again) });
}

document.addEventListener("change", (event) => {
  if (form.contains(event.target) && event.target.matches("input[type=checkbox], select")) show(address(), true);
});
document.addEventListener("submit", (event) => {
  if (event.target === form) { event.preventDefault(); show(address(), true); }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("#results [data-inplace], #results .pagination a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const shown = show(link.getAttribute("href"), true);
  if (link.closest(".pagination")) shown.then(() => scrollTo({ top: 0 }));
});
addEventListener("popstate", () => show(location.href, false));
