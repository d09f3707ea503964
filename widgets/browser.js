// What only the browser knows and does. The kernel makes one model of this; its views are empty elements that stand
// in the page and in each part, and look after the element that they stand in.

const READ_OUT_AFTER = 900; // ms without a change before a line of numbers is read out
const NEARBY = "120px 0px"; // a part this close to the screen counts as on it

/** Calls `then` once `el` is in the document. */
function whenPlaced(el, signal, then) {
  if (signal.aborted) return;
  if (el.isConnected) then();
  else requestAnimationFrame(() => whenPlaced(el, signal, then));
}

/** Calls `then` now and after every change below `el`, until the signal. */
function watch(el, signal, then) {
  const observer = new MutationObserver(then);
  observer.observe(el, { childList: true, subtree: true, characterData: true });
  signal.addEventListener("abort", () => observer.disconnect());
  then();
}

function partName(panel) {
  return [...panel.classList].find((name) => name.startsWith("lab-part-")).slice("lab-part-".length);
}

/** ipywidgets names its sliders by sight only. */
function nameSliders(host) {
  for (const handle of host.querySelectorAll(".noUi-handle:not([aria-label])")) {
    const label = handle.closest(".jupyter-widgets").querySelector(".widget-label");
    if (label?.textContent) handle.setAttribute("aria-label", label.textContent);
  }
}

/** A line that changes with every step of a slider is read out when it has come to rest. */
function readOut(host, signal) {
  const live = document.createElement("div");
  live.className = "lab-unseen";
  live.setAttribute("aria-live", "polite");
  host.append(live);
  let last = null;
  let timer = 0;
  watch(host.querySelector(":scope > .lab-numbers"), signal, (changes) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const text = host.querySelector(":scope > .lab-numbers").textContent;
      if (changes && last !== null && text !== last) live.textContent = text;
      last = text;
    }, READ_OUT_AFTER);
  });
  signal.addEventListener("abort", () => clearTimeout(timer));
}

function lookAfterPanel(panel, signal, onScreen, report) {
  const name = partName(panel);
  panel.setAttribute("role", "region");
  panel.setAttribute("aria-labelledby", `lab-${name}`);
  watch(panel.querySelector(":scope > .lab-controls") ?? panel, signal, () => nameSliders(panel));
  readOut(panel, signal);
  let here = false;
  const set = (now) => {
    if (now === here) return;
    here = now;
    onScreen.set(name, (onScreen.get(name) ?? 0) + (now ? 1 : -1));
    report();
  };
  const observer = new IntersectionObserver((entries) => set(entries.at(-1).isIntersecting), {
    rootMargin: NEARBY,
  });
  observer.observe(panel);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    set(false);
  });
}

/** The page's theme, for the style sheet. */
function showTheme(model) {
  const dark = model.get("theme") === "dark" || (model.get("theme") === "system" && model.get("prefers_dark"));
  document.documentElement.dataset.labTheme = dark ? "dark" : "light";
}

export default () => {
  const onScreen = new Map(); // part → how many of its views are on screen
  return {
    initialize({ model }) {
      const system = matchMedia("(prefers-color-scheme: dark)");
      const tell = () => {
        model.set("prefers_dark", system.matches);
        model.save_changes();
        showTheme(model);
      };
      system.addEventListener("change", tell);
      model.on("change:theme", () => showTheme(model));
      tell();
      return () => system.removeEventListener("change", tell);
    },
    render({ model, el }) {
      const life = new AbortController();
      const report = () => {
        model.set("visible", [...onScreen.keys()].filter((name) => onScreen.get(name) > 0).sort());
        model.save_changes();
      };
      el.classList.add("lab-unseen");
      whenPlaced(el, life.signal, () => {
        const panel = el.closest(".lab-panel");
        if (panel) lookAfterPanel(panel, life.signal, onScreen, report);
      });
      return () => life.abort();
    },
  };
};
