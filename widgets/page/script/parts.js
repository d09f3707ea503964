// Which parts are to be drawn.

const SMALL = Math.min(innerWidth, 1.5 * innerHeight) < 700; // a screen that is soon gone through
const ON_SCREEN = SMALL ? "0px" : "-100px 0px 0px"; // not what lies below a bar that stays in sight as a whole
const NEARBY = SMALL ? "800px 0px" : "0px 0px 20%"; // charts so near are drawn ahead, while no hand moves
const REST = 250; // ms without a touch after which a hand does not move

/** Calls `then(whether it is there)` whenever the element enters or leaves an area, until the signal.
 *
 * `area`: its `rootMargin` goes around the window, its `scrollMargin` around what a notebook is scrolled in. */
function watchPlace(element, area, signal, then) {
  const observer = new IntersectionObserver((entries) => then(entries.at(-1).isIntersecting), area);
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
