// The board: no more offers can be chosen than fit beside each other, and no fewer than two compared.
const MOST = 4;

const boxes = [...document.querySelectorAll("[data-compare]")];
const button = document.querySelector("[data-compare-button]");
const follow = () => {
  const chosen = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.disabled = !box.checked && chosen >= MOST;
  if (button) button.disabled = chosen < 2;
};
for (const box of boxes) box.addEventListener("change", follow);
follow();
