// Search without a server: a page opened from disk cannot start a worker. So the search engine runs
// in a hidden frame, with the interface of a worker.
(function () {
  if (location.protocol !== "file:") return;

  function load(scope, address) {
    return new Promise((resolve, reject) => {
      const script = scope.document.createElement("script");
      script.src = new URL(address, document.baseURI).href;
      script.onload = resolve;
      script.onerror = reject;
      scope.document.head.append(script);
    });
  }

  class FrameWorker extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.documentElement.append(frame);
      this.scope = frame.contentWindow;
      this.scope.importScripts = (...addresses) =>
        addresses.reduce((before, one) => before.then(() => load(this.scope, one)), Promise.resolve());
      this.scope.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.loaded = load(this.scope, address);
    }

    postMessage(data) {
      this.loaded.then(() => this.scope.dispatchEvent(new this.scope.MessageEvent("message", { data })));
    }

    terminate() {}
  }

  // the theme's search engine looks for the second name to locate its other files
  window.Worker = window.IFrameWorker = FrameWorker;
})();
