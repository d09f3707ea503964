// On paper: all parts are drawn first, and the charts keep the sizes that they have on the screen (style/print.css).

const PAPER = 680; // px: 180 mm, the width of an A4 or Letter page within its margins
const WIDEST = 976; // px of charts side by side that are still read when they are made as narrow as the paper

/** Tells the style sheet how large each chart is, and how much smaller a part's charts are to be printed.
 *
 * bqplot would fit them to the paper only after it is printed. Parts without a chart get the paper's width. */
function fitToPaper() {
  const sizes = (chart) => [chart, chart.getBoundingClientRect()];
  const places = [...document.querySelectorAll(".lab-charts")].map((place) => ({
    place, width: place.clientWidth, charts: [...place.querySelectorAll(".lab-chart")].map(sizes),
  }));
  for (const { place, width, charts } of places) {
    const fit = Math.min(Math.max(width, PAPER), WIDEST);
    const across = Math.ceil(Math.max(charts.length ? fit : PAPER, ...charts.map(([, box]) => box.width)));
    place.style.setProperty("--lab-printed-across", `${across}px`);
    place.style.setProperty("--lab-printed-zoom", PAPER / across);
    for (const [chart, { width, height }] of charts) {
      chart.style.setProperty("--lab-printed-width", `${width}px`);
      chart.style.setProperty("--lab-printed-height", `${height}px`);
    }
  }
}

/** Draws the parts that are not on the screen, then prints; at once where nobody answers any more. */
async function printPage(model, el) {
  if (!document.querySelector(".lab-lost:not(:empty)")) {
    const take = async (files, charts, going) => {
      await settled(charts);
      going();
    };
    const [has, cancelled] = [() => true, "Cancelled: nothing was printed."];
    await withParts(model, el, "Print the page", { has, cancelled, take });
  }
  print();
}

/** Lets Ctrl + P do what the button does; the browser's own menu prints what is drawn already. */
function listenToPrinting(model, el, say, signal) {
  addEventListener("beforeprint", fitToPaper, { signal });
  if (!document.body.dataset.voila) return; // JupyterLab prints by that key in its own way
  const press = (event) => {
    if (event.key.toLowerCase() !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) printPage(model, el).catch((error) => say(error.message));
  };
  addEventListener("keydown", press, { signal, capture: true });
}
