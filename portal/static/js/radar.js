// The duplication radar: asks what is there already while a need or an offer is written. Its words stay here.
const panel = document.querySelector("[data-radar]");
const form = panel?.closest("form");
const FIELDS = /^(topics|countries|regions|working_languages|starts_on|ends_on|line\d(_help|_topic)?)$/;
let asked = "";
let timer = 0;

function question() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (FIELDS.test(name) && value) query.append(name, /^line\d$/.test(name) ? "y" : value);
  }
  return query.toString();
}

async function look() {
  const query = question();
  if (query === asked) return;
  asked = query;
  const address = panel.dataset.radar;
  const answer = await fetch(`${address}&${query}`, { credentials: "same-origin" });
  if (!answer.ok || query !== asked) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  panel.querySelector("[data-radar-found]").replaceChildren(...found.body.childNodes);
}

if (form) {
  asked = question();
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => { asked = ""; }), 600); // a bad line: the next change asks again
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}
