"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const [find, found, keys] = ["find", "found", "keys"].map(byId);
  const main = document.querySelector("main");
  const bars = [...document.querySelectorAll("rect")];
  const words = bars.map((bar) => `${bar.id} ${bar.textContent}`.toLowerCase());
  find.hidden = keys.hidden = false;

  // Sessions that don't have all the words stand back, and projects without any that do are gone.
  const filter = () => {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = new Map();
    let count = 0;
    bars.forEach((bar, at) => {
      const section = bar.closest("section");
      const name = section.querySelector("b").textContent.toLowerCase();
      const hit = wanted.every((word) => words[at].includes(word) || name.includes(word));
      bar.classList.toggle("other", !hit);
      count += hit;
      hits.set(section, (hits.get(section) ?? 0) + hit);
    });
    hits.forEach((of, section) => { section.hidden = of === 0; });
    found.textContent = wanted.length ? `${count} of ${bars.length} sessions` : "";
  };
  let timer;
  find.oninput = () => { clearTimeout(timer); timer = setTimeout(filter, 120); };
  addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== find) {
      event.preventDefault();
      find.focus();
    } else if (event.key === "Escape" && event.target === find) {
      find.value = "";
      filter();
      find.blur();
    }
  });

  // Closer and farther: places along the time are multiplied, heights and letters stay.
  const scaled = [
    [bars, ["x", "width"]],
    [[...document.querySelectorAll("circle")], ["cx"]],
    [[...document.querySelectorAll("text")], ["x"]],
    [[...document.querySelectorAll("svg")], ["width"]],
  ].flatMap(([elements, names]) => elements.flatMap((element) => names.map((name) => [element, name, Number(element.getAttribute(name))])));
  const paths = [...document.querySelectorAll("path")];
  let zoom = 1;
  main.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const next = Math.min(40, Math.max(0.1, zoom * Math.exp(-event.deltaY / 400)));
    const at = event.clientX - main.getBoundingClientRect().left;
    const place = (main.scrollLeft + at) / zoom;
    zoom = next;
    scaled.forEach(([element, name, value]) => element.setAttribute(name, name === "width" ? Math.max(3, value * zoom) : value * zoom));
    paths.forEach((path) => path.setAttribute("transform", `scale(${zoom} 1)`));
    main.scrollLeft = place * zoom - at;
  }, { passive: false });
  main.scrollLeft = main.scrollWidth;

  // A bar that leads to no page gives its session's id.
  main.addEventListener("click", async (event) => {
    const bar = event.target.closest("rect");
    if (!bar || bar.closest("a")) return;
    await navigator.clipboard?.writeText(bar.id).catch(() => {});
    bars.forEach((other) => other.classList.toggle("copied", other === bar));
    found.textContent = bar.id;
  });
})();
