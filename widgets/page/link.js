// The address of the lab's own page follows the state, and a button copies the link to the view.

/** Whether the page is the lab's own: in JupyterLab the address belongs to JupyterLab. */
const ours = () => "voila" in document.body.dataset;

/** Puts words on the clipboard; resolves to false where the browser does not let it. */
async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return copyTheOldWay(words); // a page that is not served by https has no clipboard
  }
}

function copyTheOldWay(words) {
  const box = make("textarea", { class: "lab-unseen" }, words);
  document.body.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  return copied;
}

export default {
  initialize({ model }) {
    if (!ours()) return;
    const follow = () => {
      const query = model.get("query");
      if (query === null) return;
      history.replaceState(history.state, "", location.pathname + (query && `?${query}`) + location.hash);
    };
    model.on("change:query", follow);
    model.set("page", location.origin + location.pathname);
    model.save_changes();
    follow();
  },

  render({ model, el }) {
    el.classList.add("lab-link");
    if (!ours()) return;
    const copier = button("Link", async () => {
      const copied = await copy(model.get("url"));
      copier.focus();
      model.send({ copied });
    }, "jupyter-button");
    copier.title = "Copy the link to this view";
    el.append(copier);
  },
};
