/* The time that a case takes, in three kinds: at work, nothing happens (after half a minute), page hidden. */
class Clock {
  static restAfter = 30000;

  constructor() {
    this.begun = performance.now();
    this.marked = this.begun;
    this.touched = this.begun;
    this.wasHidden = document.hidden;
    this.firstAction = null;
    this.isRunning = true;
    this.times = { active: 0, idle: 0, hidden: 0 };
    Clock.current = this;
  }

  account() {
    if (!this.isRunning) return;
    const now = performance.now();
    if (this.wasHidden) this.times.hidden += now - this.marked;
    else {
      const rest = Math.min(Math.max(this.touched + Clock.restAfter, this.marked), now);
      this.times.active += rest - this.marked;
      this.times.idle += now - rest;
    }
    this.marked = now;
    this.wasHidden = document.hidden;
  }

  touch(isAction) {
    this.account();
    this.touched = performance.now();
    if (isAction && this.firstAction === null) this.firstAction = this.touched - this.begun;
  }

  pause() {
    this.account();
    this.isRunning = false;
  }

  resume() {
    this.marked = performance.now();
    this.touched = this.marked;
    this.wasHidden = document.hidden;
    this.isRunning = true;
    Clock.current = this;
  }

  /* For the API. */
  circumstances() {
    this.account();
    const whole = (value) => Math.min(604800000, Math.max(0, Math.round(value)));
    const result = {
      active_ms: whole(this.times.active), idle_ms: whole(this.times.idle), hidden_ms: whole(this.times.hidden),
    };
    if (this.firstAction !== null) result.first_action_ms = whole(this.firstAction);
    return result;
  }

  get restedFor() { return performance.now() - this.touched; }

  static watch() {
    const touch = (isAction) => () => {
      Clock.touched = performance.now();
      if (Clock.current) Clock.current.touch(isAction);
    };
    for (const name of ['keydown', 'pointerdown']) document.addEventListener(name, touch(true), true);
    for (const name of ['pointermove', 'wheel', 'scroll']) {
      document.addEventListener(name, touch(false), { capture: true, passive: true });
    }
    document.addEventListener('visibilitychange', () => { if (Clock.current) Clock.current.account(); });
  }
}
Clock.current = null;
Clock.touched = 0;
