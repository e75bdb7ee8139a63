// @ts-check
/** Starts all that the page does by itself. */

import { enlivenComparison } from "./compare.js";
import { startDrawer } from "./drawer.js";
import { enlivenClaims } from "./explore.js";
import { drawForPaper, enlivenFigures } from "./figures.js";
import { startFilters } from "./filters.js";
import { attend } from "./highlight.js";
import { startKeys } from "./keys.js";
import { unpacked } from "./numbers.js";
import { startRooms, turn } from "./rooms.js";
import { startSearch } from "./search.js";
import { startStrip } from "./strip.js";
import { enlivenTables } from "./tables.js";
import { startTheme } from "./theme.js";

startTheme();
startDrawer();
/** @type {Promise<Record<string, import("./numbers.js").Study>>} */
const studies = new Promise((done) => {
  requestAnimationFrame(() => setTimeout(() => done(unpacked()))); // after the first paint
});
/** @type {Awaited<typeof studies>} */
let known = {};
studies.then((all) => {
  known = all;
});

/**
 * @param {HTMLElement} article
 * @param {string} name of a study, empty for a chapter
 */
async function enliven(article, name) {
  attend(article);
  enlivenTables(article, name || "report");
  startFilters(article);
  if (!name) return;
  enlivenComparison(article);
  const study = (await studies)[name];
  if (!article.isConnected) return; // the reader has gone on
  enlivenFigures(article, study);
  enlivenClaims(article, study);
}

startRooms(enliven, (article, name) => drawForPaper(article, known[name]));
startStrip(document);
const search = startSearch(studies);
startKeys({ "/": search, n: () => turn(1), p: () => turn(-1) });
