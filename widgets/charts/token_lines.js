// One head's attention as lines from query tokens, left, to key tokens, right: the thicker, the more weight.

const STEPS = 8; // of thickness: all lines of one step are one path, so that a slider can be followed
const THICKEST = 7; // px
const LEAST = 0.01; // of the weight, below which a line would not be seen

function column(name, tokens, first) {
  const words = tokens.map((text, at) => {
    const token = make("li", { class: "lab-line-token", title: `${first + at} ${text}` }, make("bdi", {}, text));
    token.dataset.position = first + at;
    return token;
  });
  return make("ul", { class: name, "aria-hidden": "true" }, ...words);
}

function path(svg, kind, width) {
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("class", kind);
  line.style.strokeWidth = `${width}px`;
  svg.append(line);
  return line;
}

export default {
  render({ model, el }) {
    const frame = make("div", { class: "lab-lines", role: "img" });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("preserveAspectRatio", "none");
    el.append(frame);
    const steps = Array.from({ length: STEPS }, (_, step) => ((step + 1) / STEPS) * THICKEST);
    const faint = steps.map((width) => path(svg, "lab-line-faint", width));
    const strong = steps.map((width) => path(svg, "lab-line-strong", width));
    let [queries, keys] = [[], []];

    const draw = () => {
      const [count, bytes] = [queries.length, model.get("weights")];
      const chosen = model.get("chosen") - model.get("first");
      const lines = [steps.map(() => ""), steps.map(() => "")];
      const weight = (query, key) => bytes.getFloat32(4 * (query * count + key), true);
      if (bytes.byteLength !== 4 * count * count) return; // the tokens or the weights are still to come
      for (let query = 0; query < count; query++) {
        for (let key = 0; key < count; key++) {
          const value = weight(query, key);
          if (value < LEAST) continue;
          const [from, to] = [query + 0.5, key + 0.5];
          const step = Math.min(STEPS - 1, Math.floor(value * STEPS));
          lines[Number(query === chosen)][step] += `M0 ${from}C40 ${from} 60 ${to} 100 ${to}`;
        }
      }
      [faint, strong].forEach((paths, kind) => paths.forEach((one, step) => one.setAttribute("d", lines[kind][step])));
      queries.forEach((token, at) => token.classList.toggle("lab-chosen", at === chosen));
      keys.forEach((token, at) => token.style.setProperty("--shade", chosen in keys ? weight(chosen, at).toFixed(3) : 0));
    };
    const showTokens = () => {
      const tokens = model.get("tokens");
      const [left, right] = ["queries", "keys"].map((side) => column(`lab-line-${side}`, tokens, model.get("first")));
      [queries, keys] = [[...left.children], [...right.children]];
      svg.setAttribute("viewBox", `0 0 100 ${tokens.length || 1}`);
      frame.replaceChildren(left, svg, right);
      frame.setAttribute("aria-label", model.get("label"));
      draw();
    };
    frame.addEventListener("click", (event) => {
      const token = event.target.closest(".lab-line-queries .lab-line-token");
      if (!token) return;
      model.set("chosen", Number(token.dataset.position));
      model.save_changes();
    });

    const listeners = { tokens: showTokens, first: showTokens, weights: draw, chosen: draw };
    for (const [name, show] of Object.entries(listeners)) model.on(`change:${name}`, show);
    showTokens();
    return () => {
      for (const [name, show] of Object.entries(listeners)) model.off(`change:${name}`, show);
    };
  },
};
