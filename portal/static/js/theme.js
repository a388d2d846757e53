// Runs before the page is painted: the reader's device decides where they chose "auto".
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  if (root.dataset.theme === "auto") {
    root.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
})();
