// Charts as SVG and PNG files that need nothing of the page: what style sheets say is written into the elements, and
// images that only this page can read are put in whole.

const INHERITED = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "font-family", "font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline",
  "shape-rendering", "image-rendering", "unicode-bidi",
];
const GAP = 24; // px between the charts of one picture
const FINER = 2; // a PNG's pixels for one of the screen
const SETTLED = 150; // ms without a change: a chart stands still
const TIMES = 100; // that it is looked at before it is taken as it is
const RESIZED = 450; // ms in sight until bqplot has given a chart the size of its place, for which it waits 300

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function svgElement(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A copy of an SVG element with its computed style as attributes; null for what does not show. */
function standalone(element, around) {
  const style = getComputedStyle(element);
  if (style.display === "none" && !element.closest("defs")) return null;
  if (element.style.visibility === "hidden") return null; // its own: all of a chart that is covered is hidden
  const copy = element.cloneNode(false);
  const put = (name, value, usual) => (value === usual ? copy.removeAttribute(name) : copy.setAttribute(name, value));
  for (const name of ["style", "class", "tabindex", "display", "pointer-events"]) copy.removeAttribute(name);
  if (element.localName !== "clipPath") copy.removeAttribute("id");
  for (const name of INHERITED) {
    const plain = (given) => given?.getPropertyValue(name).replace(/^rgba\(.*, 0\)$/, "none");
    put(name, plain(style), plain(around));
  }
  put("opacity", style.opacity, "1");
  put("transform", style.transform, "none");
  for (const child of element.childNodes) {
    const inside = child.nodeType === Node.ELEMENT_NODE ? standalone(child, style) : child.cloneNode();
    if (inside) copy.append(inside);
  }
  return copy.localName === "path" ? withPoints(copy) : copy;
}

function asDataUrl(blob) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** bqplot gives a chart a new size only in sight: those that are not come there, unseen; how they go back. */
function bringIntoSight(charts) {
  const away = charts.filter((chart) => {
    const { top, bottom } = chart.getBoundingClientRect();
    return bottom <= 0 || top >= innerHeight;
  });
  for (const chart of away) {
    const move = `translateY(${-chart.getBoundingClientRect().top}px)`;
    Object.assign(chart.style, { transform: move, opacity: 0, pointerEvents: "none" });
  }
  const back = () => away.forEach((chart) => Object.assign(chart.style, { transform: "", opacity: "", pointerEvents: "" }));
  return { away, back };
}

/** Waits until the charts are drawn, as large as their places, and stand still. */
async function settled(charts) {
  const { away, back } = bringIntoSight(charts);
  if (away.length) await pause(RESIZED);
  let last = "";
  for (let times = 0; times < TIMES; times++) {
    const drawn = charts.every((chart) => chart.querySelector(".svg-figure :is(.curve, image)"));
    const now = charts.map((chart) => chart.innerHTML).join();
    if (drawn && now === last) break;
    last = now;
    await pause(SETTLED);
  }
  back();
}

/** Charts side by side, each as large as on the screen, on the page's ground: an <svg> element. */
async function pictureOf(charts) {
  const boxes = charts.map((chart) => chart.getBoundingClientRect());
  const width = Math.ceil(boxes.reduce((sum, box) => sum + box.width, GAP * (boxes.length - 1)));
  const height = Math.ceil(Math.max(...boxes.map((box) => box.height)));
  const ground = getComputedStyle(document.documentElement).getPropertyValue("--lab-page").trim();
  const picture = svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  picture.append(svgElement("rect", { width, height, fill: ground }));
  let x = 0;
  charts.forEach((chart, at) => {
    for (const layer of chart.querySelectorAll(":scope > svg")) {
      const copy = standalone(layer);
      const { width, height } = boxes[at];
      for (const [key, value] of Object.entries({ x, y: 0, width, height, overflow: "visible" })) {
        copy.setAttribute(key, value);
      }
      picture.append(copy);
    }
    x += boxes[at].width + GAP;
  });
  for (const image of picture.querySelectorAll("image")) {
    const blob = await (await fetch(image.getAttribute("href"))).blob();
    image.setAttribute("href", await asDataUrl(await enlarged(blob, ...sizeOf(image))));
  }
  return picture;
}

function asSvg(picture) {
  return new Blob([new XMLSerializer().serializeToString(picture)], { type: "image/svg+xml" });
}

async function asPng(picture) {
  const width = FINER * picture.getAttribute("width");
  const height = FINER * picture.getAttribute("height");
  const larger = picture.cloneNode(true);
  larger.setAttribute("width", width);
  larger.setAttribute("height", height);
  const image = new Image();
  image.src = await asDataUrl(asSvg(larger));
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
