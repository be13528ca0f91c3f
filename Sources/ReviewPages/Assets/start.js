/* Which page this is, and what it needs. */
document.addEventListener('DOMContentLoaded', () => {
  const body = document.body;
  Settings.connect();
  Keys.start();
  Help.start();
  const pages = {
    judge: () => new Judge('/api/v1/judge/next', 'judge'),
    arena: () => new Judge('/api/v1/arena/next', 'arena'),
    correct: () => new Correct(body.dataset.hints === 'on'),
    adjudicate: () => new Adjudicate(),
  };
  const make = pages[body.dataset.page];
  if (!make) return;
  Connection.start(body.dataset.csrf);
  Clock.watch();
  make().start();
});
