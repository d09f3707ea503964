// All parts as one ZIP: those that are not on the screen are drawn for it.

const ASKS_AGAIN = 120; // ms, for a part that is still computed

/** Asks the kernel to draw a part, until it is drawn or known to have nothing to show. */
async function drawn(model, part, going) {
  for (;;) {
    const answer = await ask(model, { do: "draw", part });
    if (answer.ready) return answer.files;
    going();
    await pause(ASKS_AGAIN);
  }
}

/** The part's charts by the picture that they make up. */
function byPicture(files, charts) {
  const pictures = new Map();
  files.filter((file) => file.drawn).forEach(({ picture }, at) => {
    pictures.set(picture, [...(pictures.get(picture) ?? []), charts[at]]);
  });
  return pictures;
}

/** Draws those parts of the page that `has` says, one by one, and lets `take(files, charts, going)` have each; with a window that says
 * how far it is and can be closed, which `going` then throws. `last(parts, going, say)` ends it. */
async function withParts(model, el, title, { has, cancelled, take, last = () => {} }) {
  const bar = make("progress", { max: 1, value: 0, "aria-label": "Progress" });
  const status = make("p", { role: "status" });
  let stopped = false;
  const dialog = openDialog(
    el, title, make("h2", {}, title), status, bar,
    make("div", { class: "lab-takeaway-more" }, worker("Cancel", {}, () => dialog.close(), () => {})),
  );
  dialog.addEventListener("close", () => (stopped = true));
  const going = () => {
    if (stopped) throw new Error(cancelled);
  };
  try {
    const panels = new Map(
      [...document.querySelectorAll(".lab-panel")].map((panel) => [partName(panel), panel]),
    );
    const parts = [...panels.keys()].filter(has);
    await ask(model, { do: "begin" });
    for (const [at, part] of parts.entries()) {
      status.textContent = `Drawing “${titleOf(panels.get(part))}” …`;
      const files = await drawn(model, part, going);
      await take(files, chartsOf(panels.get(part)), going);
      bar.value = (at + 1) / (parts.length + 1);
    }
    await last(parts, going, (words) => (status.textContent = words));
  } finally {
    model.send({ do: "end" });
    dialog.close();
  }
}

/** Keeps the pictures of all parts with the kernel, and saves what the kernel makes of them. */
function takeEverything(model, el) {
  const take = async (files, charts, going) => {
    for (const [picture, some] of byPicture(files, charts)) {
      await settled(some);
      const made = await pictureOf(some);
      for (const [kind, convert] of Object.entries(KINDS)) {
        going();
        const data = await (await convert(made)).arrayBuffer();
        await ask(model, { do: "keep", name: `${picture}.${kind}` }, data);
      }
    }
  };
  const last = async (parts, going, say) => {
    say("Packing …");
    const { name, data } = await ask(model, { do: "zip", parts });
    going();
    save(data, name);
  };
  const has = (part) => model.get("parts").includes(part);
  return withParts(model, el, "Everything as a ZIP", { has, cancelled: "Cancelled: nothing was saved.", take, last });
}
