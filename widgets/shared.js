// What several of the lab's scripts use; stands before each of them (widgets/scripts.py).

/** The part in this strip of the screen is the current one. */
const CURRENT = "-35% 0px -60% 0px";

/** An element with children. Of its attributes those that are no text are properties; a text alone is its class. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const named = typeof attributes === "string" ? { class: attributes } : attributes;
  for (const [name, value] of Object.entries(named)) {
    if (typeof value !== "string") element[name] = value;
    else if (value) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function button(words, act, className = "lab-button") {
  const element = make("button", { type: "button", class: className }, words);
  element.addEventListener("click", act);
  return element;
}

/** Calls `then` as soon as `ready` returns something, until the signal: what a view stands in comes after it. */
function when(ready, signal, then) {
  if (signal.aborted) return;
  const found = ready();
  if (found) then(found);
  else requestAnimationFrame(() => when(ready, signal, then));
}

/** The name of the part, twin or difference that a panel shows. */
function partName(panel) {
  return [...panel.classList].find((name) => name.startsWith("lab-part-")).slice("lab-part-".length);
}

/** The heading of a panel; undefined as long as there is none. */
function headingOf(panel) {
  return panel?.querySelector(":scope > .lab-heading :is(h2, h3)") ?? undefined;
}

/** The number of the part that a panel shows; undefined for a section, and as long as there is no heading. */
function partNumber(panel) {
  const number = headingOf(panel)?.querySelector(".lab-number");
  return number ? Number(number.textContent) : undefined;
}
