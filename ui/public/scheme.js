// Runs before anything is drawn, so that a dark page never flashes white.
(() => {
  const kept = localStorage.getItem("wingbeat-color-scheme");
  const dark = kept === "dark" || (kept !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.mantineColorScheme = dark ? "dark" : "light";
})();
