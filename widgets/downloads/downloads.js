// The views: one in each part and in each twin and difference, for its own files, and one at the foot of the page, for everything.

const EVERYTHING =
  "One ZIP with every picture as PNG and SVG, the numbers as CSV, and a program for each part that works them out " +
  "again, with your text and your settings.";

function offerEverything(model, el, signal) {
  const status = make("p", { role: "status" });
  const say = (words) => (status.textContent = words);
  const all = worker("Download everything", {}, () => takeEverything(model, el), say);
  const paper = worker("Print the page", { title: "All parts on paper (Ctrl + P)" }, () => printPage(model, el), say);
  el.append(make("h2", {}, "Take it with you"), make("p", {}, EVERYTHING), all, " ", paper, status);
  listenToPrinting(model, el, say, signal);
}

export default {
  render({ model, el }) {
    const life = new AbortController();
    el.classList.add("lab-takeaway");
    const place = () => {
      if (life.signal.aborted) return;
      const panel = el.closest(".lab-panel");
      if (panel?.querySelector("h2, h3") && liveOf(panel)) {
        const part = partName(panel);
        if (model.get("parts").includes(partName(liveOf(panel)))) offerPart(model, el, panel, part, life.signal);
      } else if (!panel && el.closest(".lab-main")) {
        offerEverything(model, el, life.signal);
      } else {
        requestAnimationFrame(place); // it is put into the page after it is made
      }
    };
    place();
    return () => life.abort();
  },
};
