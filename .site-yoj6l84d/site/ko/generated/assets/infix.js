// Korean search. The engine matches the beginnings of words, but Korean compounds are written without
// spaces: 정규화 would not find 그룹정규화. So each term of a query matches anywhere in a word, and
// particles at its end are removed. Queries are rewritten before they are sent to the search worker.
(function () {
  if (document.documentElement.lang !== "ko" || !window.Worker) return;

  const QUERY = 2;
  const PARTICLE =
    /(?<=[가-힣A-Za-z0-9]{2})(에서는|으로는|에서|으로|에는|부터|까지|처럼|보다|은|는|이|가|을|를|의|에|와|과|로|도|만)$/;

  function widened(term) {
    if (/[*~^:+\-"]/.test(term)) return term;
    const stem = /[가-힣]/.test(term) ? term.replace(PARTICLE, "") : term;
    const long = /[가-힣]/.test(stem) ? stem.length >= 2 : stem.length >= 3;
    return long ? "*" + stem + "*" : stem;
  }

  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...others) {
    if (message && message.type === QUERY && typeof message.data === "string") {
      message = { ...message, data: message.data.split(/\s+/).filter(Boolean).map(widened).join(" ") };
    }
    return post.call(this, message, ...others);
  };
})();
