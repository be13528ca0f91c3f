/* A pair over which readers disagree, for a third one, who chooses before the others' answers are shown. */
class Adjudicate {
  constructor() {
    this.main = Elements.one('main');
    this.title = Elements.slot('exam').textContent;
    this.view = new PairView();
    this.dock = new Dock(['left', 'right', 'both_good', 'both_bad', 'exclude'], () => this.changed());
    this.list = [];
    this.at = -1;
    this.conflict = null;
  }

  start() {
    const acts = {
      save: () => this.commit(), clear: () => this.clear(), diff: () => this.view.toggleDifferences(),
      whole: () => this.view.toggleWhole(), previous: () => this.open(this.at - 1), next: () => this.open(this.at + 1),
      study: () => CaseHead.noteOpened(),
    };
    for (const [name, act] of Object.entries(acts)) Elements.act(name).addEventListener('click', act);
    Connection.onReturn(() => { if (!this.conflict) this.load(); });
    this.load();
  }

  async load() {
    this.instead('Loading the disagreements \u2026');
    try {
      const { conflicts } = await Connection.ask('/api/v1/conflicts');
      this.list = conflicts;
      if (conflicts.length) await this.open(0);
      else this.instead('No disagreement waits for a decision.', () => this.load());
    } catch (error) {
      this.instead(error instanceof Unreached ? 'No connection.' : `${error.message} ${error.remedy}`, () => this.load());
    }
  }

  instead(text, again) {
    this.conflict = null;
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

  async open(at) {
    if (at < 0 || at >= this.list.length) {
      Line.say(at < 0 ? 'This is the first one' : 'This is the last one');
      return;
    }
    const { pair } = this.list[at];
    try {
      const found = await Connection.ask(`/api/v1/conflicts/${pair}`);
      this.at = at;
      this.show(found);
    } catch (error) {
      Line.say(error instanceof Unreached ? 'No connection' : `${error.message} ${error.remedy}`, true);
    }
  }

  show(conflict) {
    this.conflict = conflict;
    CaseHead.set(conflict, 'Adjudicate');
    Elements.fill('remaining', `${this.at + 1} of ${this.list.length}`);
    this.dock.clear();
    this.view.set({ left: conflict.left, right: conflict.right });
    Elements.one('#basis').value = 'third_reader';
    Elements.one('#source').value = 'none';
    Elements.fill('readers', Elements.make('p', { className: 'hint' }, 'Shown once you have chosen.'));
    Elements.slot('answers').scrollTop = 0;
    this.main.dataset.state = 'case';
    Keys.leave();
  }

  changed() {
    if (!this.conflict) return;
    if (this.dock.choice) this.showReaders();
    Line.say(`${Dock.describe(this.dock.choice, this.dock.strength)} \u2013 Enter saves`, true);
  }

  showReaders() {
    Elements.fill('readers', ...this.conflict.answers.map(({ reader, answer }) => {
      const reasons = (answer.criteria || []).map((item) => `${item.criterion}: ${item.winner || 'equal'}`);
      const errors = (answer.errors || []).map((item) =>
        `${item.side}: ${item.category.replaceAll('_', ' ')}${item.significant ? ', significant' : ''}`);
      const box = Elements.make('section', { className: 'reader' },
        Elements.make('h3', {}, `Reader ${reader}`),
        Elements.make('p', {}, Elements.make('strong', {}, Dock.describe(answer.choice, answer.strength))));
      for (const line of [...reasons, ...errors]) box.append(Elements.make('p', {}, line));
      if (answer.comment) box.append(Elements.make('p', { className: 'quoted', dir: 'auto' }, answer.comment));
      return box;
    }));
  }

  clear() {
    this.dock.clear();
    Line.say('Cleared');
  }

  async commit() {
    const { conflict, dock } = this;
    if (!conflict) return;
    if (!dock.choice) {
      Line.say('Choose first: 1 left, 2 right, 0 both good, 9 both bad, x leave out', true);
      return;
    }
    const body = {
      pair: conflict.pair, revision: conflict.revision, outcome: dock.choice, basis: Elements.one('#basis').value,
    };
    const source = Elements.one('#source').value;
    if (source !== 'none') body.error_source = source;
    if (dock.body.strength !== undefined) body.strength = dock.body.strength;
    if (dock.body.comment) body.note = dock.body.comment;
    const words = Dock.describe(dock.choice, dock.strength);
    this.instead('Saving \u2026');
    try {
      await Connection.send('/api/v1/adjudications', body);
      await this.load();
      Line.say(`Decided: ${words}`);
    } catch (error) {
      await this.load();
      Line.say(`The decision was refused: ${error.message} ${error.remedy}`, true);
    }
  }
}
