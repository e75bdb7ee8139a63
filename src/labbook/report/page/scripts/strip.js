// @ts-check
/** The picture of all claims: one stop of the Tab key, arrow keys, and a line that reads out. */

/** @param {ParentNode} page */
export function startStrip(page) {
  const strip = /** @type {HTMLElement | null} */ (page.querySelector(".strip"));
  const said = page.querySelector(".strip-said");
  if (!strip || !said) return;
  const marks = /** @type {HTMLElement[]} */ ([...strip.querySelectorAll("a.claim")]);
  const rest = said.textContent;
  /** @param {EventTarget | null} target */
  const markOf = (target) =>
    target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("a.claim")) : null;
  /** @param {Event} event */
  const say = (event) => {
    const mark = markOf(event.target);
    if (mark) said.textContent = mark.ariaLabel;
  };
  const leave = () => {
    said.textContent = markOf(document.activeElement)?.ariaLabel ?? rest;
  };
  marks.forEach((mark, place) => {
    mark.tabIndex = place ? -1 : 0;
  });
  strip.addEventListener("mouseover", say);
  strip.addEventListener("focusin", say);
  strip.addEventListener("mouseleave", leave);
  strip.addEventListener("focusout", leave);
  strip.addEventListener("keydown", (event) => {
    const at = marks.indexOf(/** @type {HTMLElement} */ (event.target));
    const next = marks[at + ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key] ?? NaN)];
    if (at < 0 || !next) return;
    event.preventDefault();
    marks[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}
