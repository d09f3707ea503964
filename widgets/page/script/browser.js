// Only what a browser knows and does. The kernel makes one model of this; its views are empty elements that stand in the
// page and in each part, and look after the element that they stand in.

export default () => {
  let parts;
  return {
    initialize({ model }) {
      parts = new Parts((visible) => {
        if (String(visible) === String(model.get("visible"))) return;
        model.set("visible", visible);
        model.save_changes();
      });
      const system = matchMedia("(prefers-color-scheme: dark)");
      // JupyterLab's theme is the one that the learner chose for it, and says so here.
      const isDark = () => {
        const { voila, jpThemeLight } = document.body.dataset;
        return voila || !jpThemeLight ? system.matches : jpThemeLight === "false";
      };
      const show = () => {
        const theme = model.get("theme");
        const dark = theme === "dark" || (theme === "system" && model.get("prefers_dark"));
        document.documentElement.dataset.labTheme = dark ? "dark" : "light";
      };
      const tell = () => {
        model.set("prefers_dark", isDark());
        model.save_changes();
        show();
      };
      system.addEventListener("change", tell);
      const jupyterChanges = new MutationObserver(tell);
      jupyterChanges.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
      model.on("change:theme", show);
      tell();
      if (Updates.possible(model)) {
        const updates = new Updates(model.widget_manager);
        model.on("msg:custom", (content, buffers) => content.do === "update" && updates.take(content.updates, buffers));
        model.send({ do: "ready" }); // else every widget goes on to get its own messages
      }
      const life = new AbortController();
      watchHands(() => parts.touch(), life.signal);
      return () => {
        life.abort();
        system.removeEventListener("change", tell);
        jupyterChanges.disconnect();
      };
    },

    render({ model, el }) {
      const life = new AbortController();
      el.classList.add("lab-unseen");
      const whole = (host, ...selectors) => selectors.every((selector) => host?.querySelector(selector)) && host;
      const place = () => {
        const panel = el.closest(".lab-panel");
        return panel
          ? whole(panel, "h2, h3", ":scope > .lab-numbers", ":scope > .lab-place > .lab-charts")
          : whole(el.closest(".lab-page"), ".lab-text textarea", ".lab-view", ".lab-main h2");
      };
      when(place, life.signal, (host) => {
        if (host.classList.contains("lab-panel")) lookAfterPanel(host, life.signal, parts);
        else lookAfterPage(host, model, life.signal);
      });
      return () => life.abort();
    },
  };
};
