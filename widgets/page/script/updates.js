// Hands what the kernel has changed on to the widgets, a frame at a time.

/** bqplot moves what it draws by d3's transitions. Even those of no duration, as all of the lab's are, wait for the next
 * frame and interpolate every number of a curve. So in the lab's charts a selection stands for its own transition and is
 * changed at once, unless something there is still on its way: that would end in its own, older place.
 *
 * `selection`: any of those that bqplot works with. */
function changeAtOnce(selection) {
  const kind = Object.getPrototypeOf(selection);
  if (kind.duration) return; // in JupyterLab another lab's page has done it
  const { transition } = kind;
  const moves = (node) => "__transition" in node; // where d3 keeps what it still has to do
  const trial = selection.append("g");
  trial.transition();
  const keepsItThere = moves(trial.node());
  trial.remove();
  if (!keepsItThere) return;
  const still = (node) => !moves(node) && ![...node.querySelectorAll("*")].some(moves);
  kind.transition = function (name) {
    const atOnce = this.node()?.closest(".lab-chart") && this.nodes().every(still);
    return atOnce ? this : transition.call(this, name);
  };
  kind.duration = function () {
    return this;
  };
}

class Updates {
  /** Whether widgets can be handed what is theirs: by the method that ipywidgets gives their own messages to. */
  static possible(model) {
    const { has_model, get_model } = model.widget_manager ?? {};
    return Boolean(has_model && get_model && model.get("layout")?._handle_comm_msg);
  }

  constructor(manager) {
    Object.assign(this, { manager, waiting: [], earlier: Promise.resolve(), atOnce: false });
  }

  /** Takes the changes of one event. `buffers`: those of all of them, in their order. */
  take(updates, buffers) {
    if (!this.waiting.length) this.nextFrame(() => (this.earlier = this.earlier.then(() => this.show())));
    let at = 0;
    for (const { id, data, buffers: count } of updates) {
      this.waiting.push({ id, data, buffers: buffers.slice(at, (at += count)) });
    }
  }

  nextFrame(then) {
    if (document.hidden) setTimeout(then); // no frame comes
    else requestAnimationFrame(then);
  }

  /** Gives every widget its changes, in the order in which they were made; one that fails keeps no other back. */
  async show() {
    const updates = this.waiting.splice(0).filter(({ id }) => this.manager.has_model(id)); // else closed meanwhile
    const found = await Promise.all(updates.map(({ id }) => this.manager.get_model(id).catch(console.error)));
    const changes = updates.map((update, index) => ({ ...update, widget: found[index] })).filter(({ widget }) => widget);
    for (const change of changes) await this.make(change).catch(console.error);
  }

  async make({ widget, data, buffers }) {
    if (!this.atOnce) await this.prepare(widget).catch(console.error);
    await widget._handle_comm_msg({ content: { data }, buffers });
  }

  /** Makes bqplot change at once, as soon as there is a view of a mark: only through one its selections are reached. */
  async prepare(widget) {
    const [view] = await Promise.all(Object.values(widget.views ?? {}));
    if (!view?.d3el?.transition) return;
    changeAtOnce(view.d3el);
    this.atOnce = true;
  }
}
