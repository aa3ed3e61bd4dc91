// What is searched for. The engine of the theme matches the beginnings of words, and knows nothing of
// spelling, synonyms or Korean compounds. So a query is put into the words of these pages before it is
// sent to the engine (docs/search.yaml), and in Korean each word matches anywhere inside longer ones. In
// what comes back, the words are again those that were searched for: the theme marks them in the text,
// and lists those that a page lacks.
(function () {
  if (!window.Worker) return;

  const QUERY = 2;
  const RESULT = 3;
  const isKorean = document.documentElement.lang === "ko";
  const PARTICLE =
    /(?<=[가-힣A-Za-z0-9]{2})(에서는|으로는|에서|으로|에는|부터|까지|처럼|보다|은|는|이|가|을|를|의|에|와|과|로|도|만)$/;
  const OPERATORS = /[*~^:+"]|(^|\s)-/;

  function synonyms() {
    return (window.unetTraceSearch || {})[isKorean ? "ko" : "en"] || [];
  }

  // The longest phrases first, so that a word of a phrase is not replaced alone.
  function inTheWordsOfThePages(text) {
    for (const [typed, word] of synonyms()) {
      const start = isKorean ? "" : "(?<![a-z])";
      const end = isKorean && /[가-힣]$/.test(typed) ? "" : "(?![a-z])";
      const pattern = new RegExp(start + typed.replace(/[-.]/g, "\\$&") + end, "i");
      if (pattern.test(text)) return text.replace(pattern, word);
    }
    return text;
  }

  function wordsOf(query) {
    return inTheWordsOfThePages(query.trim()).split(/\s+/).filter(Boolean).map(stem);
  }

  function stem(word) {
    return isKorean && /[가-힣]/.test(word) ? word.replace(PARTICLE, "") : word;
  }

  function widened(word) {
    if (!isKorean) return word;
    const long = /[가-힣]/.test(word) ? word.length >= 2 : word.length >= 3;
    return long ? "*" + word + "*" : word;
  }

  let asked = [];

  function ask(query) {
    asked = OPERATORS.test(query) ? [] : wordsOf(query);
    return asked.length ? asked.map(widened).join(" ") : query;
  }

  function plainText(item) {
    return (item.title + " " + item.text)
      .replace(/<[^>]*>/g, "")
      .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&")
      .toLowerCase();
  }

  function answer(found) {
    if (!asked.length) return;
    for (const group of found.items) {
      for (const item of group) {
        if (!Object.keys(item.terms).length) continue; // the page of a section, which was not searched
        const text = plainText(item);
        item.terms = Object.fromEntries(asked.map((word) => [word, text.includes(word.toLowerCase())]));
      }
    }
  }

  class SearchWorker extends window.Worker {
    constructor(...args) {
      super(...args);
      // the first listener, so that the theme sees what this one has changed
      this.addEventListener("message", ({ data }) => {
        if (data && data.type === RESULT && data.data.items) answer(data.data);
      });
    }

    postMessage(message, ...others) {
      if (message && message.type === QUERY && typeof message.data === "string") {
        message = { ...message, data: ask(message.data) };
      }
      return super.postMessage(message, ...others);
    }
  }

  // the theme looks for the second name where there is no server
  if (window.IFrameWorker === window.Worker) window.IFrameWorker = SearchWorker;
  window.Worker = SearchWorker;
})();
