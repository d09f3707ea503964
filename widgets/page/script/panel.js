// What the browser does for a part: names for screen readers, and whether it is on screen.

const READ_OUT_AFTER = 900; // ms without a change before a line of numbers is read out

/** Numbers that change with every step of a slider are read out when they have come to rest. */
function readOut(panel, signal) {
  const live = make("div", { class: "lab-unseen", "aria-live": "polite" });
  panel.append(live);
  const numbers = panel.querySelector(":scope > .lab-numbers");
  let timer = 0;
  let last = "";
  const observer = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (last && numbers.textContent !== last) live.textContent = numbers.textContent;
      last = numbers.textContent; // what stands there at first is found by reading on
    }, READ_OUT_AFTER);
  });
  observer.observe(numbers, { childList: true, subtree: true, characterData: true });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    clearTimeout(timer);
    live.remove();
  });
}

/** ipywidgets gives its sliders' handles no name. */
function nameSliders(host, signal) {
  const name = () => {
    for (const handle of host.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = handle.closest(".widget-slider").querySelector(".widget-label").textContent;
      const ends = handle.closest(".noUi-base").querySelectorAll(".noUi-handle").length > 1;
      const end = handle.classList.contains("noUi-handle-upper") ? ", to" : ", from";
      handle.setAttribute("aria-label", ends ? label + end : label);
    }
  };
  const observer = new MutationObserver(name);
  observer.observe(host, { childList: true, subtree: true });
  signal.addEventListener("abort", () => observer.disconnect());
  name();
}

/** Every chart is one image to a screen reader, which the line of numbers describes. */
function nameCharts(panel, name, signal) {
  const label = () => {
    for (const chart of panel.querySelectorAll(":scope > .lab-place .lab-chart:not([role])")) {
      chart.setAttribute("role", "img");
      chart.setAttribute("aria-label", `Chart of part ${panel.querySelector("h2, h3").textContent}`);
      chart.setAttribute("aria-describedby", `lab-${name}-numbers`);
    }
  };
  panel.querySelector(":scope > .lab-numbers").id = `lab-${name}-numbers`;
  const observer = new MutationObserver(label);
  observer.observe(panel.querySelector(":scope > .lab-place"), { childList: true, subtree: true });
  signal.addEventListener("abort", () => observer.disconnect());
  label();
}

function lookAfterPanel(panel, signal, parts) {
  if (!panel.closest(".lab-page")) unveil(); // a part alone in a notebook
  const name = partName(panel);
  panel.setAttribute("role", "region");
  panel.setAttribute("aria-labelledby", `lab-${name}`);
  readOut(panel, signal);
  for (const controls of panel.parentElement.querySelectorAll(":scope > .lab-controls, :scope > * > .lab-controls")) {
    nameSliders(controls, signal);
  }
  nameCharts(panel, name, signal);
  for (const [place, margin] of [[parts.onScreen, ON_SCREEN], [parts.near, NEARBY]]) {
    const area = { rootMargin: margin, scrollMargin: margin };
    watchPlace(panel.querySelector(":scope > .lab-place"), area, signal, (here) => parts.put(place, name, panel, here));
    signal.addEventListener("abort", () => parts.put(place, name, panel, false));
  }
  if (panel.parentElement.closest(".lab-panel")) return; // a section: the contents do not list it
  watchPlace(panel, { rootMargin: CURRENT }, signal, (here) => {
    if (!here) return;
    for (const link of panel.closest(".lab-page")?.querySelectorAll(".lab-contents a") ?? []) {
      if (link.hash === `#lab-${name}`) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  });
}
