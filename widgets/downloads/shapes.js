// What browsers draw and other programs do not: points that are the caps of paths without a length become circles and
// squares, and pictures of few cells, which only browsers enlarge as cells, are made large.

const FAR_OFF = 5e3; // px: there lies what a chart does not show (widgets/charts/paths.py)
const STRETCH = /M[^M]+/g;
const NUMBER = /-?[\d.]+(?:e[-+]?\d+)?/g;

const rounded = (value) => Number(value.toFixed(2));

/** A stretch of a path, “M1,2L3,4”, as the places that it goes through, if it never leaves the first: one place. */
function pointOf(stretch) {
  const [x, y, ...more] = stretch.match(NUMBER).map(Number);
  return more.every((value, at) => value === (at % 2 ? y : x)) ? [x, y] : null;
}

/** A path whose stretches without a length are shapes of their own, as wide as its stroke and of its caps' form.
 *
 * Together they stand for one stroke: where they overlap they are no darker, so its opacity is the group's. */
function withPoints(path) {
  const cap = path.getAttribute("stroke-linecap");
  const width = parseFloat(path.getAttribute("stroke-width") ?? "1");
  if (!["round", "square"].includes(cap) || path.getAttribute("stroke") === "none" || !width) return path;
  const points = [];
  const rest = (path.getAttribute("d") ?? "").replace(STRETCH, (stretch) => {
    const point = pointOf(stretch);
    if (!point) return stretch;
    if (point.every((value) => Math.abs(value) < FAR_OFF)) points.push(point);
    return "";
  });
  if (rest === path.getAttribute("d")) return path;
  const group = svgElement("g", { fill: path.getAttribute("stroke"), stroke: "none" });
  for (const name of ["opacity", "transform"]) {
    if (path.hasAttribute(name)) group.setAttribute(name, path.getAttribute(name));
    path.removeAttribute(name);
  }
  const half = width / 2;
  const shape = ([x, y]) =>
    cap === "round"
      ? svgElement("circle", { cx: rounded(x), cy: rounded(y), r: half })
      : svgElement("rect", { x: rounded(x - half), y: rounded(y - half), width, height: width });
  group.append(...points.map(shape));
  if (rest) {
    path.setAttribute("d", rest);
    group.prepend(path);
  }
  return group;
}

/** An image's width and height in px: bqplot gives it one of each and makes it larger by a transform. */
function sizeOf(image) {
  const { a, d } = new DOMMatrix(image.getAttribute("transform") ?? "");
  return [a * image.getAttribute("width"), d * image.getAttribute("height")].map(Math.abs);
}

/** A PNG with each of its pixels as a block of whole pixels, so that it is as fine as a picture of this size. */
async function enlarged(blob, width, height) {
  const cells = await createImageBitmap(blob);
  const times = [width / cells.width, height / cells.height].map((share) => Math.max(1, Math.ceil(FINER * share)));
  if (Math.max(...times) === 1) return blob;
  const canvas = Object.assign(document.createElement("canvas"), {
    width: times[0] * cells.width, height: times[1] * cells.height,
  });
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(cells, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
