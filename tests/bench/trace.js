// Runs in a page before its own scripts: what goes over the kernel's socket, and when its effect is on the screen.
{
  const STILL = 4; // frames without a change after which nothing more is expected
  const PATIENCE = 120000; // ms
  const utf8 = new TextDecoder();
  const now = () => performance.now();
  const frame = () => new Promise(requestAnimationFrame);

  /** Header, parent and content of a message of the protocol v1.kernel.websocket.jupyter.org. */
  function read(data) {
    const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
    const numbers = new DataView(view.buffer, view.byteOffset);
    const at = (index) => Number(numbers.getBigUint64(8 * (index + 1), true));
    const part = (index) => JSON.parse(utf8.decode(view.subarray(at(index), at(index + 1))));
    return { header: part(1), parent: part(2), content: part(4), bytes: view.byteLength };
  }

  const requests = new Map(); // since `arm`, by message id: { sent, idle, messages, bytes }
  let input = 0; // when a key or the pointer did the last thing
  let last = 0; // when the last message came
  let changed = 0; // when the page changed last

  window.trace = {
    /** Forget what was. */
    arm() {
      requests.clear();
      input = last = changed = 0;
    },

    /** Resolves once all that was asked for since `arm` is on the screen: what it took, times in ms.
     *
     * `drawn` is the second animation frame after the last message, or the first one after the page's last change
     * if that is later. With `done` it must hold as well.
     */
    async settled(done = () => requests.size) {
      const until = now() + PATIENCE;
      let frames = [];
      let from = -1;
      while (!done() || inFlight() || frames.filter((at) => at > changed).length < Math.max(2, STILL)) {
        await frame();
        if (now() > until) throw new Error(`not settled: ${requests.size} requests, in flight: ${inFlight()}, changed ${now() - changed} ms ago`);
        if (last !== from) frames = [];
        from = last;
        frames.push(now());
      }
      const drawn = Math.max(frames[1], frames.find((at) => at > changed));
      const all = [...requests.values()];
      const sum = (what) => all.reduce((total, request) => total + request[what], 0);
      const answered = all.map((request) => request.idle);
      return { drawn, input, ms: drawn - input, messages: sum("messages"), bytes: sum("bytes"), answered };
    },

    /** Resolves with the time from the request for the page to the second frame after `selector` is there. */
    async shown(selector) {
      const until = now() + PATIENCE;
      while (!document.querySelector(selector)) {
        await frame();
        if (now() > until) throw new Error(`no ${selector}`);
      }
      await frame();
      await frame();
      return now();
    },
  };

  const inFlight = () => [...requests.values()].some((request) => !request.idle);

  addEventListener("DOMContentLoaded", () => {
    const note = () => (changed = now());
    const everything = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(note).observe(document.documentElement, everything);
    addEventListener("load", note, true); // of an image
  });
  for (const kind of ["keydown", "pointermove", "pointerup", "click"]) addEventListener(kind, () => (input = now()), true);

  window.WebSocket = class extends WebSocket {
    constructor(...to) {
      super(...to);
      this.binaryType = "arraybuffer";
      this.addEventListener("message", ({ data }) => {
        const { parent, content, bytes } = read(data);
        const request = requests.get(parent.msg_id);
        if (!request) return;
        last = now();
        request.messages += 1;
        request.bytes += bytes;
        if (content.execution_state === "idle") request.idle = last;
      });
    }

    send(data) {
      super.send(data);
      const { header } = read(data);
      if (header.msg_type.startsWith("comm_")) requests.set(header.msg_id, { sent: now(), idle: 0, messages: 0, bytes: 0 });
    }
  };
}
