// A text as its tokens: one is chosen (click or arrow keys), one is pointed at, and each may be shaded by its weight.

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const PAGES = { ArrowUp: -1, ArrowDown: 1 };

/** As `isolated` of core/model/tokens.py: for words in which letters from right to left must turn nothing else around. */
const isolated = (text) => `\u2068${text}\u2069`;

function chip(text, position, id) {
  const option = make("span", { class: "lab-token", role: "option" });
  option.dataset.position = position;
  const words = make("bdi", {}, text);
  if (id === undefined) {
    option.setAttribute("aria-label", `${position}: ${isolated(text)}`);
    option.append(words);
  } else {
    const [at, figure] = [make("span", "lab-token-position", position), make("span", "lab-token-id", id)];
    option.append(make("span", "lab-token-figures", at, " ", figure), " ", words);
  }
  return option;
}

/** The token in the line above or below that lies closest in x. */
function inNextLine(options, from, direction) {
  const here = options[from].getBoundingClientRect();
  let best = from;
  let least = Infinity;
  for (let at = from + direction; options[at]; at += direction) {
    const there = options[at].getBoundingClientRect();
    const lines = Math.round(Math.abs(there.top - here.top) / here.height);
    if (lines > 1) break;
    const distance = Math.abs(there.left - here.left);
    if (lines === 1 && distance < least) [best, least] = [at, distance];
  }
  return best;
}

function scrollWithin(list, option) {
  const above = option.offsetTop - list.scrollTop;
  const below = above + option.offsetHeight - list.clientHeight;
  if (above < 0) list.scrollTop += above;
  else if (below > 0) list.scrollTop += below;
}

export default {
  render({ model, el }) {
    const list = make("div", { class: "lab-tokens", role: "listbox", "aria-orientation": "horizontal" });
    el.append(list);
    let options = [];
    let chosen = null;

    const showChosen = () => {
      chosen?.setAttribute("aria-selected", "false");
      if (chosen) chosen.tabIndex = -1;
      chosen = options[model.get("chosen")] ?? null;
      chosen?.setAttribute("aria-selected", "true");
      if (chosen) {
        chosen.tabIndex = 0;
        scrollWithin(list, chosen);
      }
    };
    const showWeights = () => {
      const bytes = model.get("weights");
      const weight = (position) => bytes.getFloat32(4 * position, true);
      const shaded = bytes.byteLength === 4 * options.length;
      options.forEach((option, position) => {
        const value = shaded ? weight(position) : 0;
        option.classList.toggle("lab-hidden", Number.isNaN(value));
        option.style.setProperty("--shade", Number.isNaN(value) ? 0 : value.toFixed(3));
      });
    };
    const showTokens = () => {
      const ids = model.get("ids");
      options = model.get("tokens").map((text, position) => chip(text, position, ids[position]));
      chosen = null;
      list.replaceChildren(...options);
      list.setAttribute("aria-label", model.get("label"));
      showChosen();
      showWeights();
    };
    const choose = (position) => {
      model.set("chosen", position);
      model.save_changes();
      options[position].focus();
    };
    const hover = (position) => {
      if (position === model.get("hovered")) return;
      model.set("hovered", position);
      model.save_changes();
    };
    const positionOf = (event) => Number(event.target.closest(".lab-token")?.dataset.position ?? -1);

    list.addEventListener("click", (event) => {
      if (positionOf(event) >= 0) choose(positionOf(event));
    });
    list.addEventListener("keydown", (event) => {
      const from = model.get("chosen");
      let to = null;
      if (event.key in STEPS) to = from + STEPS[event.key];
      else if (event.key in PAGES) to = inNextLine(options, from, PAGES[event.key]);
      else if (event.key === "Home") to = 0;
      else if (event.key === "End") to = options.length - 1;
      if (to === null) return;
      event.preventDefault();
      if (options[to]) choose(to);
    });
    list.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse") hover(positionOf(event));
    });
    list.addEventListener("pointerleave", () => hover(-1));

    const listeners = { tokens: showTokens, ids: showTokens, chosen: showChosen, weights: showWeights };
    for (const [name, show] of Object.entries(listeners)) model.on(`change:${name}`, show);
    showTokens();
    return () => {
      for (const [name, show] of Object.entries(listeners)) model.off(`change:${name}`, show);
    };
  },
};
