// What only the browser knows and does. The kernel makes one model of this; its views are empty elements that stand
// in the page and in each part, and look after the element that they stand in.

const READ_OUT_AFTER = 900; // ms without a change before a line of numbers is read out
const ON_SCREEN = "-100px 0px 0px"; // not what lies below the bar
const NEARBY = innerWidth < 700 ? "100% 0px" : "-100px 0px 20%"; // charts so near are drawn ahead, while no hand moves
const REST = 250; // ms without a touch after which a hand does not move
const RECONNECTS_WITHIN = 5000; // ms
const CURRENT = "-35% 0px -60% 0px"; // the part in this strip of the screen is the current one of the contents

/** Calls `then` as soon as `ready` returns something, until the signal. */
function when(ready, signal, then) {
  if (signal.aborted) return;
  const found = ready();
  if (found) then(found);
  else requestAnimationFrame(() => when(ready, signal, then));
}

/** Calls `then(element's entry)` whenever the element enters or leaves the area of the screen, until the signal. */
function watchPlace(element, rootMargin, signal, then) {
  const observer = new IntersectionObserver((entries) => then(entries.at(-1).isIntersecting), { rootMargin });
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());
}

/** Which parts are to be drawn: those on screen, and as long as no control is moved those near it as well. */
class Parts {
  constructor(tell) {
    Object.assign(this, { tell, onScreen: new Map(), near: new Map(), moving: false, timer: 0 });
    this.touch(); // a page that opens draws what is on screen first
  }
  put(place, name, panel, here) {
    const elements = place.get(name) ?? new Set(); // in JupyterLab a part may be shown twice
    if (here) elements.add(panel);
    else elements.delete(panel);
    place.set(name, elements);
    this.say();
  }
  touch() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.move(false), REST);
    if (!this.moving) this.move(true);
  }
  move(moving) {
    this.moving = moving;
    this.say();
  }
  say() {
    const drawn = [this.onScreen, ...(this.moving ? [] : [this.near])];
    const names = drawn.flatMap((place) => [...place.keys()].filter((name) => place.get(name).size > 0));
    this.tell([...new Set(names)].sort());
  }
}

/** Tells when somebody moves a slider or steps by an arrow key, before the slider and the key are heard. */
function watchHands(touch, signal) {
  const listen = (kind, then) => document.addEventListener(kind, then, { signal, capture: true, passive: true });
  let held = false;
  listen("pointerdown", (event) => (held = Boolean(event.target.closest?.(".widget-slider"))) && touch());
  listen("pointermove", () => held && touch());
  listen("pointerup", () => (held = false));
  listen("keydown", (event) => event.key.startsWith("Arrow") && touch());
}

function partName(panel) {
  return [...panel.classList].find((name) => name.startsWith("lab-part-")).slice("lab-part-".length);
}

/** Numbers that change with every step of a slider are read out when they have come to rest. */
function readOut(panel, signal) {
  const live = document.createElement("div");
  live.className = "lab-unseen";
  live.setAttribute("aria-live", "polite");
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
    watchPlace(panel.querySelector(":scope > .lab-place"), margin, signal, (here) => parts.put(place, name, panel, here));
    signal.addEventListener("abort", () => parts.put(place, name, panel, false));
  }
  if (panel.parentElement.closest(".lab-panel")) return; // a section: the contents do not list it
  watchPlace(panel, CURRENT, signal, (here) => {
    if (!here) return;
    for (const link of document.querySelectorAll(".lab-contents a")) {
      if (link.hash === `#lab-${name}`) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  });
}

function lookAfterPage(page, model, signal) {
  const bar = page.querySelector(".lab-bar");
  bar.setAttribute("role", "region");
  bar.setAttribute("aria-label", "Text, model, layer and head");
  nameSliders(bar, signal);
  const main = page.querySelector(".lab-main");
  main.setAttribute("role", "main");
  main.id = "lab-main";
  main.tabIndex = -1;

  const tellHeight = new ResizeObserver(() => {
    document.documentElement.style.setProperty("--lab-bar", `${bar.offsetHeight}px`);
  });
  tellHeight.observe(bar);
  signal.addEventListener("abort", () => tellHeight.disconnect());

  // The text goes along with the request: its box may not have told the kernel of the last words yet.
  const box = page.querySelector(".lab-text");
  const run = () => {
    model.send({ do: "run", text: box.querySelector("textarea").value });
    box.classList.add("lab-ran"); // it makes room for the pictures, and keeps the focus
  };
  for (const change of ["input", "focusout"]) box.addEventListener(change, () => box.classList.remove("lab-ran"), { signal });
  page.addEventListener("click", (event) => event.target.closest(".lab-run") && run(), { signal });
  const runByKey = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.closest(".lab-text")) return;
    event.preventDefault();
    run();
  };
  page.addEventListener("keydown", runByKey, { signal, capture: true }); // ipywidgets lets no key out of a text box
  // Jupyter would open a link to a place in the page elsewhere.
  page.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("a[href^='#lab-']");
      if (!link) return;
      event.preventDefault();
      event.stopPropagation();
      const target = document.getElementById(link.hash.slice(1));
      target.scrollIntoView();
      if (target === main) main.focus();
    },
    { signal },
  );
  disclose(page.querySelector(".lab-view-button"), page.querySelector(".lab-view"), signal);
  watchConnection(page, model, signal);
  unveil();
}

/** A button that opens and closes the menu beside it. */
function disclose(button, menu, signal) {
  const show = (open) => {
    menu.classList.toggle("lab-open", open);
    button.setAttribute("aria-expanded", open);
  };
  const away = (event) => [button, menu].some((one) => one.contains(event.target)) || show(false);
  const leave = (event) => {
    if (event.key !== "Escape" || !menu.classList.contains("lab-open")) return;
    event.stopPropagation();
    show(false);
    button.focus();
  };
  show(false);
  button.addEventListener("click", () => show(!menu.classList.contains("lab-open")), { signal });
  document.addEventListener("pointerdown", away, { signal });
  document.addEventListener("focusin", away, { signal });
  menu.parentElement.addEventListener("keydown", leave, { signal });
}

/** Says so when nobody answers any more: a computer that slept, a server that was stopped. */
function watchConnection(page, model, signal) {
  const kernel = model.widget_manager?.kernel;
  if (!kernel) return;
  const lost = document.createElement("p");
  lost.className = "lab-lost";
  lost.setAttribute("role", "alert");
  page.append(lost);
  let over = false; // a kernel that was started anew knows nothing of this page
  let timer = 0;
  const say = (words) => lost.textContent !== words && (lost.textContent = words);
  const show = () => {
    clearTimeout(timer);
    over ||= ["dead", "terminating", "restarting", "autorestarting"].includes(kernel.status);
    const words = "The connection to Python is lost. Reload the page to go on.";
    if (over) say(words);
    else if (kernel.connectionStatus === "connected") say("");
    else timer = setTimeout(() => say(words), RECONNECTS_WITHIN);
  };
  kernel.statusChanged.connect(show);
  kernel.connectionStatusChanged.connect(show);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    kernel.statusChanged.disconnect(show);
    kernel.connectionStatusChanged.disconnect(show);
    lost.remove();
  });
}

/** Hands messages that hold the changes of many widgets on to them, in their order. */
function handOn(model) {
  let earlier = Promise.resolve();
  const manager = model.widget_manager;
  const take = async ({ id, data }, buffers) => {
    if (!manager.has_model(id)) return; // closed meanwhile
    const widget = await manager.get_model(id);
    await widget._handle_comm_msg({ content: { data }, buffers });
  };
  model.on("msg:custom", (content, buffers) => {
    if (content.do !== "update") return;
    earlier = earlier.then(async () => {
      let at = 0;
      for (const update of content.updates) {
        const own = buffers.slice(at, (at += update.buffers));
        await take(update, own).catch(console.error); // one that fails keeps no other back
      }
    });
  });
  model.send({ do: "ready" });
}

/** Takes away what the page shows while it is put together. */
function unveil() {
  document.documentElement.classList.add("lab-ready");
}

export default () => {
  let parts;
  return {
    initialize({ model }) {
      parts = new Parts((visible) => {
        if (String(visible) === String(model.get("visible"))) return;
        model.set("visible", visible);
        model.save_changes();
      });
      const system = matchMedia("(prefers-color-scheme: dark)");
      const show = () => {
        const theme = model.get("theme");
        const dark = theme === "dark" || (theme === "system" && model.get("prefers_dark"));
        document.documentElement.dataset.labTheme = dark ? "dark" : "light";
      };
      const tell = () => {
        model.set("prefers_dark", system.matches);
        model.save_changes();
        show();
      };
      system.addEventListener("change", tell);
      model.on("change:theme", show);
      tell();
      handOn(model);
      const life = new AbortController();
      watchHands(() => parts.touch(), life.signal);
      return () => {
        life.abort();
        system.removeEventListener("change", tell);
      };
    },

    render({ model, el }) {
      const life = new AbortController();
      el.classList.add("lab-unseen");
      const whole = (host, ...selectors) => selectors.every((selector) => host?.querySelector(selector)) && host;
      const place = () => {
        const panel = el.closest(".lab-panel");
        return panel
          ? whole(panel, "h2, h3", ":scope > .lab-numbers", ":scope > .lab-place > .lab-charts")
          : whole(el.closest(".lab-page"), ".lab-text textarea", ".lab-view", ".lab-main h2");
      };
      when(place, life.signal, (host) => {
        if (host.classList.contains("lab-panel")) lookAfterPanel(host, life.signal, parts);
        else lookAfterPage(host, model, life.signal);
      });
      return () => life.abort();
    },
  };
};
