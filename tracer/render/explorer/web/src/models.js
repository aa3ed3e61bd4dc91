// The models that one explorer shows, one at a time: their names, and how their data is loaded.
import { signal } from "@preact/signals";
import { readDocument } from "./document.js";

/** `data` selects the element with the data, which `script` puts into the page.
 * @typedef {{name: string, title: string, data: string, script: string}} Choice */
/** @typedef {{choices: Choice[], chosen: import("@preact/signals").Signal<string>, failed: import("@preact/signals").Signal<string>, choose: (name: string) => Promise<void>}} Models */

/** What is being loaded or is there already. @type {Map<string, Promise<void>>} */
const scripts = new Map();

/**
 * The models of the attribute `choices`, of which that with these data is shown.
 * @param {HTMLElement} element
 * @param {(doc: import("./document.js").ExplorerDocument) => void} show
 * @returns {Models | null}
 */
export function modelsOf(element, show) {
  /** @type {Choice[]} */
  const choices = JSON.parse(element.getAttribute("choices") ?? "[]");
  if (!choices.length) return null;
  const first = choices.find(({ data }) => data === element.getAttribute("data")) ?? choices[0];
  const [chosen, failed] = [signal(first.name), signal("")];
  let wanted = first.name;
  return {
    choices,
    chosen,
    failed,
    choose: async (name) => {
      const choice = choices.find((one) => one.name === name);
      if (!choice) return;
      wanted = name;
      failed.value = "";
      try {
        const doc = await dataOf(choice);
        if (wanted !== name) return; // another one was chosen meanwhile
        chosen.value = name;
        show(doc);
      } catch {
        failed.value = choice.title;
      }
    },
  };
}

/** @param {Choice} choice */
async function dataOf({ data, script }) {
  if (!document.querySelector(data)) await loaded(script);
  return readDocument(/** @type {Element} */ (document.querySelector(data)));
}

/** Run a script, once however often it is asked for; a page from a disk can load nothing else.
 * @param {string} address
 */
function loaded(address) {
  const known = scripts.get(address);
  if (known) return known;
  const loading = new Promise((/** @type {(done: void) => void} */ done, fail) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => done();
    script.onerror = () => {
      scripts.delete(address); // it may be there the next time
      script.remove();
      fail(new Error(`${address} was not loaded.`));
    };
    document.head.append(script);
  });
  scripts.set(address, loading);
  return loading;
}
