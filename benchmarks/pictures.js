// Lays out graphs from standard input by elkjs: `npm install elkjs`, then see pictures.py.
const ELK = require("elkjs");
const elk = new ELK();
const graphs = JSON.parse(require("fs").readFileSync(0, "utf8"));
const lines = (node, x, y, out) => {
  for (const edge of node.edges ?? []) {
    for (const part of edge.sections ?? []) {
      const points = [part.startPoint, ...(part.bendPoints ?? []), part.endPoint];
      out.push({ source: edge.sources[0], points: points.map((point) => [point.x + x, point.y + y]) });
    }
  }
  for (const child of node.children ?? []) lines(child, x + child.x, y + child.y, out);
  return out;
};
(async () => {
  const found = {};
  for (const [name, graph] of Object.entries(graphs)) {
    const made = await elk.layout(graph);
    found[name] = { width: made.width, height: made.height, lines: lines(made, 0, 0, []) };
  }
  console.log(JSON.stringify(found));
})();
