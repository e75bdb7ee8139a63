// @ts-check
/** Starts all that the page does by itself. */

import { startDrawer } from "./drawer.js";
import { startFilters } from "./filters.js";
import { startKeys } from "./keys.js";
import { unpacked } from "./numbers.js";
import { startRooms, turn } from "./rooms.js";
import { startSearch } from "./search.js";
import { startStrip } from "./strip.js";
import { startTheme } from "./theme.js";

/**
 * What makes the tables, figures and claims of an unfolded study live, in this order.
 * @type {((article: HTMLElement, study: import("./numbers.js").Study | undefined) => void)[]}
 */
const ENLIVEN = [];

startTheme();
startDrawer();
const studies = new Promise((done) => {
  requestAnimationFrame(() => setTimeout(() => done(unpacked()))); // after the first paint
});
startRooms(async (article, name) => {
  const study = (await studies)[name];
  for (const enliven of article.isConnected ? ENLIVEN : []) enliven(article, study);
});
startFilters(document);
startStrip(document);
const search = startSearch(studies);
startKeys({ "/": search, n: () => turn(1), p: () => turn(-1) });
