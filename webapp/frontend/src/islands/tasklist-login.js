// The login page: show the password, and say when Caps Lock is on.
import "../tasklist.css";
import { say } from "../lib/text.js";

const field = document.querySelector("#password");
const button = document.querySelector("[data-show-password]");
const caps = document.querySelector("[data-caps]");

button.hidden = false;
button.addEventListener("click", () => {
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!isShown));
  button.textContent = isShown ? say("显示", "Show") : say("隐藏", "Hide");
  field.focus();
});
for (const name of ["keydown", "keyup"]) {
  field.addEventListener(name, (event) => { caps.hidden = !event.getModifierState?.("CapsLock"); });
}
field.addEventListener("blur", () => { caps.hidden = true; });
document.querySelector("form").addEventListener("submit", () => { field.type = "password"; });
