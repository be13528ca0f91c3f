'use strict';
/* How this browser's reader wants the pages to look and to listen.
   Four words in localStorage; text of a report is never kept there, nor in any other store of the browser. */
const Settings = (() => {
  const allowed = {
    theme: ['dark', 'light', 'system'],
    size: ['100', '115', '130'],
    keys: ['plain', 'alt', 'off'],
    mode: ['careful', 'quick'],
  };
  const values = {};
  const light = window.matchMedia('(prefers-color-scheme: light)');

  function read() {
    for (const name of Object.keys(allowed)) {
      let value = null;
      try { value = localStorage.getItem('overread.' + name); } catch { /* a browser that keeps nothing */ }
      values[name] = allowed[name].includes(value) ? value : allowed[name][0];
    }
  }

  function theme() {
    if (values.theme === 'system') return light.matches ? 'light' : 'dark';
    return values.theme;
  }

  function apply() {
    const root = document.documentElement;
    root.dataset.theme = theme();
    root.dataset.size = values.size;
    root.dataset.keys = values.keys;
    document.dispatchEvent(new Event('overread-settings'));
  }

  function set(name, value) {
    if (!allowed[name] || !allowed[name].includes(value)) return;
    values[name] = value;
    try { localStorage.setItem('overread.' + name, value); } catch { /* it holds until the page is left */ }
    apply();
  }

  /* Joins the radio buttons of the help to the settings. */
  function connect() {
    for (const group of document.querySelectorAll('[data-setting]')) {
      const name = group.dataset.setting;
      for (const input of group.querySelectorAll('input')) {
        input.checked = input.value === values[name];
        input.addEventListener('change', () => set(name, input.value));
      }
    }
  }

  read();
  apply();
  light.addEventListener('change', apply);
  return { connect, get: (name) => values[name], theme };
})();
