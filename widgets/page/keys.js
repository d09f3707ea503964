// The lab's keys and the list of them.

const STEP = 1000; // ms that a layer stays when the layers are played
const TYPED = "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=button])";
const SLID = "[role=slider], [role=listbox], [role=option], [role=spinbutton], input[type=radio]";
const PRESSED = "button, a[href], summary, input[type=checkbox]";
const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];

/** Whether a control that has the focus has a use for a key of its own. */
function keeps(element, key) {
  if (!element?.closest) return false;
  if (element.closest(TYPED)) return true;
  if (element.closest(SLID)) return MOVES.includes(key) || key === " ";
  return Boolean(element.closest(PRESSED)) && (key === " " || key === "Enter");
}

/** The list of keys, with the switch that turns them off. */
function makeDialog(model) {
  const dialog = make("dialog", { class: "lab-keys-list", "aria-labelledby": "lab-keys-title" });
  const rows = model.get("listed").map(([keys, does]) => {
    const signs = keys.split("  ").flatMap((key) => [make("kbd", {}, key), " "]);
    return make("tr", {}, make("th", { scope: "row" }, ...signs), make("td", {}, does));
  });
  dialog.innerHTML = `
    <h2 id="lab-keys-title">Keys</h2>
    <table></table>
    <p>A control that you have chosen keeps its own keys.</p>
    <form method="dialog">
      <label><input type="checkbox"> Keys are on</label>
      <button autofocus>Close</button>
    </form>`;
  dialog.querySelector("table").append(...rows);
  const box = dialog.querySelector("input");
  const follow = () => (box.checked = model.get("on"));
  box.addEventListener("change", () => {
    model.set("on", box.checked);
    model.save_changes();
  });
  model.on("change:on", follow);
  follow();
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
  return dialog;
}

/** Goes through the layers, round and round, from the one on show, until it is stopped. */
class Player {
  constructor(model, status) {
    Object.assign(this, { model, status, timer: 0 });
  }
  toggle() {
    if (this.timer) this.stop();
    else {
      this.timer = setInterval(() => this.step(), STEP);
      this.status.textContent = "Playing the layers. Space stops.";
    }
  }
  step() {
    setTrait(this.model, "layer", (this.model.get("layer") + 1) % this.model.get("layer_count"));
  }
  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.status.textContent = "";
  }
}

function setTrait(model, name, value) {
  model.set(name, value);
  model.save_changes();
}

function step(model, name, by) {
  setTrait(model, name, Math.min(Math.max(model.get(name) + by, 0), model.get(`${name}_count`) - 1));
}

/** On and back by sections, or by screens where one is longer, and at a part's end to the next: what a clicker sends. */
function turn(page, by) {
  const screen = page.clientHeight * 0.85;
  const now = page.scrollTop;
  if (by > 0 ? now < page.scrollHeight - page.clientHeight - 2 : now > 2) {
    const bar = page.querySelector(".lab-bar").getBoundingClientRect().bottom;
    const top = (section) => section.getBoundingClientRect().top - bar + now;
    const stops = [0, ...[...page.querySelectorAll(".lab-current .lab-panel")].map(top)];
    page.scrollTop = by > 0
      ? Math.min(now + screen, stops.find((stop) => stop > now + 2) ?? Infinity)
      : Math.max(now - screen, stops.findLast((stop) => stop < now - 2));
    return;
  }
  const links = [...page.querySelectorAll(".lab-contents nav a")];
  links[links.findIndex((link) => link.hasAttribute("aria-current")) + by]?.click();
}

function goToPart(page, number) {
  const isIt = (link) => Number(link.querySelector(".lab-number")?.textContent) === number;
  [...page.querySelectorAll(".lab-contents nav a")].find(isIt)?.click();
}

function listen(page, model, dialog, signal) {
  const status = make("p", { class: "lab-playing", role: "status" });
  page.append(status);
  const player = new Player(model, status);
  // Who takes a layer by hand wants to look at that one.
  const choose = (event) => event.target.closest(".lab-control-layer") && player.stop();
  for (const hand of ["pointerdown", "keydown"]) page.addEventListener(hand, choose, { signal, capture: true });
  const stepLayer = (by) => {
    player.stop();
    step(model, "layer", by);
  };
  signal.addEventListener("abort", () => {
    player.stop();
    status.remove();
  });
  const presenting = () => page.classList.contains("lab-presenting");
  const does = {
    ArrowLeft: () => stepLayer(-1),
    ArrowRight: () => stepLayer(1),
    ArrowUp: () => step(model, "head", 1),
    ArrowDown: () => step(model, "head", -1),
    " ": () => player.toggle(),
    ...Object.fromEntries(model.get("sent").map((key) => [key, () => model.send({ key })])),
    ...Object.fromEntries([...model.get("digits")].map((key, at) => [key, () => goToPart(page, at + 1)])),
    "?": () => dialog.showModal(),
  };
  const whilePresenting = {
    PageDown: () => turn(page, 1),
    PageUp: () => turn(page, -1),
    Escape: () => model.send({ key: "escape" }),
  };
  const onKey = (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || dialog.open) return;
    if (keeps(document.activeElement, key)) return;
    const single = model.get("on") && does[key];
    const action = (presenting() && whilePresenting[key]) || single;
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  // On the lab's own page all keys are the lab's; in a notebook those that are pressed inside the page. Jupyter leaves
  // these alone, so that no letter deletes a cell; what is pressed with Ctrl or Cmd stays Jupyter's.
  const ours = "voila" in document.body.dataset;
  const keepFromJupyter = ({ target, ctrlKey, metaKey, altKey }) => {
    if (page.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey || altKey));
  };
  if (!ours) addEventListener("keydown", keepFromJupyter, { signal, capture: true });
  (ours ? document : page).addEventListener("keydown", onKey, { signal });
}

export default {
  render({ model, el }) {
    const life = new AbortController();
    const dialog = makeDialog(model);
    const opener = button("Keys", () => dialog.showModal(), "jupyter-button");
    opener.title = "The list of keys (?)";
    el.append(opener);
    document.body.append(dialog); // a menu that is closed would hide it
    when(() => el.closest(".lab-page"), life.signal, (page) => listen(page, model, dialog, life.signal));
    return () => {
      life.abort();
      dialog.remove();
    };
  },
};
