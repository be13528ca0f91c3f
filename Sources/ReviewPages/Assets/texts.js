/* What can be said of texts without a screen. Strings are compared unit by unit, as JavaScript does: no two different
   byte sequences are ever taken for the same. */
const Texts = (() => {
  const known = new RegExp(
    '^(indication|clinical (?:history|information|indication)|history|technique|procedure|exam(?:ination)?|contrast|'
    + 'comparison|findings?|impressions?|conclusions?|opinion|summary|addendum|recommendations?|'
    + 'befund|beurteilung|fragestellung|indikation|technik|vergleich|resultats?|conclusion)$', 'i');
  const heading = /^[ \t]*(?:\*\*|#+ )?([\p{L}][\p{L}\p{M}\p{N} /&()-]{1,47}?)(?:\*\*)?[ \t]*:/u;
  const token = /[\p{L}\p{N}\p{M}]+|\s+|[^\p{L}\p{N}\p{M}\s]/gu;

  const isImpression = (part) => /^(impressions?|conclusions?|opinion|summary|beurteilung)$/.test(part.key);

  /* The heading that a line begins with, or null: one of those known, or a name in capitals. */
  function headingOf(line) {
    const match = heading.exec(line);
    if (!match) return null;
    const name = match[1].trim();
    const isCapital = name === name.toUpperCase() && name !== name.toLowerCase() && name.length > 2;
    return known.test(name) || isCapital ? { name, length: match[0].length } : null;
  }

  /* A text's sections in order: the heading's and the body's places in it. Together they cover the whole text. */
  function sections(text) {
    const found = [{ key: '', heading: [0, 0], body: [0, 0] }];
    let at = 0;
    for (const line of text.split('\n')) {
      const head = headingOf(line);
      if (head) {
        found[found.length - 1].body[1] = at;
        found.push({
          key: head.name.toLowerCase(), heading: [at, at + head.length], body: [at + head.length, text.length],
        });
      }
      at += line.length + 1;
    }
    found[found.length - 1].body[1] = text.length;
    if (found.length > 1 && text.slice(...found[0].body).trim() === '') {
      found[1].heading[0] = 0;
      found.shift();
    }
    return found;
  }

  /* Which of two lists' items stay, by a longest common subsequence; over the limit only both ends are compared. */
  function common(a, b, limit = 4000000) {
    const keptA = new Array(a.length).fill(-1);
    const keptB = new Array(b.length).fill(-1);
    const keep = (i, j) => { keptA[i] = j; keptB[j] = i; };
    let start = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) { keep(start, start); start += 1; }
    let endA = a.length;
    let endB = b.length;
    while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) { endA -= 1; endB -= 1; keep(endA, endB); }
    const rows = endA - start;
    const columns = endB - start;
    if (rows === 0 || columns === 0 || rows * columns > limit) return { keptA, keptB };
    const width = columns + 1;
    const lengths = new Uint16Array((rows + 1) * width);
    for (let i = rows - 1; i >= 0; i -= 1) {
      for (let j = columns - 1; j >= 0; j -= 1) {
        lengths[i * width + j] = a[start + i] === b[start + j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      }
    }
    let i = 0;
    let j = 0;
    while (i < rows && j < columns) {
      if (a[start + i] === b[start + j]) {
        keep(start + i, start + j);
        i += 1;
        j += 1;
      } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
      else j += 1;
    }
    return { keptA, keptB };
  }

  /* Words, runs of white space, and single other signs; joined they are the text. */
  const words = (text) => text.match(token) || [];

  /* The difference as pieces in order: same, gone (only in the old text), come (only in the new one). */
  function difference(old, fresh) {
    const a = words(old);
    const b = words(fresh);
    const { keptA, keptB } = common(a, b);
    const pieces = [];
    const add = (kind, text) => {
      const last = pieces[pieces.length - 1];
      if (last && last.kind === kind) last.text += text;
      else pieces.push({ kind, text });
    };
    let i = 0;
    let j = 0;
    while (i < a.length || j < b.length) {
      if (i < a.length && keptA[i] < 0) { add('gone', a[i]); i += 1; }
      else if (j < b.length && keptB[j] < 0) { add('come', b[j]); j += 1; }
      else { add('same', a[i]); i += 1; j += 1; }
    }
    return pieces;
  }

  /* The places of the words that only one side has. What stands between two of them and is no word belongs to them;
     white space at their ends does not, unless there is nothing else. */
  function onlyIn(pieces, kind, offset) {
    const text = pieces.filter((piece) => piece.kind === 'same' || piece.kind === kind).map((piece) => piece.text).join('');
    const places = [];
    let at = offset;
    let space = null;
    for (const piece of pieces) {
      if (piece.kind === kind) {
        const last = places[places.length - 1];
        if (last && (last[1] === at || (space && space[0] === last[1] && space[1] === at))) last[1] = at + piece.text.length;
        else places.push([at, at + piece.text.length]);
        at += piece.text.length;
        space = null;
      } else if (piece.kind === 'same') {
        space = /[\p{L}\p{N}]/u.test(piece.text) ? null : [at, at + piece.text.length];
        at += piece.text.length;
      }
    }
    return places.map(([start, end]) => {
      const part = text.slice(start - offset, end - offset);
      if (part.trim() === '') return [start, end];
      return [start + part.length - part.trimStart().length, end - (part.length - part.trimEnd().length)];
    });
  }

  /* The headings that sections are aligned by: a text that has none at all stands beside the other's impression. */
  function keys(own, other) {
    if (own.length > 1 || own[0].key !== '') return own.map((part) => part.key);
    return [(other.find(isImpression) || other[0]).key];
  }

  /* Two texts row by row: sections with the same heading stand side by side, in an order that keeps both texts' own. */
  function align(left, right) {
    const a = sections(left);
    const b = sections(right);
    const { keptA, keptB } = common(keys(a, b), keys(b, a));
    const rows = [];
    let i = 0;
    let j = 0;
    while (i < a.length || j < b.length) {
      if (i < a.length && keptA[i] < 0) { rows.push({ left: a[i], right: null }); i += 1; }
      else if (j < b.length && keptB[j] < 0) { rows.push({ left: null, right: b[j] }); j += 1; }
      else { rows.push({ left: a[i], right: b[j] }); i += 1; j += 1; }
    }
    return rows;
  }

  /* The words that each of two aligned texts has alone. */
  function compare(left, right) {
    const result = { left: [], right: [] };
    for (const row of align(left, right)) {
      const of = (text, part) => (part ? text.slice(part.heading[0], part.body[1]) : '');
      const pieces = difference(of(left, row.left), of(right, row.right));
      if (row.left) result.left.push(...onlyIn(pieces, 'gone', row.left.heading[0]));
      if (row.right) result.right.push(...onlyIn(pieces, 'come', row.right.heading[0]));
    }
    return result;
  }

  /* The place in UTF-8 of a place in the string. */
  const bytes = (text, index) => new TextEncoder().encode(text.slice(0, index)).length;

  /* The place in the string of a place in UTF-8. */
  const index = (text, byte) =>
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text).slice(0, byte)).length;

  return { sections, common, words, difference, onlyIn, align, compare, bytes, index, isImpression };
})();
