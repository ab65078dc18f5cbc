"use strict";
(function () {
  const stored = JSON.parse(document.getElementById("figure-data").textContent);
  const narrow = () => window.matchMedia("(max-width: 600px)").matches;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const LEGEND_ROW = 19;  // a narrow legend has one name a row, and must not take its room from the chart

  function themed(figure) {
    const layout = figure.layout;
    const grid = colour("--rule"), ink = colour("--soft"), panel = colour("--panel");
    const themed = { ...layout, font: { color: ink, family: "system-ui, sans-serif", size: 12 } };
    themed.hoverlabel = { bgcolor: panel, bordercolor: grid, font: { color: colour("--ink") } };
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis/.test(key)) themed[key] = { ...layout[key], gridcolor: grid, zerolinecolor: grid, linecolor: grid };
    }
    if (narrow()) {
      const named = figure.data.filter((trace) => trace.showlegend !== false).length;
      if (layout.showlegend) themed.height = layout.height + LEGEND_ROW * Math.max(0, named - 2);
      // Parallel axes have their names and numbers outside of the plot, on either side.
      if (!figure.data.some((trace) => trace.type === "parcoords")) themed.margin = { ...layout.margin, l: 44, r: 4 };
      for (const key of Object.keys(themed)) {
        if (/^xaxis/.test(key)) themed[key] = { ...themed[key], nticks: 5 };
      }
    }
    return themed;
  }

  const config = { responsive: true, displayModeBar: false };
  for (const [name, figure] of Object.entries(stored.figures)) {
    for (const trace of figure.data) {
      for (const axis of ["x", "y"]) {
        if (trace[axis] && trace[axis].pool !== undefined) trace[axis] = stored.pool[trace[axis].pool];
      }
    }
    Plotly.newPlot("chart-" + name, figure.data, themed(figure), config);
  }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const [name, figure] of Object.entries(stored.figures)) Plotly.relayout("chart-" + name, themed(figure));
  });

  // A printed page is narrower than the screen, and a chart does not follow by itself.
  const PAPER = 660;
  window.addEventListener("beforeprint", () => {
    for (const name of Object.keys(stored.figures)) {
      const place = document.getElementById("chart-" + name);
      if (place.clientWidth > PAPER) Plotly.relayout(place, { width: PAPER });
    }
  });
  window.addEventListener("afterprint", () => {
    for (const name of Object.keys(stored.figures)) Plotly.relayout("chart-" + name, { width: null, autosize: true });
  });

  const log = document.getElementById("log");
  if (log) {
    log.setAttribute("aria-pressed", "false");
    log.addEventListener("click", () => {
      const on = log.getAttribute("aria-pressed") !== "true";
      log.setAttribute("aria-pressed", String(on));
      Plotly.relayout("chart-equity", { "yaxis.type": on ? "log" : "linear" });
    });
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    table.querySelectorAll("th").forEach((head, column) => {
      head.tabIndex = 0;
      const sort = () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const key = (row) => {
          const cell = row.cells[column];
          return cell.dataset.key === undefined ? cell.textContent : Number(cell.dataset.key);
        };
        const rows = Array.from(table.tBodies[0].rows).sort((a, b) => {
          const x = key(a), y = key(b);
          return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
        });
        table.tBodies[0].append(...rows);
      };
      head.addEventListener("click", sort);
      head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
    });
  }
})();
