// The exercises under a part, folded at first. Python says what there is to read; what is typed is sent and never run.

const COPIED = "Copied. Paste it where you keep your notes.";
const NOT_COPIED = "The browser does not let this page copy. The text is selected: press Ctrl + C.";
const AFTER_A_TRY = "The solution opens once you have checked an answer of your own.";
const HELP = ["Show the solution", "Second hint", "First hint"]; // by how many hints are left
const FREE = ["torch", "np", "math"];

/** Words with code between back ticks; a text node each, so that nothing typed is read as HTML. */
function worded(text) {
  return text.split("`").map((piece, at) => (at % 2 ? make("code", "", piece) : piece));
}

function say(element, text) {
  if (element.dataset.said === text) return;
  element.dataset.said = text;
  element.replaceChildren(...worded(text));
}

/** One gap at a time, turned by number. */
function gapsOf(send) {
  const pages = make("div", "lab-pages");
  pages.setAttribute("role", "group");
  pages.setAttribute("aria-label", "Choose a gap");
  const task = make("p", "lab-task");
  const before = make("code");
  const input = make("input");
  const after = make("code");
  const check = make("button", "lab-button lab-check", "Check");
  const form = make("form", "lab-line", make("span", "", before, input, after), check);
  const given = make("ul", "lab-given");
  const feedback = make("p", "lab-feedback");
  const hints = make("ol", "lab-hints");
  const solution = make("p", "lab-solution");
  const drafts = new Map(); // what is typed and not checked, by gap
  let shown = {};
  let focusNext = false;

  task.id = `lab-task-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  Object.assign(input, { type: "text", spellcheck: false, autocomplete: "off", maxLength: 2000 });
  input.setAttribute("autocapitalize", "off");
  input.setAttribute("aria-describedby", task.id);
  feedback.setAttribute("role", "status");
  solution.tabIndex = -1;

  const turn = (to) => send({ do: "turn", to });
  const help = button("", () => help.getAttribute("aria-disabled") !== "true" && send({ do: "help" }));
  const next = button("Next gap", () => {
    focusNext = true;
    turn(nextOpen(shown));
  });
  const why = make("span", "lab-why");
  why.id = `${task.id}-why`;
  help.setAttribute("aria-describedby", why.id);
  input.addEventListener("input", () => drafts.set(shown.id, input.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ do: "check", answer: input.value });
  });

  const show = (sheet) => {
    part.hidden = !sheet.id;
    if (part.hidden) return;
    const turned = sheet.id !== shown.id;
    const solved = sheet.solution && !shown.solution && !turned;
    shown = sheet;
    if (pages.children.length !== sheet.done.length) {
      pages.replaceChildren(...sheet.done.map((_, at) => button(String(at + 1), () => turn(at))));
    }
    [...pages.children].forEach((page, at) => {
      page.classList.toggle("lab-done", sheet.done[at]);
      page.setAttribute("aria-label", `Gap ${at + 1} of ${sheet.done.length}${sheet.done[at] ? ", done" : ""}`);
      if (at === sheet.place) page.setAttribute("aria-current", "true");
      else page.removeAttribute("aria-current");
    });
    if (turned) {
      task.replaceChildren(...worded(sheet.task));
      before.textContent = sheet.before;
      after.textContent = sheet.after;
      input.value = drafts.get(sheet.id) ?? sheet.answer;
      input.setAttribute("aria-label", `What stands in the gap of ${sheet.before} … ${sheet.after}`);
      const names = sheet.given.map(([name, words]) => make("li", "", make("code", "", name), ` ${words}`));
      const free = FREE.flatMap((name) => [" ", make("code", "", name)]);
      given.replaceChildren(...names, make("li", "", "and", ...free));
    }
    say(feedback, sheet.feedback);
    feedback.classList.toggle("lab-right", sheet.correct);
    feedback.classList.toggle("lab-wrong", Boolean(sheet.feedback) && !sheet.correct);
    hints.replaceChildren(...sheet.hints.map((hint) => make("li", "", ...worded(hint))));
    const told = sheet.solution ? ["Solution: ", make("code", "", sheet.solution), " ", ...worded(sheet.reason)] : [];
    solution.replaceChildren(...told);
    help.textContent = HELP[sheet.more];
    help.hidden = Boolean(sheet.solution) || sheet.correct;
    const early = sheet.more === 0 && !sheet.tries;
    help.setAttribute("aria-disabled", String(early));
    why.textContent = early && !help.hidden ? AFTER_A_TRY : "";
    next.hidden = !(sheet.correct || sheet.solution) || nextOpen(sheet) < 0;
    if (solved) solution.focus();
    if (turned && focusNext) input.focus();
    if (turned) focusNext = false;
  };
  const part = make("section", "lab-gaps", make("h3", "", "Fill the gap"), pages, task, form, given, feedback, hints);
  part.append(solution, make("div", "lab-buttons", help, next, why));
  return [part, show];
}

/** The place of the next gap that is not done, after the one on show and then from the first; −1 if all are. */
function nextOpen({ done, place }) {
  const places = done.map((_, at) => (place + 1 + at) % done.length);
  return places.find((at) => !done[at] && at !== place) ?? -1;
}

function tasksOf() {
  const list = make("ul", "lab-tasks");
  const news = make("p", "lab-unseen");
  news.setAttribute("role", "status");
  let before = [];
  const section = make("section", "", make("h3", "", "Reach a state"), list, news);
  const show = (tasks) => {
    section.hidden = !tasks.length;
    list.replaceChildren(
      ...tasks.map(({ words, stands, done }) => {
        const item = make("li", done ? "lab-done" : "", make("p", "", ...worded(words)), make("p", "lab-stands", stands));
        item.prepend(make("span", "lab-unseen", done ? "Done: " : "To do: "));
        return item;
      }),
    );
    const reached = tasks.filter(({ done }, at) => done && before[at] && !before[at].done);
    if (reached.length) news.textContent = `Done: ${reached.map(({ words }) => words).join(" ")}`;
    before = tasks;
  };
  return [section, show];
}

/** A prediction is made at the head of its part or section; here it is said how it went. */
function predictionsOf(panel) {
  const items = make("div", "lab-predicted");
  const section = make("section", "", make("h3", "", "Predict, then look"), items);
  const headOf = (name) => panel.parentElement.querySelector(`.lab-part-${name} > .lab-heading`);
  const item = ([name, told]) => {
    const head = headOf(name);
    const own = head.parentElement === panel;
    const charts = own ? "the part's chart" : `the charts of “${head.querySelector("h3").textContent}”`;
    const words = make("p", "", told || `Say what ${charts} will show before you see ${own ? "it" : "them"}.`);
    const ask = () => head.querySelector(".lab-ask").click();
    return make("div", "", words, button(told ? "Predict again" : "Predict before you look", ask));
  };
  const show = ({ predicted }) => {
    section.hidden = !Object.keys(predicted).length;
    const shown = JSON.stringify(predicted);
    if (items.dataset.shown === shown) return; // the button that has the focus stays
    items.dataset.shown = shown;
    items.replaceChildren(...Object.entries(predicted).map(item));
  };
  return [section, show];
}

function copying(model) {
  const said = make("p", "lab-copied");
  said.setAttribute("role", "status");
  const box = make("textarea");
  Object.assign(box, { readOnly: true, hidden: true, rows: 8 });
  box.setAttribute("aria-label", "My answers");
  const copy = button("Copy my answers", async () => {
    const text = model.get("answers");
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = COPIED;
    } catch {
      box.hidden = false;
      box.value = text;
      box.select();
      said.textContent = NOT_COPIED;
    }
  });
  return make("div", "lab-foot", copy, said, box);
}

function fold(model, panel, part, signal) {
  const summary = make("summary");
  const details = make("details", "lab-exercises", summary);
  details.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys stay away from the boxes
  const send = (message) => model.send({ ...message, part });
  details.addEventListener("toggle", () => send({ do: details.open ? "unfold" : "fold" }));

  const parts = [];
  const build = () => {
    parts.push(gapsOf(send), tasksOf(), predictionsOf(panel));
    const [gaps, tasks, prediction] = parts.map(([element]) => element);
    details.append(make("div", "lab-sheet", gaps, make("div", "lab-beside", tasks, prediction)), copying(model));
  };
  const show = () => {
    const [done, of] = model.get("counts")[part] ?? [];
    summary.textContent = of ? `Exercises · ${done} of ${of} done` : "Exercises";
    const [sheet, tasks] = [model.get("gaps")[part], model.get("tasks")[part]];
    if (!sheet || !tasks) return;
    if (!parts.length) build();
    const [[, showGaps], [, showTasks], [, showPrediction]] = parts;
    showGaps(sheet);
    showTasks(tasks);
    showPrediction(sheet);
  };
  const changes = ["counts", "gaps", "tasks"].map((name) => `change:${name}`);
  for (const change of changes) model.on(change, show);
  signal.addEventListener("abort", () => changes.forEach((change) => model.off(change, show)));
  show();
  return details;
}

export default {
  render({ model, el }) {
    const life = new AbortController();
    const panelOf = () => partNumber(el.closest(".lab-panel")) && el.closest(".lab-panel");
    when(panelOf, life.signal, (panel) => el.append(fold(model, panel, partNumber(panel), life.signal)));
    return () => life.abort();
  },
};
