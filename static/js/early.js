/* Runs before anything is drawn: the theme and the rail stand as they were left. */
(function () {
  var root = document.documentElement;
  var kept = function (name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  var dark = matchMedia("(prefers-color-scheme: dark)");
  var paint = function () {
    var theme = kept("theme");
    root.dataset.bsTheme = theme === "dark" || theme === "light" ? theme : dark.matches ? "dark" : "light";
  };
  paint();
  dark.addEventListener("change", paint);
  addEventListener("theme", paint);
  var rail = kept("rail-" + root.dataset.rail);
  root.dataset.railKind = root.dataset.rail;
  if (rail === "wide" || rail === "narrow") root.dataset.rail = rail;
  else if (innerWidth < 1100) root.dataset.rail = "narrow";
})();
