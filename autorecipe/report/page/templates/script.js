(function () {
  "use strict";
  var root = document.documentElement;
  function byId(id) { return document.getElementById(id); }

  // theme: as the system, light, dark
  var themes = ["", "light", "dark"], names = ["as the system", "light", "dark"];
  var button = byId("theme");
  function stored() { try { return localStorage.getItem("autorecipe-theme") || ""; } catch (e) { return ""; } }
  function show(theme) {
    if (theme) { root.setAttribute("data-theme", theme); } else { root.removeAttribute("data-theme"); }
    byId("theme-name").textContent = names[themes.indexOf(theme)];
  }
  var theme = themes.indexOf(stored()) > 0 ? stored() : "";
  show(theme);
  button.hidden = false;
  button.addEventListener("click", function () {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try { localStorage.setItem("autorecipe-theme", theme); } catch (e) { /* not kept, and shown all the same */ }
    show(theme);
  });

  var reload = byId("reload");
  if (reload) {
    reload.hidden = false;
    reload.addEventListener("click", function () { location.reload(); });
  }

  // what is folded is opened for paper, and where a link leads into it
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () { opened.forEach(function (d) { d.open = false; }); });
  function unfold() {
    var at = location.hash && byId(location.hash.slice(1));
    for (var e = at; e; e = e.parentElement) { if (e.tagName === "DETAILS") { e.open = true; } }
  }
  addEventListener("hashchange", unfold);
  unfold();

  // the table of columns: find and sort
  var table = byId("columns-table");
  if (!table) { return; }
  var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
  var find = byId("find"), found = byId("found");
  var folding = table.closest(".folding");
  var places = rows.map(function (row) { return row.className; });
  find.closest(".tools").hidden = false;
  find.addEventListener("input", function () {
    var words = find.value.toLowerCase(), n = 0;
    rows.forEach(function (row) {
      var fits = row.textContent.toLowerCase().indexOf(words) >= 0;
      row.hidden = !fits;
      n += fits ? 1 : 0;
    });
    folding.classList.toggle("searched", words !== "");
    found.textContent = words ? n + " of " + rows.length : "";
  });
  function key(row, i) {
    var cell = row.cells[i], v = cell.getAttribute("data-v");
    return v === null ? cell.textContent.trim().toLowerCase() : Number(v);
  }
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, i) {
    if (i === 2) { return; }
    var sorter = document.createElement("button");
    sorter.type = "button";
    sorter.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(sorter);
    sorter.addEventListener("click", function () {
      var down = head.getAttribute("aria-sort") === "ascending";
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (h) { h.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort(function (a, b) {
        var x = key(a, i), y = key(b, i), order = x < y ? -1 : x > y ? 1 : 0;
        return down ? -order : order;
      });
      rows.forEach(function (row, place) {
        row.className = places[place];
        body.appendChild(row);
      });
    });
  });
})();
