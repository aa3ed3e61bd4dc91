// In a frame: light or dark as the page around it is, by the color of its text.
try {
  const around = getComputedStyle(frameElement.parentElement).color;
  const [red, green, blue] = around.match(/[\d.]+/g).map(Number);
  const isDark = 0.3 * red + 0.6 * green + 0.1 * blue > 128;
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
} catch {
  // the page around is of another origin: the preference of the browser counts
}
