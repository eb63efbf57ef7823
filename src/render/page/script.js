"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const [open, find, found] = ["open", "find", "found"].map(byId);
  const turns = [...document.querySelectorAll("section")];
  open.hidden = find.hidden = false;

  open.onclick = () => {
    const opens = open.textContent === "open all";
    document.querySelectorAll("section details").forEach((part) => { part.open = opens; });
    open.textContent = opens ? "close all" : "open all";
  };

  // Turns that don't have the words are hidden, what is folded over them opens, and each place is marked without a change of the page.
  const most = 2000;
  let texts;
  const places = (turn, words, marks) => {
    const walk = document.createTreeWalker(turn, NodeFilter.SHOW_TEXT);
    while (walk.nextNode() && marks.length < most) {
      const text = walk.currentNode.data.toLowerCase();
      // Of a few letters the small one is longer: there no place is right.
      if (text.length !== walk.currentNode.length) continue;
      for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length)) {
        const place = new Range();
        place.setStart(walk.currentNode, at);
        place.setEnd(walk.currentNode, at + words.length);
        marks.push(place);
        for (let part = walk.currentNode.parentElement; part !== turn; part = part.parentElement) {
          if (part.tagName === "DETAILS") part.open = true;
        }
      }
    }
  };
  const search = () => {
    const words = find.value.trim().toLowerCase();
    texts ??= turns.map((turn) => turn.textContent.toLowerCase());
    const marks = [];
    let hits = 0;
    turns.forEach((turn, at) => {
      const hit = texts[at].includes(words);
      turn.hidden = !hit;
      hits += hit;
      if (hit && words) places(turn, words, marks);
    });
    if (window.Highlight) CSS.highlights.set("found", new Highlight(...marks));
    const where = document.querySelector(".parts") ? " on this page" : "";
    found.textContent = words ? `${hits} of ${turns.length} turns${where}` : "";
  };
  let timer;
  find.oninput = () => { clearTimeout(timer); timer = setTimeout(search, 120); };
  find.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    find.value = "";
    search();
    find.blur();
  };

  const step = (by) => {
    const shown = turns.filter((turn) => !turn.hidden);
    const next = shown.findIndex((turn) => turn.getBoundingClientRect().top > 24);
    const below = next < 0 ? shown.length : next;
    const at = by > 0 ? below : below - 2;
    shown[at]?.scrollIntoView();
  };
  addEventListener("keydown", (event) => {
    if (event.target === find || event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = { j: () => step(1), k: () => step(-1), "/": () => { event.preventDefault(); find.focus(); } };
    keys[event.key]?.();
  });

  // The list of turns follows the reader.
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const follow = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) links.get(target.id)?.classList.toggle("here", isIntersecting);
  }, { rootMargin: "-10% 0px -60% 0px" });
  turns.forEach((turn) => follow.observe(turn));
})();
