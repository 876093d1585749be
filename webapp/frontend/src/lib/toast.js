// One sentence at the bottom that goes away by itself; announced to screen readers.

export function toast(text, { seconds = 6 } = {}) {
  document.querySelector(".gw-toast")?.remove();
  const box = document.createElement("div");
  box.className = "gw-toast";
  box.setAttribute("role", "status");
  box.textContent = text;
  document.body.append(box);
  setTimeout(() => box.remove(), seconds * 1000);
}
