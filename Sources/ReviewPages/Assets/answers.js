/* The reader's own answers, one step back or forward; the open case waits meanwhile. */
class OwnAnswers {
  constructor(judge) {
    this.judge = judge;
    this.forget();
  }

  /* What was answered has changed. */
  forget() {
    this.list = null;
    this.at = -1;
  }

  async step(by) {
    const { judge } = this;
    judge.calm(false);
    try {
      if (!this.list) {
        const { judgements } = await Connection.ask('/api/v1/judgements');
        this.list = judgements.filter((item) => item.kind === judge.kind);
      }
      const at = this.at + by;
      if (at < -1) { Line.say('This is the open case'); return; }
      if (at >= this.list.length) { Line.say('No answer before this one'); return; }
      if (at === -1) { this.leave(); return; }
      const { presentation, choice, strength } = this.list[at];
      const found = await Connection.ask(`/api/v1/presentations/${presentation}`);
      if (this.at === -1 && judge.open) judge.open.answer = judge.draft;
      this.at = at;
      judge.show({ case: found.case, answer: found.answer }, true);
      Line.say(`Answer ${at + 1} of your last ${this.list.length}: ${Dock.describe(choice, strength)}. Esc goes back`, true);
    } catch (error) {
      Line.say(error instanceof Unreached ? 'No connection' : `${error.message} ${error.remedy}`, true);
    }
  }

  /* Back to the open case. */
  leave() {
    this.at = -1;
    if (this.judge.open) this.judge.show(this.judge.open);
    else this.judge.next();
    Line.say('The open case');
  }
}
