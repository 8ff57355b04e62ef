// Runs before the first paint: puts the chosen theme on the page, so that nobody who chose dark sees a white flash.
try {
  const theme = localStorage.getItem('bygone.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be refused: then the system's theme stands.
}
