/* Two texts on the screen, row by row, with what is marked in them. */
class PairView {
  constructor() {
    this.isMarkingDifferences = false;
    this.isImpressionOnly = false;
    this.starts = new WeakMap();
    this.texts = { left: '', right: '' };
    this.errors = [];
  }

  set(texts, errors = []) {
    this.texts = texts;
    this.errors = errors;
    this.render();
  }

  toggleDifferences() {
    this.isMarkingDifferences = !this.isMarkingDifferences;
    Elements.press(Elements.act('diff'), this.isMarkingDifferences);
    this.render();
  }

  toggleWhole() {
    this.isImpressionOnly = !this.isImpressionOnly;
    Elements.press(Elements.act('whole'), this.isImpressionOnly);
    this.render();
  }

  render() {
    const { left, right } = this.texts;
    let rows = Texts.align(left, right);
    if (this.isImpressionOnly) {
      // A side without an impression of its own is shown whole.
      const has = (side) => rows.some((row) => row[side] && Texts.isImpression(row[side]));
      const kept = (row, side, isCut) => (isCut && row[side] && !Texts.isImpression(row[side]) ? null : row[side]);
      const [isLeftCut, isRightCut] = [has('left'), has('right')];
      rows = rows.map((row) => ({ left: kept(row, 'left', isLeftCut), right: kept(row, 'right', isRightCut) }))
        .filter((row) => row.left || row.right);
    }
    const only = this.isMarkingDifferences ? Texts.compare(left, right) : { left: [], right: [] };
    Elements.slot('answers').style.gridTemplateRows = `auto repeat(${rows.length}, auto) 1fr`;
    for (const side of ['left', 'right']) this.renderSide(side, rows, only[side]);
  }

  renderSide(side, rows, only) {
    const place = Elements.slot(side);
    const article = place.closest('article');
    article.style.gridRow = `1 / span ${rows.length + 2}`;
    place.replaceChildren(...rows.map((row, index) => {
      const part = row[side];
      const box = Elements.make('section', { className: 'part' });
      box.style.gridRow = String(index + 2);
      if (!part) {
        box.classList.add('absent');
        return box;
      }
      if (part.heading[1] > part.heading[0]) {
        const head = Elements.make('h3');
        head.append(...this.runs(side, part.heading, only));
        box.append(head);
      }
      const body = Elements.make('div', { className: 'body', dir: 'auto' });
      body.append(...this.runs(side, this.trimmed(side, part.body), only));
      box.append(body);
      return box;
    }));
  }

  /* A body without the line feeds at its ends; what stands inside stays as it is. */
  trimmed(side, [start, end]) {
    const text = this.texts[side].slice(start, end);
    return [start + (text.length - text.trimStart().length), end - (text.length - text.trimEnd().length)];
  }

  /* Pieces of text, cut where a mark begins or ends. */
  runs(side, [start, end], only) {
    const text = this.texts[side];
    const errors = this.errors.map((error, number) => ({ error, number: number + 1 }))
      .filter(({ error }) => error.side === side && error.range);
    const cuts = new Set([start, end]);
    for (const [from, to] of [...only, ...errors.map(({ error }) => error.range)]) {
      for (const cut of [from, to]) if (cut > start && cut < end) cuts.add(cut);
    }
    const places = [...cuts].sort((a, b) => a - b);
    const nodes = [];
    for (let i = 0; i + 1 < places.length; i += 1) {
      const [from, to] = [places[i], places[i + 1]];
      const node = document.createTextNode(text.slice(from, to));
      this.starts.set(node, from);
      const isOnly = only.some(([a, b]) => a <= from && to <= b);
      const marked = errors.find(({ error }) => error.range[0] <= from && to <= error.range[1]);
      let shown = node;
      if (isOnly) {
        const range = only.find(([a, b]) => a <= from && to <= b);
        shown = Elements.make('mark', { className: 'only' }, node);
        if (range[0] === from || from === start) shown.classList.add('first');
        if (range[1] === to || to === end) shown.classList.add('last');
      }
      if (marked) {
        shown = Elements.make('mark', { className: 'wrong' }, shown);
        if (marked.error.range[1] === to) shown.dataset.number = String(marked.number);
      }
      nodes.push(shown);
    }
    return nodes;
  }

  /* The words selected in one of the texts: its side and their place in it; null where none are. */
  selection() {
    const selection = window.getSelection();
    if (!selection || selection.rangeCount === 0 || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    for (const side of ['left', 'right']) {
      const place = Elements.slot(side);
      if (!place.contains(range.startContainer) || !place.contains(range.endContainer)) continue;
      let start = Infinity;
      let end = -1;
      const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!this.starts.has(node) || !range.intersectsNode(node)) continue;
        const first = node === range.startContainer ? range.startOffset : 0;
        const last = node === range.endContainer ? range.endOffset : node.length;
        if (first === last) continue;
        start = Math.min(start, this.starts.get(node) + first);
        end = Math.max(end, this.starts.get(node) + last);
      }
      const text = this.texts[side];
      const isInside = (at) => /[\uDC00-\uDFFF]/.test(text[at] || '') && /[\uD800-\uDBFF]/.test(text[at - 1] || '');
      if (isInside(start)) start -= 1;
      if (isInside(end)) end += 1;
      if (start < end) return { side, range: [start, end] };
    }
    return null;
  }
}

/* What all pages of work show of a case: the exam, what was asked, the way to the images. */
const CaseHead = (() => {
  let opened = false;

  function set(entry, fallback) {
    const exam = [entry.exam.modality, entry.exam.body_part].filter(Boolean).join(' \u00b7 ');
    Elements.fill('exam', exam || fallback);
    Elements.fill('context', ...entry.context.map((part) => {
      const box = Elements.make('section', { className: 'part' });
      if (part.heading) box.append(Elements.make('h2', {}, part.heading));
      box.append(Elements.make('div', { className: 'body', dir: 'auto' }, part.text.trim()));
      return box;
    }));
    const context = Elements.slot('context');
    if (context) context.scrollTop = 0;
    opened = false;
    const link = Elements.act('study');
    const address = safe(entry.viewer);
    if (link) {
      if (address) link.href = address;
      else link.removeAttribute('href');
      Elements.show(link, Boolean(address));
    }
  }

  /* Only an address of the web is ever followed. */
  function safe(address) {
    if (!address) return null;
    try {
      const url = new URL(address, location.href);
      return ['https:', 'http:'].includes(url.protocol) ? url.href : null;
    } catch {
      return null;
    }
  }

  function noteOpened() { opened = true; }

  return { set, noteOpened, wasOpened: () => opened };
})();
