/* Draws the book's figures when they near the viewport, in the reader's colour scheme, with no network.
   Figures, maps and Plotly arrive as scripts, because pages opened from file:// may not fetch. */
(function () {
  "use strict";

  const page = document.documentElement;
  const staticRoot = (page.dataset.content_root || "./") + "_static/";
  const figures = new Map();
  const maps = new Map();
  const scripts = new Map();

  const pactbook = {
    theme: null,
    addFigure: (name, content) => figures.set(name, content),
    addMap: (name, geojson) => maps.set(name, geojson),
  };
  window.pactbook = pactbook;

  // Plotly would ask a CDN for coastlines; the figures bring their own land, so we hand it an empty topology.
  const nothing = { type: "GeometryCollection", geometries: [] };
  const layers = ["coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"];
  const empty = { type: "Topology", arcs: [], objects: Object.fromEntries(layers.map((layer) => [layer, nothing])) };
  const scopes = ["world", "africa", "asia", "europe", "north-america", "south-america", "usa"];
  const topology = {};
  scopes.forEach((scope) => ["50m", "110m"].forEach((scale) => { topology[scope + "_" + scale] = empty; }));
  window.PlotlyGeoAssets = { topojson: topology };

  function loadScript(path) {
    if (!scripts.has(path)) {
      scripts.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = staticRoot + path;
        script.onload = resolve;
        script.onerror = () => reject(new Error("could not load " + path));
        document.head.append(script);
      }));
    }
    return scripts.get(path);
  }

  function isDark() {
    const chosen = page.dataset.theme;
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

  /* Swap every palette colour in a figure, #hex or rgba(), for its dark counterpart. */
  function darkened(value, swaps) {
    if (typeof value === "string") {
      const hex = swaps.get(value.toLowerCase());
      if (hex) return hex;
      const rgba = /^rgba?\((\d+), ?(\d+), ?(\d+)(?:, ?([\d.]+))?\)$/.exec(value);
      if (!rgba) return value;
      const key = "#" + rgba.slice(1, 4).map((part) => Number(part).toString(16).padStart(2, "0")).join("");
      const swapped = swaps.get(key);
      return swapped ? "rgba(" + channels(swapped).join(",") + "," + (rgba[4] || 1) + ")" : value;
    }
    if (Array.isArray(value)) return value.map((item) => darkened(item, swaps));
    if (value && typeof value === "object") {
      if (value.sharedMap || value.bdata) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, darkened(item, swaps)]));
    }
    return value;
  }

  function specification(content) {
    const dark = isDark();
    const swaps = new Map(Object.entries(pactbook.theme.swaps));
    const copy = dark ? darkened({ data: content.data, layout: content.layout }, swaps) : content;
    const data = copy.data.map((trace) =>
      trace.geojson && trace.geojson.sharedMap ? { ...trace, geojson: maps.get(trace.geojson.sharedMap) } : { ...trace });
    const layout = {
      ...copy.layout,
      template: dark ? pactbook.theme.dark : pactbook.theme.light,
      autosize: true,
      uirevision: "kept", // zoom and selection outlive a change of scheme
    };
    return { data, layout };
  }

  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d"] };

  async function draw(figure) {
    const name = figure.dataset.figure;
    const drawing = figure.querySelector(".pact-figure-drawing");
    try {
      await Promise.all([loadScript("figures/" + name + ".js"), loadScript("pactbook-theme.js")]);
      const content = figures.get(name);
      const needed = content.maps.map((map) => loadScript("maps/" + map + ".js"));
      await Promise.all([loadScript(pactbook.theme.plotly), ...needed]);
      const { data, layout } = specification(content);
      const wait = drawing.querySelector(".pact-figure-wait");
      if (wait) wait.remove();
      await window.Plotly.newPlot(drawing, data, layout, config);
      figure.dataset.state = "live";
    } catch (error) {
      figure.dataset.state = "failed";
      const wait = drawing.querySelector(".pact-figure-wait");
      if (wait) wait.textContent = "This figure could not be drawn. Its description and its data stand below.";
      console.error(error);
    }
  }

  function redraw() {
    document.querySelectorAll('.pact-figure[data-state="live"]').forEach((figure) => {
      const { data, layout } = specification(figures.get(figure.dataset.figure));
      window.Plotly.react(figure.querySelector(".pact-figure-drawing"), data, layout, config);
    });
  }

  /* The picture carries what the page shows round the drawing: title and subtitle. */
  function wrap(text, width) {
    const lines = [""];
    text.split(" ").forEach((word) => {
      const last = lines.length - 1;
      if ((lines[last] + " " + word).length > width) lines.push(word);
      else lines[last] = (lines[last] + " " + word).trim();
    });
    return lines;
  }

  function savePicture(figure) {
    const name = figure.dataset.figure;
    const content = figures.get(name);
    const drawing = figure.querySelector(".pact-figure-drawing");
    const width = 1000;
    const { data, layout } = specification(content);
    const title = wrap(content.title, 80);
    const subtitle = wrap(content.subtitle, 110);
    const top = 34 + 24 * title.length + 18 * subtitle.length;
    const height = drawing.clientHeight + top;
    layout.title = { text: title.join("<br>"), subtitle: { text: subtitle.join("<br>") } };
    layout.margin = { ...layout.margin, t: top };
    return window.Plotly.downloadImage({ data, layout }, { format: "png", width, height, scale: 2, filename: name });
  }

  function start() {
    const all = document.querySelectorAll(".pact-figure");
    if (!all.length) return;
    const near = new IntersectionObserver((entries) => {
      entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
        near.unobserve(entry.target);
        draw(entry.target);
      });
    }, { rootMargin: "600px 0px" });
    all.forEach((figure) => {
      near.observe(figure);
      figure.querySelector(".pact-figure-image").addEventListener("click", async () => {
        if (figure.dataset.state !== "live") await draw(figure);
        if (figure.dataset.state === "live") savePicture(figure);
      });
    });
    new MutationObserver(redraw).observe(page, { attributes: true, attributeFilter: ["data-theme"] });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
