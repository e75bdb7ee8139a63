// @ts-check
/** On a phone the contents are a drawer. */

export function startDrawer() {
  const button = document.getElementById("open-contents");
  const contents = document.getElementById("contents");
  if (!button || !contents) return;
  /** @param {boolean} open */
  const set = (open) => {
    document.documentElement.classList.toggle("drawer", open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => {
    set(button.getAttribute("aria-expanded") !== "true");
    contents.querySelector("a")?.focus();
  });
  addEventListener("hashchange", () => set(false));
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
    set(false);
    button.focus();
  });
  addEventListener("click", (event) => {
    const target = /** @type {Node} */ (event.target);
    if (!contents.contains(target) && !button.contains(target)) set(false);
  });
  document.documentElement.classList.add("scripted");
  button.hidden = false;
}
