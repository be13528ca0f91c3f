/* Two texts, one answer, the next case: judging and the arena. */
class Judge {
  constructor(path, kind) {
    this.path = path;
    this.kind = kind;
    this.main = Elements.one('main');
    this.title = Elements.slot('exam').textContent;
    this.question = Elements.one('.question').textContent;
    this.view = new PairView();
    this.dock = new Dock(['left', 'right', 'both_good', 'both_bad', 'cannot_judge'], (what) => this.changed(what));
    this.ahead = [];
    this.clocks = new Map();
    this.shown = null;
    this.last = null;
    this.unsent = new Set();
    this.asking = null;
    this.history = new OwnAnswers(this);
  }

  start() {
    const acts = {
      save: () => this.commit(), clear: () => this.clear(), diff: () => this.view.toggleDifferences(),
      whole: () => this.view.toggleWhole(), skip: () => this.skip(true), undo: () => this.undo(),
      mark: () => this.mark(), 'add-mark': () => this.addMark(), edit: () => this.edit(),
      previous: () => this.history.step(1), next: () => this.history.step(-1), study: () => CaseHead.noteOpened(),
    };
    for (const [name, act] of Object.entries(acts)) {
      const element = Elements.act(name);
      if (element) element.addEventListener('click', act);
    }
    Elements.act('help').addEventListener('click', () => this.calm());
    for (const button of Elements.all('[data-act="reason"]')) {
      button.addEventListener('click', () => this.skipFor(Elements.one('span', button).textContent));
    }
    this.dock.note.addEventListener('input', () => { this.calm(); if (this.autosave) this.autosave.changed(); });
    this.dock.note.addEventListener('focus', () => this.calm());
    Connection.onReturn(() => this.resumed());
    setInterval(() => this.extendLeases(), 30000);
    this.next();
  }

  get screen() {
    return {
      layout: window.matchMedia('(max-width: 60rem)').matches ? 'rows' : 'columns', mode: Settings.get('mode'),
      theme: Settings.theme(), font_percent: Number(Settings.get('size')), width: Math.max(1, window.innerWidth),
      height: Math.max(1, window.innerHeight),
    };
  }

  /* Shows what was loaded ahead, or waits for the next case. */
  async next() {
    if (this.ahead.length) {
      this.show(this.ahead.shift());
      this.loadAhead();
      return;
    }
    this.instead('Loading the next case \u2026');
    await this.load();
    if (this.ahead.length && !this.open) this.next();
  }

  /* Asks for one more case than are held; one question at a time. */
  load() {
    if (!this.asking) this.asking = this.ask().finally(() => { this.asking = null; });
    return this.asking;
  }

  async ask() {
    const held = [this.open, ...this.ahead].filter(Boolean).map((entry) => entry.case.presentation);
    const holding = [...new Set([...held, ...this.unsent])].slice(0, 4);
    try {
      const { case: found, remaining } = await Connection.ask(this.path, { holding, screen: this.screen });
      this.remaining = remaining;
      if (found && !holding.includes(found.presentation)) this.ahead.push({ case: found, answer: null });
      else if (!this.shown) this.instead('Nothing is left for you just now.', () => this.next());
    } catch (error) {
      if (this.shown) return;
      if (error instanceof Unreached) {
        this.instead('No connection. The next case is asked for again as soon as it is back.');
      } else this.instead(`${error.message} ${error.remedy || ''}`, () => this.next());
    } finally {
      this.tellRemaining();
    }
  }

  loadAhead() {
    if (!this.ahead.length && !Connection.pending && !Connection.isDown) this.load();
  }

  /* After the connection came back. */
  resumed() {
    if (this.shown) this.loadAhead();
    else this.next();
  }

  instead(text, again) {
    this.shown = null;
    this.open = null;
    const parts = [Elements.make('p', {}, text)];
    if (again) {
      const button = Elements.make('button', { type: 'button', className: 'main' }, 'Look again');
      button.addEventListener('click', again);
      parts.push(button);
    }
    Elements.fill('instead', ...parts);
    Elements.fill('exam', this.title);
    this.main.dataset.state = 'waiting';
  }

  /* Puts a case on the screen; `isPast` for one that was answered before and is looked at again. */
  show(entry, isPast = false) {
    if (this.shown) this.clockOf(this.shown).pause();
    if (this.autosave) this.autosave.end();
    this.skip(false);
    this.shown = entry;
    if (!isPast) this.open = entry;
    const texts = { left: entry.case.left, right: entry.case.right };
    CaseHead.set(entry.case, this.kind);
    this.dock.clear(this.local(entry), entry.case.note || '');
    this.view.set(texts, this.dock.errors);
    this.revise(null);
    const note = this.dock.note;
    this.autosave = isPast ? null
      : new Autosave('presentation', entry.case, 'presentation', 'note_revision', () => note.value);
    Elements.slot('answers').scrollTop = 0;
    this.closeMarking();
    this.main.dataset.state = isPast ? 'past' : 'case';
    Elements.one('.question').textContent = isPast
      ? 'You answered this one. Another answer takes the place of yours; both stay on record.' : this.question;
    this.clockOf(entry).resume();
    this.wasDiffVisible = this.view.isMarkingDifferences;
    Keys.leave();
    this.tellRemaining();
  }

  /* An entry's answer with places in the string in the place of bytes. */
  local(entry) {
    if (!entry.answer) return null;
    const errors = (entry.answer.errors || []).map((error) => {
      if (error.range || error.start === undefined || error.start === null) return error;
      const text = entry.case[error.side];
      return { ...error, range: [Texts.index(text, error.start), Texts.index(text, error.end)] };
    });
    return { ...entry.answer, errors };
  }

  clockOf(entry) {
    const id = entry.case.presentation;
    if (!this.clocks.has(id)) this.clocks.set(id, new Clock());
    return this.clocks.get(id);
  }

  tellRemaining() {
    const left = this.remaining === undefined ? '' : `${this.remaining < 100 ? this.remaining : 'over 99'} open for you`;
    Elements.fill('remaining', left);
  }

  changed(what) {
    if (!this.shown) return;
    if (what === 'errors') this.view.set(this.view.texts, this.dock.errors);
    if (what !== 'choice') { this.calm(); return; }
    const { choice, strength } = this.dock;
    const isQuick = Settings.get('mode') === 'quick' && choice !== 'cannot_judge';
    const way = isQuick ? 'saved in a moment, Esc stops' : 'Enter saves';
    Line.say(`${Dock.describe(choice, strength)} \u2013 ${way}`, true);
    this.calm(false);
    if (isQuick) {
      this.main.dataset.quick = 'running';
      this.quick = setTimeout(() => this.commit(), 900);
    }
  }

  /* Stops the quick mode's clock. */
  calm(isTold = true) {
    if (!this.quick) return;
    clearTimeout(this.quick);
    this.quick = null;
    delete this.main.dataset.quick;
    if (isTold) Line.say(`${Dock.describe(this.dock.choice, this.dock.strength)} \u2013 not saved yet, Enter saves`, true);
  }

  clear() {
    this.calm(false);
    if (!Elements.one('.skipping').hidden) { this.skip(false); return; }
    if (this.main.dataset.state === 'past') { this.history.leave(); return; }
    this.dock.clear(null, this.dock.note.value);
    this.view.set(this.view.texts, []);
    this.revise(null);
    Line.say('Cleared');
  }

  /* Asks why, in the place of the choices. */
  skip(isOn) {
    if (isOn && !this.shown) return;
    this.calm(false);
    const [choices, reasons] = Elements.all('.choices');
    Elements.show(choices, !isOn);
    Elements.show(reasons, isOn);
    if (isOn) Line.say('Why skip? 1 to 5; Esc goes back', true);
  }

  skipFor(reason) {
    const note = this.dock.note.value.trim();
    this.dock.choice = 'skip';
    this.dock.strength = null;
    this.dock.note.value = note ? `${reason}. ${note}` : reason;
    this.commit();
  }

  commit() {
    this.calm(false);
    const entry = this.shown;
    if (!entry) return;
    if (!this.dock.choice) {
      Line.say('Choose first: 1 left, 2 right, 0 both good, 9 both bad', true);
      return;
    }
    const began = performance.now();
    const { presentation, revision } = entry.case;
    const clock = this.clockOf(entry);
    const body = {
      presentation, revision, key: Connection.key(), ...this.dock.body,
      criteria: [...this.dock.criteria].map(([criterion, winner]) => ({ criterion, winner })),
      errors: this.dock.errors.map((error) => this.wired(error, entry.case[error.side])),
      circumstances: {
        ...clock.circumstances(), diff_visible: this.wasDiffVisible || this.view.isMarkingDifferences,
        image_opened: CaseHead.wasOpened(),
      },
    };
    this.sendRevisions(entry, clock);
    if (this.autosave) this.autosave.end();
    clock.pause();
    const answer = { ...body, strength: body.strength ?? null, errors: [...this.dock.errors], comment: body.comment || '' };
    const words = Dock.describe(body.choice, body.strength);
    const last = { entry, answer, body, kept: Connection.send('/api/v1/judgements', body) };
    this.last = last;
    this.unsent.add(presentation);
    last.kept.then(() => {
      this.unsent.delete(presentation);
      this.history.forget();
      this.loadAhead();
    }, (error) => {
      this.unsent.delete(presentation);
      if (this.last === last) this.last = null;
      Line.say(`The last answer was refused: ${error.message} ${error.remedy}`, true);
      this.loadAhead();
    });
    const isPast = this.main.dataset.state === 'past';
    if (isPast) this.history.leave();
    else {
      this.open = null;
      if (this.remaining && this.remaining < 100) this.remaining -= 1;
      this.next();
    }
    Line.say(`${Connection.isDown ? 'Kept here' : 'Saved'}: ${words}. u takes it back.`);
    requestAnimationFrame(() => setTimeout(() => {
      performance.measure('overread-next', { start: began, end: performance.now() });
    }));
  }

  /* An error mark for the API: places are bytes of UTF-8 there. */
  wired(error, text) {
    const { range, ...rest } = error;
    if (!range) return rest;
    return { ...rest, start: Texts.bytes(text, range[0]), end: Texts.bytes(text, range[1]) };
  }

  async undo() {
    this.calm(false);
    const last = this.last;
    try {
      if (last && Connection.withdraw(last.body.key)) {
        this.unsent.delete(last.entry.case.presentation);
        this.takeBack(last.entry, last.answer);
        return;
      }
      if (Connection.isDown) { Line.say('No connection: undo waits until it is back', true); return; }
      const target = last ? await last.kept.then((reply) => ({ ...reply, answer: last.answer })) : await this.newest();
      if (!target) { Line.say('There is nothing to take back'); return; }
      const { case: found } = await Connection.ask('/api/v1/judgements/undo', {
        presentation: target.presentation, revision: target.revision, key: Connection.key(),
      });
      this.takeBack({ case: found }, target.answer || null);
    } catch (error) {
      Line.say(error instanceof Unreached ? 'No connection: undo waits until it is back' : `${error.message} ${error.remedy}`, true);
    }
  }

  /* The newest answer of this kind, from before this page was loaded. */
  async newest() {
    const { judgements } = await Connection.ask('/api/v1/judgements');
    return judgements.find((item) => item.kind === this.kind) || null;
  }

  takeBack(entry, answer) {
    this.last = null;
    this.history.forget();
    if (this.open && this.open.case.presentation !== entry.case.presentation) {
      this.open.answer = this.draft;
      this.ahead.unshift(this.open);
    }
    if (this.remaining < 100) this.remaining += 1;
    this.show({ ...entry, answer });
    Line.say('Taken back: answer again', true);
  }

  /* What is chosen on the screen and not saved. */
  get draft() {
    const { choice, strength, criteria, errors, note } = this.dock;
    return {
      choice, strength, criteria: [...criteria].map(([criterion, winner]) => ({ criterion, winner })),
      errors: [...errors], comment: note.value,
    };
  }

  async extendLeases() {
    if (!this.open || Connection.isDown || this.clockOf(this.open).restedFor > 300000) return;
    for (const entry of [this.open, ...this.ahead]) {
      if (new Date(entry.case.lease_expires_at) - Date.now() > 90000) continue;
      try {
        const lease = await Connection.ask('/api/v1/leases/extend', { presentation: entry.case.presentation });
        entry.case.lease_expires_at = lease.lease_expires_at;
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 409) continue;
        this.ahead = this.ahead.filter((other) => other !== entry);
        if (entry === this.open) {
          Line.say('This case went to somebody else while you were away', true);
          this.open = null;
          this.next();
        }
      }
    }
  }
}
