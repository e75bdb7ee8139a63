// The frame of `labbook watch`: loads the page again where there is another version of it.
"use strict";

const page = document.getElementById("page");
const line = document.getElementById("line");
let version = null;

// What stands after # is the page's own: a study, a sort. It is in the frame's address, too.
function follow() {
  const here = page.contentWindow.location.hash;
  if (here !== location.hash) history.replaceState(null, "", here || "/");
}

function load() {
  if (page.hasAttribute("src")) {
    page.contentWindow.location.reload(); // keeps the place and what stands after #
  } else {
    page.src = "report.html" + location.hash;
  }
}

async function look() {
  try {
    const state = await (await fetch("state")).json();
    line.textContent = state.line;
    if (state.version !== version) {
      version = state.version;
      load();
    }
  } catch {
    line.textContent = "labbook watch has ended; the page below stays as it was.";
  }
  setTimeout(look, 2000);
}

// A sort is written without an event, so the address is looked at, too.
setInterval(() => page.hasAttribute("src") && follow(), 1000);
look();
