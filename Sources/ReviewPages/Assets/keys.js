/* Keys press the page's own buttons: which, is said by their aria-keyshortcuts. */
const Keys = (() => {
  const isField = (element) => Boolean(element) && (element.matches('textarea, select, [contenteditable]')
    || (element.matches('input') && !['radio', 'checkbox', 'button', 'submit'].includes(element.type)));
  const isShown = (element) => !element.disabled && element.getClientRects().length > 0;

  function start() {
    for (const element of Elements.all('[aria-keyshortcuts]')) {
      element.dataset.key = element.getAttribute('aria-keyshortcuts');
    }
    describe();
    document.addEventListener('overread-settings', describe);
    document.addEventListener('keydown', pressed);
  }

  /* Tells assistive technology the keys as they are set. */
  function describe() {
    const mode = Settings.get('keys');
    for (const element of Elements.all('[data-key]')) {
      const key = element.dataset.key;
      if (key.includes('+')) continue;
      if (mode === 'off') element.removeAttribute('aria-keyshortcuts');
      else element.setAttribute('aria-keyshortcuts', mode === 'alt' ? `Alt+${key}` : key);
    }
  }

  function pressed(event) {
    if (event.defaultPrevented || event.isComposing || Elements.one('dialog[open]')) return;
    const target = event.target instanceof Element ? event.target : null;
    if (event.key === 'Enter' && event.ctrlKey) {
      const save = Elements.act('save');
      if (save && isShown(save)) { event.preventDefault(); save.click(); }
      return;
    }
    if (isField(target)) {
      if (event.key === 'Escape') {
        event.preventDefault();
        leave();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    const mode = Settings.get('keys');
    if (mode === 'off' || event.altKey !== (mode === 'alt')) return;
    const isButton = Boolean(target) && target.matches('button, a[href], summary, input');
    if (isButton && (event.key === 'Enter' || event.key === ' ')) return;
    if (target && target.matches('input[type="radio"]') && event.key.startsWith('Arrow')) return;
    const found = find(event);
    if (!found) return;
    event.preventDefault();
    if (event.repeat) return;
    if (found.matches('textarea') || found.dataset.criterion) found.focus();
    else found.click();
  }

  function find(event) {
    let key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.altKey && event.code) {
      const code = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code);
      if (code) key = code[1].toLowerCase();
    }
    return Elements.all('[data-key]').find((element) => element.dataset.key === key && isShown(element));
  }

  /* Back from a field to the case. */
  function leave() {
    const main = Elements.one('main');
    if (main) main.focus({ preventScroll: true });
  }

  return { start, leave };
})();

/* The list of keys and the settings. */
const Help = (() => {
  function start() {
    const dialog = Elements.one('#help');
    const button = Elements.act('help');
    if (!dialog || !button) return;
    button.addEventListener('click', () => dialog.showModal());
    Elements.act('close-help').addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', Keys.leave);
  }
  return { start };
})();
