// What the browser does for the page: its bar, its menu, links to places in it, a connection that is lost.

const RECONNECTS_WITHIN = 5000; // ms
const HIGHEST_BAR = 0.3; // of the screen: a higher one leaves too little below it

/** The box that an element is scrolled in; nothing where that is the window. */
function scrolledIn(element) {
  for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
    if (["auto", "scroll"].includes(getComputedStyle(box).overflowY)) return box;
  }
  return undefined;
}

/** Tells the style sheet where the page, its bar and what it is scrolled in are, whenever one of them changes. */
function tellPlaces(page, bar, signal) {
  const box = scrolledIn(page);
  const tell = () => {
    const presenting = page.classList.contains("lab-presenting"); // it then fills the window
    const { top, bottom: foot } = presenting || !box ? { top: 0, bottom: innerHeight } : box.getBoundingClientRect();
    const at = bar.getBoundingClientRect();
    const low = !presenting && bar.offsetHeight > HIGHEST_BAR * (foot - top);
    page.classList.toggle("lab-low", low);
    // Of a bar that is too high the layer's slider stays in sight, which the style sheet puts into its last line.
    const away = low ? Math.round(bar.querySelector(".lab-control-layer").getBoundingClientRect().top - at.top) - 4 : 0;
    const { left } = page.getBoundingClientRect();
    const places = { bar: bar.offsetHeight - away, away, screen: foot - top, left, under: at.bottom, foot };
    for (const [name, place] of Object.entries(places)) page.style.setProperty(`--lab-${name}`, `${place}px`);
  };
  const resized = new ResizeObserver(tell);
  for (const element of [page, bar, ...(box ? [box] : [])]) resized.observe(element);
  addEventListener("resize", tell, { signal });
  page.querySelector(".lab-glossary").addEventListener("beforetoggle", tell, { signal });
  signal.addEventListener("abort", () => resized.disconnect());
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

  tellPlaces(page, bar, signal);

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
      const target = page.querySelector(link.hash); // not another page's: a notebook may show two
      target.scrollIntoView();
      if (target === main) main.focus();
    },
    { signal },
  );
  disclose(page.querySelector(".lab-view-button"), page.querySelector(".lab-view"), signal);
  const tellRules = () => {
    for (const piece of page.querySelectorAll("[data-lab-rule]")) {
      piece.textContent = model.get("rules")[piece.dataset.labRule] ?? piece.textContent;
    }
  };
  model.on("change:rules", tellRules);
  signal.addEventListener("abort", () => model.off("change:rules", tellRules));
  tellRules();
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
  const lost = make("p", { class: "lab-lost", role: "alert" });
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

/** Takes away what the page shows while it is put together. */
function unveil() {
  document.documentElement.classList.add("lab-ready");
}
