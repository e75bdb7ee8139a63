// @ts-check
/** Light or dark: as the system has it, until a reader switches. */

import { remember, remembered } from "./memory.js";
import { WORDS } from "./words.js";

export function startTheme() {
  const button = document.getElementById("theme");
  if (!button) return;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const dark = isDark(system);
    button.textContent = dark ? WORDS.theme.light : WORDS.theme.dark;
  };
  const kept = remembered("theme");
  if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
  button.addEventListener("click", () => {
    const theme = isDark(system) ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    remember("theme", theme);
    show();
  });
  system.addEventListener("change", show);
  button.hidden = false;
  show();
}

/** @param {MediaQueryList} system */
function isDark(system) {
  return (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
}
