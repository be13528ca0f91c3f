/* The page's elements. Text goes in by textContent only. */
const Elements = (() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const slot = (name) => one(`[data-fill="${name}"]`);

  /* An element with properties and children; a child that is a string becomes text. */
  function make(name, properties = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in element) element[key] = value;
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  }

  function fill(name, ...children) {
    const element = slot(name);
    if (element) element.replaceChildren(...children);
  }

  function show(element, isShown) {
    if (element) element.hidden = !isShown;
  }

  function press(element, isPressed) {
    if (element) element.setAttribute('aria-pressed', isPressed ? 'true' : 'false');
  }

  const act = (name) => one(`[data-act="${name}"]`);

  return { one, all, slot, make, fill, show, press, act };
})();

/* The line under the texts: what happened, for two seconds, and what stays true. */
const Line = (() => {
  let timer = 0;

  function say(text, isLasting = false) {
    clearTimeout(timer);
    Elements.fill('said', text);
    const said = Elements.slot('said');
    if (said) said.dataset.tone = isLasting ? 'lasting' : 'passing';
    if (!isLasting) timer = setTimeout(() => Elements.fill('said', ''), 2000);
  }

  function keep(text, tone) {
    const kept = Elements.slot('kept');
    if (!kept || kept.textContent === text) return;
    kept.textContent = text;
    kept.dataset.tone = tone;
  }

  const clock = (date = new Date()) => [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0')).join(':');

  return { say, keep, clock };
})();
