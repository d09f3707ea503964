// Covers the charts of a part or a section with a question until the learner has answered it, and then says how far off the answer was.

const SVG = "http://www.w3.org/2000/svg";
const PLOT = { left: 56, top: 10, width: 384, height: 170 }; // of the sketch, px
const WIDE = 460;
const HIGH = 210;

function drawn(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

function written(value, { step, percent }) {
  if (percent) return `${Math.round(100 * value)} %`;
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return value.toFixed(digits).replace("-", "−");
}

/** An empty chart with one point at its right end, to be dragged up and down; the slider below does the same. */
function sketch(slider, question) {
  const { left, top, width, height } = PLOT;
  const right = left + width;
  const plot = drawn("svg", { class: "lab-sketch", viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" });
  const point = drawn("circle", { class: "lab-point", cx: right, r: 9 });
  const level = drawn("line", { class: "lab-level", x1: left, x2: right });
  plot.append(
    drawn("path", { d: `M${left},${top} V${top + height} H${right}` }),
    drawn("text", { x: left - 8, y: top + 6, "text-anchor": "end" }, written(question.high, { step: 1 })),
    drawn("text", { x: left - 8, y: top + height, "text-anchor": "end" }, written(question.low, { step: 1 })),
    drawn("text", { x: left, y: HIGH - 8 }, `n = ${question.along[0]}`),
    drawn("text", { x: right, y: HIGH - 8, "text-anchor": "end" }, `n = ${question.along[1]}`),
    level,
    point,
  );
  const show = () => {
    const share = (slider.value - question.low) / (question.high - question.low);
    const y = top + height * (1 - share);
    point.setAttribute("cy", y);
    for (const end of ["y1", "y2"]) level.setAttribute(end, y);
  };
  const drag = (event) => {
    if (!(event.buttons & 1)) return;
    const box = plot.getBoundingClientRect();
    const y = ((event.clientY - box.top) / box.height) * HIGH;
    slider.value = question.low + (question.high - question.low) * (1 - (y - top) / height);
    slider.dispatchEvent(new Event("input"));
  };
  plot.addEventListener("pointerdown", (event) => {
    plot.setPointerCapture(event.pointerId);
    drag(event);
  });
  plot.addEventListener("pointermove", drag);
  slider.addEventListener("input", show);
  show();
  return plot;
}

/** A slider, and a way to read it. */
function sliderFor(question) {
  const slider = make("input");
  Object.assign(slider, { type: "range", min: question.low, max: question.high, step: question.step });
  slider.value = (question.low + question.high) / 2;
  slider.setAttribute("aria-label", "Your prediction");
  const output = make("output");
  const show = () => {
    output.textContent = written(Number(slider.value), question);
    slider.setAttribute("aria-valuetext", output.textContent);
  };
  slider.addEventListener("input", show);
  show();
  const line = make("div", "lab-slide", slider, output);
  const body = question.along ? [sketch(slider, question), line] : [line];
  return [make("div", "lab-answer", ...body), () => Number(slider.value), slider];
}

let groups = 0;

function choiceFor(question) {
  const name = `lab-choice-${++groups}`;
  const boxes = question.options.map((option, at) => {
    const box = make("input");
    Object.assign(box, { type: "radio", name, value: at, required: true });
    return make("label", "", box, make("bdi", "", option));
  });
  const group = make("div", "lab-answer lab-choices", ...boxes);
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", "Your prediction");
  const value = () => Number(group.querySelector("input:checked").value);
  return [group, value, boxes[0].querySelector("input")];
}

/** In the question's place while the model runs for it. */
function coming(question, leave) {
  const words = make("p", "lab-question", question.words);
  words.setAttribute("role", "status");
  return [make("div", "lab-cover", words, make("div", "lab-buttons", leave)), leave];
}

function formFor(question, send) {
  const leave = button("Look without predicting", () => send({ do: "leave" }));
  if (question.coming) return coming(question, leave);
  const [answer, value, first] = question.options ? choiceFor(question) : sliderFor(question);
  const lock = make("button", "lab-button lab-check", "Lock it and look");
  const form = make("form", "lab-cover", make("p", "lab-question", question.words), answer);
  form.append(make("div", "lab-buttons", lock, leave));
  form.setAttribute("aria-label", "Prediction");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ do: "lock", answer: value() });
  });
  form.addEventListener("keydown", (event) => event.key === "Escape" && send({ do: "leave" }));
  return [form, first];
}

/** Keeps one panel's cover and words in step with the model. */
function lookAfter(model, panel, el, signal) {
  const name = partName(panel);
  const send = (message) => model.send({ ...message, panel: name });
  const ask = button("Predict before you look", () => send({ do: "ask" }), "lab-button lab-ask");
  panel.querySelector(":scope > .lab-heading").append(ask);
  const words = make("p");
  words.setAttribute("role", "status");
  words.tabIndex = -1;
  const off = button("Clear", () => send({ do: "leave" }));
  const told = make("div", "lab-told", words, off);
  const cover = make("div", "lab-covering");
  el.append(cover);
  el.after(told);
  let shown = "";

  const show = () => {
    const question = model.get("asked")[name];
    const now = question ? JSON.stringify(question) : "";
    const opened = now && !shown;
    const closed = shown && !now;
    if (now && now !== shown) {
      const [form, first] = formFor(question, send);
      const held = cover.contains(document.activeElement); // by the button under a question that was still coming
      cover.replaceChildren(form);
      if (opened || held) {
        form.firstElementChild.scrollIntoView({ block: "nearest" }); // the question: a form may be longer than the screen
        first.focus();
      }
    } else if (closed) cover.replaceChildren();
    shown = now;
    words.textContent = model.get("told")[name] ?? "";
    told.hidden = !words.textContent;
    panel.classList.toggle("lab-covered", Boolean(question));
    ask.hidden = Boolean(question);
    ask.textContent = words.textContent ? "Predict again" : "Predict before you look";
    if (!closed) return;
    if (!words.textContent) ask.focus();
    else {
      words.focus({ preventScroll: true });
      for (const seen of [el.parentElement, told]) seen.scrollIntoView({ block: "nearest" }); // the chart, and its distance
    }
  };
  const changes = ["change:asked", "change:told"];
  for (const change of changes) model.on(change, show);
  signal.addEventListener("abort", () => {
    for (const change of changes) model.off(change, show);
    for (const element of [ask, told]) element.remove();
    panel.classList.remove("lab-covered");
  });
  show();
}

export default {
  render({ model, el }) {
    const life = new AbortController();
    el.classList.add("lab-over");
    const headed = () => headingOf(el.closest(".lab-panel")) && el.closest(".lab-panel");
    when(headed, life.signal, (panel) => lookAfter(model, panel, el, life.signal));
    return () => life.abort();
  },
};
