// Runs before anything is drawn, so that a dark page never flashes white.
(() => {
  const kept = () => {
    try {
      return localStorage.getItem("wingbeat-color-scheme");
    } catch {
      return null; // A browser may keep nothing, and not even let one ask.
    }
  };
  const dark =
    kept() === "dark" || (kept() !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.mantineColorScheme = dark ? "dark" : "light";
})();
