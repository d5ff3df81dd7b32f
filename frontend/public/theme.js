// Runs before the first paint, so that a dark page never flashes white. Kept outside the bundle for that reason alone;
// src/util/theme.ts changes the choice later and calls the same function.
(function () {
  var wantsDark = window.matchMedia('(prefers-color-scheme: dark)');
  function apply() {
    var choice = null;
    try {
      choice = localStorage.getItem('theme');
    } catch {
      // Storage may be forbidden; the system's preference still works.
    }
    var dark = choice === 'dark' || (choice !== 'light' && wantsDark.matches);
    document.documentElement.classList.toggle('pf-v6-theme-dark', dark);
  }
  window.quarterdeckApplyTheme = apply;
  wantsDark.addEventListener('change', apply);
  apply();
})();
