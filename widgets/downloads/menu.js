// A part's menu: each of its charts as PNG, SVG and CSV, the code behind them, and everything at once.

const KINDS = { png: asPng, svg: asSvg };
const LETTERS = new TextEncoder();

/** Asks the kernel; the answer has the answer's words and `data`, its bytes if it has any. */
function ask(model, question, data) {
  const id = `${Date.now()}-${Math.random()}`;
  return new Promise((done, fail) => {
    const hear = (answer, buffers) => {
      if (answer.id !== id) return;
      model.off("msg:custom", hear);
      if (answer.problem) fail(new Error(answer.problem));
      else done({ ...answer, data: buffers?.[0] });
    };
    model.on("msg:custom", hear);
    model.send({ ...question, id }, undefined, data && [data]);
  });
}

/** Lets the browser save data under a name. */
function save(data, name) {
  const url = URL.createObjectURL(new Blob([data]));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000); // some browsers read it later
}

function chartsOf(panel) {
  return [...panel.querySelectorAll(":scope > .lab-place .lab-chart:not(.lab-away)")];
}

/** A button that does one thing at a time, and says in words what went wrong. */
function worker(words, attributes, work, say) {
  const button = make("button", { type: "button", class: "jupyter-button", ...attributes }, words);
  button.onclick = async () => {
    if (button.getAttribute("aria-busy") === "true") return; // not disabled, which would lose the focus
    button.setAttribute("aria-busy", "true");
    try {
      say("");
      await work();
    } catch (error) {
      say(error.message);
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
  return button;
}

/** The part that a panel is a twin or a difference of, if it is one, else the panel; nothing outside the page. */
function liveOf(panel) {
  return panel.closest(".lab-panel:not(.lab-pinned)");
}

/** A part's heading without its number; which of the two views, or “Difference B − A”, where it is compared. */
function titleOf(panel) {
  const title = liveOf(panel).querySelector("h2, h3").lastChild.textContent.trim();
  const compared = panel.matches(".lab-pinned") ? `${panel.querySelector("h3").firstChild.textContent.trim()} of ` : "";
  return compared + title;
}

/** Puts the menu and the button that opens it into `el`, which stands in the part's panel. */
function offerPart(model, el, panel, part, signal) {
  const title = titleOf(panel);
  const status = make("p", { role: "status" });
  const say = (words) => (status.textContent = words);
  const list = make("ul");
  const menu = make("div", { class: "lab-takeaway-menu", role: "group", "aria-label": `Files of ${title}`, hidden: true });
  const opener = make(
    "button",
    { type: "button", class: "lab-takeaway-open", "aria-expanded": "false", title: "Pictures, numbers and code" },
    make("span", { "aria-hidden": "true" }, "⤓"), make("span", {}, "Save"), make("span", { class: "lab-unseen" }, ` from ${title}`),
  );

  const row = ({ title, drawn }, at) => {
    const button = (kind, work) => {
      const sign = kind.toUpperCase();
      return worker(sign, { "aria-label": `${sign} of ${title}` }, work, say);
    };
    const picture = (kind) => async () => {
      const { name, chart } = await ask(model, { do: "picture", part, at });
      const charts = [chartsOf(panel)[chart]];
      await settled(charts);
      save(await KINDS[kind](await pictureOf(charts)), `${name}.${kind}`);
    };
    const numbers = async () => {
      const { name, data } = await ask(model, { do: "table", part, at });
      save(data, name);
    };
    const pictures = drawn ? Object.keys(KINDS).map((kind) => button(kind, picture(kind))) : [];
    return make("li", {}, make("span", {}, title), make("span", {}, ...pictures, button("csv", numbers)));
  };

  const close = () => {
    menu.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  };
  opener.onclick = async () => {
    if (!menu.hidden) return close();
    say("");
    menu.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    try {
      const { files } = await ask(model, { do: "list", part });
      list.replaceChildren(...files.map(row));
      if (!files.length) say("There is nothing to see here yet.");
      menu.scrollIntoView({ block: "nearest" });
    } catch (error) {
      say(error.message);
    }
  };
  const leave = (event) => !menu.hidden && !el.contains(event.target) && close();
  document.addEventListener("pointerdown", leave, { signal });
  document.addEventListener("focusin", leave, { signal });
  const escape = (event) => {
    if (event.key !== "Escape" || menu.hidden || el.querySelector("dialog")) return;
    close();
    opener.focus();
  };
  document.addEventListener("keydown", escape, { signal });

  const code = worker("Show the code", {}, () => showCode(model, el, part), say);
  const everything = worker("Everything, all parts", {}, () => takeEverything(model, el), say);
  const all = panel.matches(".lab-pinned") ? [] : [everything];
  menu.append(list, make("div", { class: "lab-takeaway-more" }, code, ...all), status);
  el.append(opener, menu);
}

/** Shows a window over the page until it is closed. */
function openDialog(el, label, ...children) {
  const dialog = make("dialog", { class: "lab-takeaway-dialog", "aria-label": label }, ...children);
  dialog.onclose = () => dialog.remove();
  dialog.onkeydown = (event) => event.stopPropagation();
  el.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A whole program for the part's numbers, to be read, copied or saved. */
async function showCode(model, el, part) {
  const { name, code, words } = await ask(model, { do: "code", part });
  const status = make("span", { role: "status" });
  const say = (words) => (status.textContent = words);
  const text = make("pre", { tabIndex: 0 }, make("code", {}, code));
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code); // not there where a page came without encryption
      say("Copied.");
    } catch {
      getSelection().selectAllChildren(text);
      say("Selected: copy it with Ctrl + C.");
    }
  };
  const dialog = openDialog(
    el, `The code: ${name}`, make("h2", {}, name), make("p", {}, words), text,
    make(
      "div", { class: "lab-takeaway-more" }, status,
      worker("Copy", {}, copy, say),
      worker("Download", {}, () => save(LETTERS.encode(code), name), say),
      worker("Close", {}, () => dialog.close(), say),
    ),
  );
}
