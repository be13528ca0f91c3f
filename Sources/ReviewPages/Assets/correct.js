/* One draft, one editor: what is saved becomes the preferred text. */
class Correct {
  constructor(hasHints) {
    this.hasHints = hasHints;
    this.main = Elements.one('main');
    this.title = Elements.slot('exam').textContent;
    this.text = Elements.one('#text');
    this.isComparing = true;
    this.task = null;
    this.isSending = false;
  }

  start() {
    const acts = {
      save: () => this.commit(), accepted: () => this.close('accepted'), skip: () => this.close('skip'),
      cannot_judge: () => this.close('cannot_judge'), edit: () => this.text.focus(), diff: () => this.toggle(),
      restore: () => this.restore(), study: () => CaseHead.noteOpened(),
    };
    for (const [name, act] of Object.entries(acts)) Elements.act(name).addEventListener('click', act);
    Elements.press(Elements.act('diff'), true);
    Elements.slot('dock').addEventListener('submit', (event) => event.preventDefault());
    this.text.addEventListener('input', () => this.edited());
    Connection.onReturn(() => { if (!this.task) this.next(); });
    setInterval(() => this.extend(), 30000);
    this.next();
  }

  async next() {
    this.instead('Loading the next draft \u2026');
    try {
      const { task, remaining } = await Connection.ask('/api/v1/correct/next', {});
      Elements.fill('remaining', `${remaining < 100 ? remaining : 'over 99'} open for you`);
      if (task) this.show(task);
      else this.instead('No draft is left for you just now.', () => this.next());
    } catch (error) {
      if (error instanceof Unreached) this.instead('No connection. The next draft is asked for as soon as it is back.');
      else this.instead(`${error.message} ${error.remedy}`, () => this.next());
    }
  }

  instead(text, again) {
    this.task = null;
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

  show(task) {
    this.task = task;
    CaseHead.set(task, 'Draft');
    const { saved } = task;
    this.saved = { task: task.task, revision: saved ? saved.revision : 0 };
    this.text.value = saved ? saved.text : task.draft;
    this.undone = null;
    Elements.one('#reason').value = 'none';
    Elements.one('#significant').checked = false;
    this.main.dataset.state = 'case';
    this.autosave = new Autosave('task', this.saved, 'task', 'revision', () => this.text.value);
    this.clock = new Clock();
    this.compare();
    this.askHints();
    this.text.scrollTop = 0;
    if (saved) Line.say('Your unfinished text is back', true);
    Keys.leave();
  }

  edited() {
    this.autosave.changed();
    clearTimeout(this.comparing);
    this.comparing = setTimeout(() => { this.compare(); this.askHints(); }, 250);
  }

  /* The draft and the text in one column: gone words struck, new words underlined. */
  compare() {
    if (!this.task) return;
    const isChanged = this.text.value !== this.task.draft;
    const nodes = !isChanged ? [Elements.make('p', { className: 'hint' }, 'Nothing yet.')]
      : Texts.difference(this.task.draft, this.text.value).flatMap((piece) => {
        if (piece.kind === 'same') return [piece.text];
        // The mark stands at the word and not at the end of the line before it.
        const [, before, words, after] = /^(\s*)([^]*?)(\s*)$/.exec(piece.text);
        const name = piece.kind === 'gone' ? 'del' : 'ins';
        return words ? [before, Elements.make(name, {}, words), after] : [Elements.make(name, {}, before)];
      });
    if (this.isComparing) Elements.fill('changes', ...nodes);
    else Elements.fill('changes', this.task.draft);
    Elements.one('#changes-title').textContent = this.isComparing ? 'What you changed' : 'The draft as it was';
  }

  toggle() {
    this.isComparing = !this.isComparing;
    Elements.press(Elements.act('diff'), this.isComparing);
    this.compare();
  }

  restore() {
    if (!this.task) return;
    const before = this.text.value;
    this.text.value = before === this.task.draft && this.undone !== null ? this.undone : this.task.draft;
    this.undone = before;
    Line.say(this.text.value === this.task.draft ? 'The draft is back; r again takes your text back' : 'Your text is back');
    this.edited();
  }

  async askHints() {
    if (!this.hasHints || !this.task || Connection.isDown) return;
    const { task } = this.task;
    const text = this.text.value;
    try {
      const { hints } = await Connection.ask('/api/v1/hints', { task, text });
      if (!this.task || this.task.task !== task || this.text.value !== text) return;
      const items = hints.map((hint) => Elements.make('li', {}, Elements.make('code', {}, hint.rule), ' ', hint.message));
      Elements.fill('hints', ...(items.length ? items : [Elements.make('li', { className: 'fine' }, 'Nothing found.')]));
    } catch {
      Elements.fill('hints');
    }
  }

  commit() {
    if (!this.task || this.isSending) return;
    if (this.text.value === this.task.draft) {
      Line.say('Nothing is changed. If the draft is fine as it is, press a', true);
      return;
    }
    if (!this.text.value.trim()) { Line.say('The text is empty', true); return; }
    const body = {
      task: this.task.task, text: this.text.value, key: Connection.key(),
      active_ms: this.clock.circumstances().active_ms, significant: Elements.one('#significant').checked,
    };
    const reason = Elements.one('#reason').value;
    if (reason !== 'none') body.reason = reason;
    this.finish('/api/v1/corrections', body, 'Saved your correction');
  }

  async close(outcome) {
    if (!this.task || this.isSending) return;
    // Unfinished text is kept: a stray key must not cost it.
    await this.autosave.save();
    const words = { accepted: 'Saved: the draft is fine', skip: 'Skipped', cannot_judge: 'Saved: cannot judge' };
    const body = {
      task: this.task.task, outcome, key: Connection.key(), active_ms: this.clock.circumstances().active_ms,
    };
    this.finish('/api/v1/corrections/close', body, words[outcome]);
  }

  /* Sends the end of a task. The text stays in the editor until the server has it. */
  async finish(path, body, words) {
    this.isSending = true;
    const { autosave } = this;
    const kept = Connection.send(path, body);
    autosave.end();
    try {
      const reply = await kept;
      this.isSending = false;
      const count = reply.inserted_words === undefined ? ''
        : ` (${reply.inserted_words} words in, ${reply.deleted_words} out)`;
      await this.next();
      Line.say(words + count);
    } catch (error) {
      this.isSending = false;
      this.autosave = new Autosave('task', this.saved, 'task', 'revision', () => this.text.value);
      Line.say(`Not saved: ${error.message} ${error.remedy}`, true);
    }
  }

  /* Keeps the draft for this reader while there is work on it. */
  async extend() {
    const { task } = this;
    if (!task || Connection.isDown || this.clock.restedFor > 300000) return;
    if (new Date(task.lease_expires_at) - Date.now() > 90000) return;
    try {
      const lease = await Connection.ask('/api/v1/correct/extend', { task: task.task });
      task.lease_expires_at = lease.lease_expires_at;
    } catch (error) {
      if (error instanceof Refused && error.status === 409) {
        Line.say('This draft went to somebody else while you were away; copy what you need', true);
      }
    }
  }
}
