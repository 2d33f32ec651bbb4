// What a browser finds in a picture that is shown at a size: see slides.py. `given` has the SVG and the page.
(given) => {
  document.body.innerHTML = given.svg;
  const svg = document.querySelector("svg");
  const box = svg.viewBox.baseVal;
  const shrunk = Math.min(1, given.page[0] / box.width, given.page[1] / box.height);
  const texts = [...svg.querySelectorAll("text")];
  const inside = (a, b, edge) =>
    a.left >= b.left - edge && a.top >= b.top - edge && a.right <= b.right + edge && a.bottom <= b.bottom + edge;
  const meet = (a, b, edge) =>
    a.left + edge < b.right && b.left + edge < a.right && a.top + edge < b.bottom && b.top + edge < a.bottom;
  const whole = svg.getBoundingClientRect();
  const sizes = texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * shrunk * 0.75);
  const boxes = [...svg.querySelectorAll("g.box")].map((part) => ({
    at: part.querySelector("rect").getBoundingClientRect(),
    words: [...part.querySelectorAll("text")],
  }));
  let cut = texts.filter((text) => /…|\.\.\.$/.test(text.textContent)).length;
  cut += texts.filter((text) => !inside(text.getBoundingClientRect(), whole, 0.5)).length;
  for (const part of boxes) {
    cut += part.words.filter((text) => !inside(text.getBoundingClientRect(), part.at, 0.5)).length;
  }
  let overlaps = 0;
  boxes.forEach((one, at) => {
    overlaps += boxes.slice(at + 1).filter((other) => meet(one.at, other.at, 0.5)).length;
  });
  // The boxes of letters are higher than the letters.
  const rooms = texts.map((text) => text.getBoundingClientRect());
  rooms.forEach((one, at) => {
    overlaps += rooms.slice(at + 1).filter((other) => meet(one, other, 4)).length;
  });
  const line = (path) => {
    const numbers = path.getAttribute("d").match(/-?[\d.]+/g).map(Number);
    return { x: numbers[0], y: numbers[1], to: numbers.at(-2), end: numbers.at(-1), numbers };
  };
  const lines = [...svg.querySelectorAll("path.line")].map(line);
  const local = boxes.map(({ at }) => ({ left: at.left - whole.left, top: at.top - whole.top, wide: at.width, high: at.height }));
  const on = (x, y, part) => x >= part.left - 1 && x <= part.left + part.wide + 1 && y >= part.top - 1 && y <= part.top + part.high + 1;
  const ends = lines.map((one) => ({
    ...one,
    source: local.findIndex((part) => on(one.x, one.y, part)),
    target: local.findIndex((part) => on(one.to, one.end, part)),
  }));
  // A chain wobbles where the one line from a box to the box below it is not straight.
  const wobbles = ends.filter(
    (one) =>
      one.source >= 0 && one.target >= 0 && one.end > one.y && one.end - one.y < 200 &&
      ends.filter((other) => other.source === one.source).length === 1 &&
      ends.filter((other) => other.target === one.target).length === 1 &&
      one.numbers.some((value, at) => at % 2 === 0 && Math.abs(value - one.x) > 0.5) &&
      !one.numbers.some((value, at) => at % 2 === 1 && value < one.y - 1)
  ).length;
  const own = "." + svg.getAttribute("class");
  const rules = (list) => [...list].flatMap((rule) => (rule.cssRules && rule.media ? rules(rule.cssRules) : [rule.selectorText]));
  const selectors = [...document.styleSheets].flatMap((sheet) => rules(sheet.cssRules));
  return {
    wide: box.width,
    high: box.height,
    least: sizes.length ? Math.min(...sizes) : 0,
    cut,
    overlaps,
    wobbles,
    global: selectors.filter((selector) => !selector.startsWith(own + " ")).length,
    colours: getComputedStyle(svg.querySelector(".paper")).fill + getComputedStyle(svg.querySelector(".text")).fill,
  };
}
