// A script or style that is lost on the way (a network that changes in that second, an update of the service) would leave
// a blank page for ever: load it again, and when that does not help, say so. Outside the bundle, which may be what is lost.
(function () {
  var TRIES = 3;
  var JUST_OPENED_MS = 15000;
  var key = 'quarterdeck-loads';
  var given = false;

  function again() {
    if (given) return;
    given = true;
    var tries = TRIES + 1;
    try {
      tries = Number(sessionStorage.getItem(key) || 0) + 1;
      sessionStorage.setItem(key, String(tries));
    } catch {
      // Where storage is forbidden nobody counts, so the person decides.
    }
    if (tries <= TRIES) setTimeout(() => location.reload(), 300 * tries);
    else say();
  }

  function forget() {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // As above.
    }
  }

  function say() {
    forget();
    var note = document.createElement('p');
    note.setAttribute('role', 'alert');
    note.textContent = 'Quarterdeck could not be loaded in whole: the connection to the server breaks. ';
    var button = document.createElement('button');
    button.textContent = 'Load it again';
    button.addEventListener('click', () => location.reload());
    note.append(button);
    document.body.prepend(note);
  }

  window.addEventListener('error', function (event) {
    if (event.target instanceof HTMLScriptElement || event.target instanceof HTMLLinkElement) again();
  }, true);
  // A part that is loaded later than that belongs to a page with somebody's input in it; the page itself offers to reload.
  window.addEventListener('vite:preloadError', function () {
    if (performance.now() < JUST_OPENED_MS) again();
  });
  window.addEventListener('load', function () {
    setTimeout(() => given || forget(), JUST_OPENED_MS);
  });
})();
