// Which part is on screen, going to another one, and presenter mode.

const BACK_ROW = { width: 1920, height: 1080, scale: 1.65 }; // 23 px for 14 px there
const LEAST_SCALE = 1.15;
const NARROWEST = 392; // px, a page on which the words of a chart fit as they are
const SETTLES = 4000; // ms in which what lies above a part that was asked for may still change its height
const RUNNING = ".lab-run-progress:not(.lab-away)";
const HANDS = ["wheel", "touchstart", "pointerdown", "keydown"];

/** How much of their size charts keep on a page of this width. */
const kept = (width) => Math.min(1, Math.floor((width / NARROWEST) * 20) / 20);

/** Tells how much larger things must be on this window in presenter mode, and how much smaller charts on this page. */
function tellScale(model, width) {
  const larger = Math.min(innerWidth / BACK_ROW.width, innerHeight / BACK_ROW.height) * BACK_ROW.scale;
  const scale = innerWidth < 700 ? kept(innerWidth) : Math.max(LEAST_SCALE, Math.round(larger * 20) / 20);
  const fit = kept(width);
  if (scale === model.get("scale") && fit === model.get("fit")) return; // a page that grows as it is drawn
  model.set({ scale, fit });
  model.save_changes();
}

function lookAfter(page, model, signal) {
  const panels = [...page.querySelectorAll(".lab-main > .lab-panel")];
  const headings = new Map(panels.map((panel) => [panel, panel.querySelector("h2")]));
  const presenting = () => model.get("presenting");
  let current = panels[0];
  let held; // a part that was asked for, until somebody takes the page in hand
  let timer;

  const setCurrent = (panel) => {
    current = panel;
    for (const other of panels) other.classList.toggle("lab-current", other === panel);
    model.set("part", partNumber(panel));
    model.save_changes();
  };
  const show = (panel) => {
    setCurrent(panel);
    if (presenting()) page.scrollTop = 0;
    else headings.get(panel).scrollIntoView();
  };
  const hold = (panel) => {
    held = panel;
    clearTimeout(timer);
    // A link may ask for two texts, one after the other: their charts come when they have been run.
    timer = setTimeout(() => (page.querySelector(RUNNING) ? hold(held) : release()), SETTLES);
  };
  const release = () => {
    held = undefined;
    clearTimeout(timer);
  };
  const go = () => {
    const panel = panels.find((one) => partNumber(one) === model.get("target")[0]);
    if (!panel) return;
    hold(panel);
    show(panel);
  };
  const present = () => {
    page.classList.toggle("lab-presenting", presenting());
    // Above all else, as a popover is: in a notebook no box of Jupyter's may clip it.
    page.popover = presenting() ? "manual" : null;
    if (presenting()) page.showPopover();
    else hold(current);
    document.documentElement.classList.toggle("lab-presented", presenting());
    show(current);
  };

  setCurrent(current);
  if (model.get("target").length) go();
  if (presenting()) present();
  model.on("change:target", go);
  model.on("change:presenting", present);

  const place = new IntersectionObserver(
    (entries) => {
      const entry = entries.findLast((one) => one.isIntersecting);
      if (entry && !held) setCurrent(entry.target);
    },
    { rootMargin: CURRENT },
  );
  for (const panel of panels) place.observe(panel);
  const growth = new ResizeObserver(() => held && !presenting() && headings.get(held).scrollIntoView());
  growth.observe(page.querySelector(".lab-main"));
  for (const hand of HANDS) addEventListener(hand, release, { signal, capture: true, passive: true });

  // A part that the contents lead to is held too: a notebook does not stay where it is when something above it grows.
  // In presenter mode the contents are buttons for one part after the other.
  page.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest(".lab-contents a");
      const panel = link && panels.find((one) => `#${headings.get(one).id}` === link.hash);
      if (!panel) return;
      hold(panel);
      setCurrent(panel);
      if (!presenting()) return;
      event.preventDefault();
      event.stopPropagation();
      show(panel);
    },
    { signal, capture: true },
  );

  const enlarge = () => {
    tellScale(model, page.clientWidth);
    for (const name of ["scale", "fit"]) page.style.setProperty(`--lab-${name}`, model.get(name));
  };
  const resized = new ResizeObserver(enlarge);
  resized.observe(page);
  addEventListener("resize", enlarge, { signal });

  signal.addEventListener("abort", () => {
    release();
    place.disconnect();
    growth.disconnect();
    resized.disconnect();
    model.off("change:target", go);
    model.off("change:presenting", present);
    document.documentElement.classList.remove("lab-presented");
  });
}

export default {
  initialize({ model }) {
    tellScale(model, innerWidth); // before any chart is made
  },

  render({ model, el }) {
    const life = new AbortController();
    el.classList.add("lab-unseen");
    const pageOf = () => el.closest(".lab-page")?.querySelector(".lab-main h2") && el.closest(".lab-page");
    when(pageOf, life.signal, (page) => lookAfter(page, model, life.signal));
    return () => life.abort();
  },
};
