"use strict";
// Makes the report below `document` answer; called again where a live page has put a new one there. `keep` is what the
// one before showed: the chosen layer and the picture.
window.cnncalcReport = (keep = {}) => {
  if (!document.getElementById("rows")) return;
  // What several layers have in common stands there once; one that reads the layer before it alone does not say so.
  const packed = JSON.parse(document.getElementById("rows").textContent);
  const rows = packed.rows.map((row, at) => ({
    from: [packed.rows[at - 1]?.name],
    ...packed.alike[row.as],
    ...row,
    field: packed.fields[row.field],
  }));
  const numbers = new Map(rows.map((row, at) => [row.name, at]));
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const lines = [...body.rows];
  const byId = new Map(lines.map((line) => [line.id, line]));
  const detail = document.getElementById("detail");
  const count = document.getElementById("count");
  const filter = document.getElementById("filter");
  const SVG = "http://www.w3.org/2000/svg";
  keep.stop?.abort(); // the listeners of the report before, of which a live page keeps what did not change
  keep.stop = new AbortController();
  const on = (element, what, done) => element?.addEventListener(what, done, { signal: keep.stop.signal });

  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const shape = (tag, values) => {
    const element = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
    return element;
  };

  // --- folding --------------------------------------------------------------------------------------------------

  const fold = (line) => line.querySelector(".fold");
  const open = (line) => fold(line).getAttribute("aria-expanded") === "true";
  const show = () => {
    for (const line of lines) {
      const above = byId.get(line.dataset.inside);
      const folded = above !== undefined && (above.hidden || !open(above));
      if (line.hidden !== folded) line.hidden = folded;
    }
  };
  const all = (opened) => {
    for (const line of lines) if (fold(line)) fold(line).setAttribute("aria-expanded", String(opened));
    arrange();
  };
  on(document.getElementById("open-all"), "click", () => all(true));
  on(document.getElementById("close-all"), "click", () => all(false));

  // --- sorting and filtering ------------------------------------------------------------------------------------

  let sorted = -1;
  let downwards = false;
  const value = (line, column) => {
    const cell = line.cells[column];
    if (cell.classList.contains("number")) {
      return /^[\d,]+$/.test(cell.textContent) ? BigInt(cell.textContent.replaceAll(",", "")) : -1n;
    }
    return cell.textContent.toLowerCase();
  };
  const numberOf = (line) => Number(line.id.slice(1));
  const arrange = () => {
    const words = filter.value.trim().toLowerCase();
    const flat = sorted >= 0 || words !== "";
    keep.flat = flat;
    let order = lines;
    if (sorted >= 0) {
      const way = downwards ? -1 : 1;
      order = lines
        .map((line, at) => [value(line, sorted), at, line])
        .sort(([a, i], [b, j]) => (a < b ? -way : a > b ? way : i - j))
        .map((entry) => entry[2]);
    }
    body.append(...order);
    if (!flat) show();
    let found = 0;
    for (const line of lines) {
      const leaf = line.classList.contains("leaf");
      const name = leaf ? rows[numberOf(line)].name : "";
      const head = line.cells[0].firstElementChild;
      if (leaf) head.textContent = flat ? name : line.dataset.inside ? name.split(".").pop() : name;
      line.style.setProperty("--level", flat ? 0 : line.dataset.level);
      if (flat) line.hidden = !leaf || !`${name} ${line.cells[1].textContent}`.toLowerCase().includes(words);
      if (leaf && !line.hidden) found += 1;
    }
    count.textContent = words ? `${found} of ${rows.length} layers` : "";
  };
  for (const line of lines) {
    if (line.dataset.level !== undefined) continue; // a line that stayed
    line.dataset.level = line.style.getPropertyValue("--level");
    if (line.classList.contains("leaf")) line.cells[0].title = rows[numberOf(line)].name;
  }
  on(filter, "input", arrange);
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    on(head.firstElementChild, "click", () => {
      const numeric = head.classList.contains("number");
      if (sorted !== column) [sorted, downwards] = [column, numeric];
      else if (downwards === numeric) downwards = !numeric;
      else sorted = -1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      if (sorted >= 0) head.setAttribute("aria-sort", downwards ? "descending" : "ascending");
      arrange();
    });
  });

  // --- the chosen layer -----------------------------------------------------------------------------------------

  const facts = (row) => {
    const list = make("dl", undefined, "facts");
    const add = (title, text) => list.append(make("dt", title), make("dd", text));
    row.in.forEach((size, at) => add(row.in.length > 1 ? `input ${at + 1}` : "input", `${size} from ${row.from[at]}`));
    add("output", row.out);
    for (const [name, size] of Object.entries(row.ports ?? {})) add(`output ${name}`, size);
    add("parameters", row.params);
    for (const [name, size] of Object.entries(row.weights ?? {})) add(name, size);
    for (const [name, size] of Object.entries(row.buffers ?? {})) add(`${name} (buffer)`, size);
    add("MACs", row.macs);
    return list;
  };
  const span = (field, axis) => {
    if (!field.stride) return [0, field.space[axis]];
    const places = Math.max(1, Math.round((field.space[axis] - field.size[axis] - 2 * field.offset[axis]) / field.stride[axis]) + 1);
    return [field.offset[axis] + field.stride[axis] * Math.floor(places / 2), field.size[axis]];
  };
  const seen = (field) => {
    const part = make("div");
    part.append(make("h3", "Receptive field"));
    if (field.text !== undefined) {
      part.append(make("p", `${field.text} positions of the input`));
      return part;
    }
    part.append(make("p", `${field.size.join(" x ")} of ${field.space.join(" x ")} positions of ${field.input}, for an element in the middle`));
    const axes = field.space.length === 1 ? [null, 0] : [field.space.length - 2, field.space.length - 1];
    const [high, wide] = axes.map((axis) => (axis === null ? field.space[0] / 8 : field.space[axis]));
    const [[top, tall], [left, broad]] = axes.map((axis) => (axis === null ? [0, high] : span(field, axis)));
    const x0 = Math.min(0, left), y0 = Math.min(0, top);
    const x1 = Math.max(wide, left + broad), y1 = Math.max(high, top + tall);
    const thin = Math.max(x1 - x0, y1 - y0) / 160;
    const view = `${x0 - thin} ${y0 - thin} ${x1 - x0 + 2 * thin} ${y1 - y0 + 2 * thin}`;
    const svg = shape("svg", { viewBox: view, class: "field", role: "img", width: 256 });
    svg.append(shape("title", {}));
    svg.firstChild.textContent = "the receptive field over the input";
    svg.append(shape("rect", { x: 0, y: 0, width: wide, height: high, fill: "none", stroke: "var(--edge)", "stroke-width": thin }));
    svg.append(shape("rect", { x: left, y: top, width: broad, height: tall, fill: "#f59e0b", "fill-opacity": 0.35, stroke: "#b45309", "stroke-width": thin }));
    part.append(svg);
    return part;
  };
  const grid = ([title, top, left, wide, text, marked, padded]) => {
    const made = make("table", undefined, "grid");
    made.append(make("caption", title));
    const line = (name) => {
      const row = made.insertRow();
      const head = make("th", name);
      head.scope = "row";
      row.append(head);
      return row;
    };
    const titles = line("");
    titles.firstChild.replaceWith(make("td", ""));
    for (let at = 0; at < wide; at += 1) {
      const head = make("th", left + at);
      head.scope = "col";
      titles.append(head);
    }
    text.split(" ").forEach((value, at) => {
      const row = at % wide ? made.rows[made.rows.length - 1] : line(top + at / wide);
      const cell = row.insertCell();
      if (marked.includes(at)) cell.append(make("mark", value));
      else cell.textContent = value;
      if (padded.includes(at)) cell.className = "padding";
    });
    return made;
  };
  const inside = (found) => {
    const part = make("div");
    if (found.picture !== undefined) {
      part.append(make("h3", "Inside"), document.getElementById(`inside-${found.picture}`).content.cloneNode(true));
      part.className = "inside";
      return part;
    }
    part.append(make("h3", "One output worked out"));
    const grids = make("div", undefined, "grids");
    grids.append(...found.grids.map((at) => grid(packed.grids[at])));
    part.append(grids, ...found.lines.map((at) => make("p", packed.lines[at])));
    return part;
  };
  const values = (map) => {
    const part = make("div");
    const [planes, high, wide] = map.shape;
    part.append(make("h3", "Executed values"));
    part.append(make("p", `${planes} of ${map.of} channels; black is ${map.range[0]}, white is ${map.range[1]}`));
    const bytes = Uint8Array.from(atob(map.data), (sign) => sign.charCodeAt(0));
    for (let plane = 0; plane < planes; plane += 1) {
      const canvas = make("canvas");
      [canvas.width, canvas.height] = [wide, high];
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `channel ${plane}`);
      const image = new ImageData(wide, high);
      for (let at = 0; at < high * wide; at += 1) {
        const grey = bytes[plane * high * wide + at];
        image.data.set([grey, grey, grey, 255], 4 * at);
      }
      canvas.getContext("2d").putImageData(image, 0, 0);
      part.append(canvas);
    }
    return part;
  };
  const boxes = () => document.querySelectorAll("#picture g.box");
  const called = (box) => box.querySelector("title")?.textContent.split("\n")[0];
  const choose = (at, move) => {
    const row = rows[at];
    const title = make("h2", `${row.name}: ${row.call}`);
    title.id = "detail-title";
    detail.replaceChildren(title, facts(row));
    const template = row.kind === undefined ? null : document.getElementById(`kind-${row.kind}`);
    if (template) detail.append(template.content.cloneNode(true));
    if (row.field) detail.append(seen(row.field));
    if (row.inside) detail.append(inside(row.inside));
    if (row.map) detail.append(values(row.map));
    for (const other of document.querySelectorAll(".chosen")) other.classList.remove("chosen");
    for (const box of boxes()) if (called(box) === row.name) box.classList.add("chosen");
    const line = byId.get(`l${at}`);
    line?.classList.add("chosen");
    if (move) detail.scrollIntoView({ block: "nearest" });
    keep.chosen = row.name;
    if (!keep.live) history.replaceState(null, "", `#${encodeURIComponent(row.name)}`);
  };
  on(body, "click", (event) => {
    const line = event.target.closest("tr");
    if (event.target.classList.contains("fold")) {
      event.target.setAttribute("aria-expanded", String(!open(line)));
      show();
    } else if (line?.classList.contains("leaf")) choose(numberOf(line), true);
  });
  on(document.getElementById("picture"), "click", (event) => {
    const box = event.target.closest("g.box");
    if (!box) return;
    const name = called(box);
    if (numbers.has(name)) choose(numbers.get(name), true);
    else deeper(1);
  });

  // --- pictures -------------------------------------------------------------------------------------------------

  const buttons = [...document.querySelectorAll("[data-picture]")];
  const pictures = [...document.querySelectorAll("[data-shows]")];
  const picture = async (at) => {
    keep.picture = at;
    if (pictures[at].childElementCount === 0 && keep.draw) {
      pictures[at].innerHTML = await keep.draw(at);
      for (const box of boxes()) box.classList.toggle("chosen", keep.chosen !== undefined && called(box) === keep.chosen);
    }
    pictures.forEach((part, number) => { part.hidden = number !== at; });
    buttons.forEach((button, number) => button.setAttribute("aria-pressed", String(number === at)));
  };
  const deeper = (by) => picture(Math.min(pictures.length - 1, pictures.findIndex((part) => !part.hidden) + by));
  buttons.forEach((button, at) => on(button, "click", () => picture(at)));

  if (keep.picture !== undefined && keep.picture < pictures.length) picture(keep.picture);
  const asked = keep.chosen ?? decodeURIComponent(location.hash.slice(1));
  if (numbers.has(asked)) choose(numbers.get(asked), false);
  if (keep.live) show();
};
window.cnncalcReport();
