/* The answer that is being given: choice, strength, reasons, marked errors, note. */
class Dock {
  static words = {
    left: 'left', right: 'right', both_good: 'both good', both_bad: 'both bad', skip: 'skipped',
    cannot_judge: 'cannot judge', exclude: 'left out',
  };
  static strengths = { 0: 'negligibly better', 1: 'slightly better', 2: 'better', 3: 'significantly better' };

  constructor(choices, changed) {
    this.choices = choices;
    this.changed = changed;
    this.note = Elements.one('#note');
    this.clear();
    for (const choice of choices) Elements.act(choice).addEventListener('click', (event) => this.choose(choice, event));
    for (const input of Elements.all('input[name="strength"]')) {
      input.addEventListener('change', () => this.setStrength(Number(input.value)));
    }
    for (const button of Elements.all('[data-criterion]')) {
      button.addEventListener('click', () => this.turn(button.dataset.criterion));
      button.addEventListener('keydown', (event) => this.steer(event, button));
    }
    Elements.slot('dock').addEventListener('submit', (event) => event.preventDefault());
  }

  /* An answer as the API has it, or none. */
  clear(answer = null, note = '') {
    this.choice = answer ? answer.choice : null;
    this.strength = answer ? answer.strength : null;
    this.criteria = new Map((answer ? answer.criteria || [] : []).map((item) => [item.criterion, item.winner]));
    this.errors = answer ? [...(answer.errors || [])] : [];
    this.note.value = (answer && answer.comment) || note || '';
    this.render();
  }

  choose(choice, event) {
    const isSided = choice === 'left' || choice === 'right';
    if (this.choice === choice && isSided) this.strength = (this.strength || 0) % 3 + 1;
    else {
      this.choice = choice;
      this.strength = isSided ? 1 : null;
    }
    this.render();
    // After a click of the mouse, Enter shall save and not press the same button again.
    if (event && event.detail > 0) Keys.leave();
    this.changed('choice');
  }

  setStrength(strength) {
    this.strength = strength;
    this.render();
    this.changed('choice');
  }

  /* A criterion: not named, left, right, equal, and round again; two at most are named. */
  turn(name) {
    const order = [undefined, 'left', 'right', null];
    const at = order.indexOf(this.criteria.has(name) ? this.criteria.get(name) : undefined);
    this.setCriterion(name, order[(at + 1) % order.length]);
  }

  setCriterion(name, winner) {
    if (winner === undefined) this.criteria.delete(name);
    else if (this.criteria.has(name) || this.criteria.size < 2) this.criteria.set(name, winner);
    else Line.say('Two reasons at most: take one away first.');
    this.render();
    this.changed('criteria');
  }

  steer(event, button) {
    const buttons = Elements.all('[data-criterion]');
    const at = buttons.indexOf(button);
    const name = button.dataset.criterion;
    const steps = {
      ArrowLeft: () => this.setCriterion(name, 'left'),
      ArrowRight: () => this.setCriterion(name, 'right'),
      ArrowDown: () => buttons[(at + 1) % buttons.length].focus(),
      ArrowUp: () => buttons[(at + buttons.length - 1) % buttons.length].focus(),
      t: () => buttons[(at + 1) % buttons.length].focus(),
      Escape: () => Keys.leave(),
    };
    if (!steps[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    steps[event.key]();
  }

  addError(error) {
    this.errors.push(error);
    this.render();
    this.changed('errors');
  }

  removeError(index) {
    this.errors.splice(index, 1);
    this.render();
    this.changed('errors');
  }

  render() {
    for (const choice of this.choices) Elements.press(Elements.act(choice), this.choice === choice);
    const isSided = this.choice === 'left' || this.choice === 'right';
    const strengths = Elements.slot('strengths');
    strengths.disabled = !isSided;
    for (const input of Elements.all('input', strengths)) input.checked = Number(input.value) === this.strength;
    for (const button of Elements.all('[data-criterion]')) {
      const name = button.dataset.criterion;
      const isNamed = this.criteria.has(name);
      const winner = isNamed ? this.criteria.get(name) : undefined;
      const words = { left: 'left', right: 'right' }[winner] || (isNamed ? 'equal' : '\u2013');
      Elements.one('b', button).textContent = words;
      button.setAttribute('aria-label', `${button.dataset.label}: ${isNamed ? words : 'not named'}`);
      button.dataset.winner = isNamed ? words : '';
    }
    this.renderErrors();
  }

  renderErrors() {
    const list = Elements.slot('marks');
    if (!list) return;
    const labels = Object.fromEntries(Elements.all('#mark-category option').map((option) => [option.value, option.text]));
    list.replaceChildren(...this.errors.map((error, index) => {
      const words = `${index + 1} ${error.side}: ${labels[error.category]}`;
      const button = Elements.make('button', { type: 'button' }, words, error.significant ? ' !' : '', ' \u00d7');
      button.setAttribute('aria-label', `Remove mark ${words}${error.significant ? ', significant' : ''}`);
      button.addEventListener('click', () => this.removeError(index));
      return Elements.make('li', {}, button);
    }));
  }

  /* The answer for the API, without the error marks, whose places only the page knows. */
  get body() {
    const body = { choice: this.choice };
    if (this.strength !== null && (this.choice === 'left' || this.choice === 'right')) body.strength = this.strength;
    if (this.note.value.trim()) body.comment = this.note.value;
    return body;
  }

  static describe(choice, strength) {
    const words = Dock.words[choice] || choice;
    return strength === null || strength === undefined ? words : `${words}, ${Dock.strengths[strength]}`;
  }
}
