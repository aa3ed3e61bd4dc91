// Light or dark, as the page around says: by an attribute of an ancestor, else by its color-scheme.

const ATTRIBUTES = ["data-theme", "data-md-color-scheme", "data-jp-theme-light", "data-bs-theme"];

/**
 * Keep the element's attribute data-scheme equal to the theme of the page around it.
 * @param {HTMLElement} element
 * @returns {() => void}
 */
export function followTheme(element) {
  const update = () => {
    const scheme = schemeAround(element);
    if (scheme) element.dataset.scheme = scheme;
    else delete element.dataset.scheme;
  };
  const observer = new MutationObserver(update);
  for (const ancestor of ancestors(element)) {
    observer.observe(ancestor, { attributes: true, attributeFilter: ATTRIBUTES });
  }
  update();
  return () => observer.disconnect();
}

/** @param {HTMLElement} element @returns {"light" | "dark" | null} */
function schemeAround(element) {
  for (const ancestor of ancestors(element)) {
    for (const name of ATTRIBUTES) {
      const value = ancestor.getAttribute(name);
      if (value === null) continue;
      if (name === "data-jp-theme-light") return value === "true" ? "light" : "dark";
      if (/dark|slate|night/.test(value)) return "dark";
      if (/light|default|day/.test(value)) return "light";
    }
  }
  return null;
}

/** @param {Element} element @returns {Generator<Element>} */
function* ancestors(element) {
  for (let at = element.parentElement; at; at = at.parentElement) yield at;
}
