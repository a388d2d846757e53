// Packs that are being made: the list is fetched again until none waits.
const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

async function watch() {
  for (let wait = 1500; document.querySelector("[data-packs] [data-state=waiting]"); wait = Math.min(wait * 1.5, 15000)) {
    await pause(wait);
    try {
      const answer = await fetch(location.pathname, { credentials: "same-origin" });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-packs]");
      if (fresh) document.querySelector("[data-packs]").replaceWith(fresh);
    } catch {
      continue; // no line: it goes on when there is one
    }
  }
}

watch();
