// What the list tells at the bottom: a sentence, or a sentence with "undo" and the seconds that are left for it.
import { say } from "./lib/text.js";
import { toast } from "./lib/toast.js";

export const UNDO_SECONDS = 10;
let timer = 0;

export const notice = (text) => toast(text);

export function hideUndo() {
  clearInterval(timer);
  document.querySelector(".gw-toast[data-undo]")?.remove();
}

export function offerUndo(text, undo) {
  hideUndo();
  toast(text, { seconds: UNDO_SECONDS });
  const box = document.querySelector(".gw-toast");
  box.dataset.undo = "";
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", undo);
  box.append(button);
  const until = Date.now() + UNDO_SECONDS * 1000;
  const draw = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) return hideUndo();
    button.textContent = say("撤销（{n}）Z", "Undo ({n}) Z", { n: left });
  };
  timer = setInterval(draw, 250);
  draw();
}
