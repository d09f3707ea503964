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

/** Draws every part of the page, keeps its pictures with the kernel, and saves what the kernel makes of them. */
async function takeEverything(model, el) {
  const bar = make("progress", { max: 1, value: 0, "aria-label": "Progress" });
  const status = make("p", { role: "status" });
  let stopped = false;
  const dialog = openDialog(
    el, "Everything as a ZIP", make("h2", {}, "Everything as a ZIP"), status, bar,
    make("div", { class: "lab-takeaway-more" }, worker("Cancel", {}, () => dialog.close(), () => {})),
  );
  dialog.addEventListener("close", () => (stopped = true));
  const going = () => {
    if (stopped) throw new Error("Cancelled: nothing was saved.");
  };
  try {
    const panels = new Map(
      [...document.querySelectorAll(".lab-panel")].map((panel) => [partName(panel), panel]),
    );
    const parts = model.get("parts").filter((part) => panels.has(part));
    await ask(model, { do: "begin" });
    for (const [at, part] of parts.entries()) {
      status.textContent = `Drawing “${titleOf(panels.get(part))}” …`;
      const files = await drawn(model, part, going);
      const charts = chartsOf(panels.get(part));
      for (const [picture, some] of byPicture(files, charts)) {
        await settled(some);
        const made = await pictureOf(some);
        for (const [kind, convert] of Object.entries(KINDS)) {
          going();
          const data = await (await convert(made)).arrayBuffer();
          await ask(model, { do: "keep", name: `${picture}.${kind}` }, data);
        }
      }
      bar.value = (at + 1) / (parts.length + 1);
    }
    status.textContent = "Packing …";
    const { name, data } = await ask(model, { do: "zip", parts });
    going();
    save(data, name);
  } finally {
    model.send({ do: "end" });
    dialog.close();
  }
}
