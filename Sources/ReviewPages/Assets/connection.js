/* What the server is told and asked. A change waits in a queue in memory until the server has said that it is kept;
   a lost connection is tried again for as long as the page is open, and leaving the page is warned of meanwhile. */
class Refused extends Error {
  constructor(status, problem) {
    super(problem.message || 'The server refused this.');
    this.status = status;
    this.code = problem.code || '';
    this.remedy = problem.remedy || '';
  }
}

class Unreached extends Error {}

const Connection = (() => {
  let csrf = '';
  let account = null;
  let idleSeconds = Infinity;
  const waiting = [];
  let isSending = false;
  let isDown = false;
  let isLoggedOut = false;
  let hasReturned = false;
  let tries = 0;
  let timer = 0;
  let lastKept = '';
  const returns = [];
  const dirty = new Set();

  /* One request. Throws Refused where the server says no, Unreached where it cannot be asked now. */
  async function request(path, body) {
    let answer;
    const control = new AbortController();
    const limit = setTimeout(() => control.abort(), 10000);
    try {
      answer = await fetch(path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: body === undefined ? {} : { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: 'same-origin', cache: 'no-store', redirect: 'error', signal: control.signal,
      });
      const value = answer.status === 204 ? {} : await answer.json().catch(() => null);
      if (answer.ok && value !== null) return value;
      if (answer.status >= 500 || answer.status === 429) throw new Unreached();
      throw new Refused(answer.status, (value && value.error) || {});
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new Unreached();
    } finally {
      clearTimeout(limit);
    }
  }

  /* Reads who is logged in; false when somebody else is, whose answers these are not. */
  async function renew() {
    const session = await request('/api/v1/session');
    if (account !== null && session.account !== account) return false;
    account = session.account;
    csrf = session.csrf;
    idleSeconds = session.idle_seconds;
    isLoggedOut = false;
    return true;
  }

  /* A request that is made again after the session's token was renewed elsewhere. */
  async function ask(path, body) {
    try {
      const value = await request(path, body);
      back();
      return value;
    } catch (error) {
      if (error instanceof Unreached) lost();
      if (error instanceof Refused && error.status === 401) loggedOut();
      if (error instanceof Refused && error.status === 403 && body !== undefined) {
        const stale = csrf;
        if (await renew().catch(() => false) && csrf !== stale) return request(path, body);
      }
      throw error;
    }
  }

  /* A change that must not be lost. Resolves when it is kept, rejects when it is refused. */
  function send(path, body) {
    return new Promise((resolve, reject) => {
      waiting.push({ path, body, resolve, reject, isUnderWay: false });
      drain();
    });
  }

  /* Takes a change back that has not been sent. */
  function withdraw(key) {
    const place = waiting.findIndex((entry) => entry.body.key === key && !entry.isUnderWay);
    if (place < 0) return false;
    waiting.splice(place, 1);
    tell();
    return true;
  }

  async function drain() {
    if (isSending) return;
    isSending = true;
    clearTimeout(timer);
    while (waiting.length && !isLoggedOut) {
      const entry = waiting[0];
      entry.isUnderWay = true;
      tell();
      try {
        const value = await ask(entry.path, entry.body);
        waiting.shift();
        noteKept();
        entry.resolve(value);
      } catch (error) {
        if (error instanceof Unreached || error.status === 401) {
          // Perhaps the server has it: it is asked with the same key, so that nothing is kept twice.
          break;
        }
        waiting.shift();
        entry.reject(error);
      }
    }
    isSending = false;
    tell();
    if (hasReturned && !waiting.length && !isDown) {
      hasReturned = false;
      for (const call of returns) call();
    }
  }

  function lost() {
    isDown = true;
    clearTimeout(timer);
    timer = setTimeout(probe, Math.min(1000 * 2 ** tries, 8000));
    tries += 1;
    tell();
  }

  function back() {
    tries = 0;
    if (!isDown) return;
    isDown = false;
    hasReturned = true;
    tell();
    drain();
  }

  async function probe() {
    clearTimeout(timer);
    try {
      await request('/api/v1/session');
    } catch (error) {
      if (error instanceof Unreached) { lost(); return; }
      if (error.status === 401) { loggedOut(); return; }
    }
    back();
  }

  function loggedOut() {
    if (!waiting.length && !dirty.size) {
      location.assign('/login');
      return;
    }
    isLoggedOut = true;
    tell();
  }

  /* Takes report text off a screen that nobody has touched for as long as a session lasts. */
  function leaveUnattended() {
    const rested = (performance.now() - Clock.touched) / 1000;
    if (rested > idleSeconds && !waiting.length && !dirty.size) location.replace('/login');
  }

  async function look() {
    if (!isLoggedOut) { if (isDown) probe(); return; }
    const isSame = await renew().catch(() => null);
    if (isSame === false) Line.say('Somebody else has logged in here: what is kept is not sent.', true);
    if (isSame) { hasReturned = true; drain(); }
    tell();
  }

  function noteKept() { lastKept = Line.clock(); }

  function setDirty(name, isDirty) {
    if (isDirty) dirty.add(name);
    else dirty.delete(name);
    tell();
  }

  function tell() {
    const count = waiting.length + dirty.size;
    const things = count === 1 ? '1 change' : `${count} changes`;
    if (isLoggedOut) Line.keep(`Logged out: ${things} kept here. Log in again in another tab, then come back.`, 'bad');
    else if (isDown) {
      Line.keep(count ? `Offline: ${things} kept here, will be sent` : 'Offline: trying again', 'bad');
    } else if (waiting.length) Line.keep('Saving \u2026', 'busy');
    else if (dirty.size) Line.keep('Typing \u2026', 'busy');
    else if (lastKept) Line.keep(`Saved ${lastKept}`, 'good');
    else Line.keep('', 'good');
  }

  function start(token) {
    csrf = token;
    window.addEventListener('online', probe);
    window.addEventListener('focus', look);
    window.addEventListener('offline', lost);
    window.addEventListener('beforeunload', (event) => {
      if (waiting.length || dirty.size) event.preventDefault();
    });
    setInterval(leaveUnattended, 15000);
    renew().catch((error) => { if (error instanceof Unreached) lost(); });
  }

  /* An id of our own for one change: the server keeps it once however often it is sent. */
  function key() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  return {
    start, ask, send, withdraw, key, setDirty, noteKept,
    onReturn: (call) => returns.push(call),
    get isDown() { return isDown; },
    get pending() { return waiting.length; },
  };
})();

/* Unfinished text, kept by the server a second after the last key. */
class Autosave {
  /* `subject[revisionName]` is the newest revision known; it is kept up to date there. */
  constructor(of, subject, idName, revisionName, read) {
    Object.assign(this, { of, subject, revisionName, read, timer: 0, isBusy: false, isWanted: false, isOver: false });
    this.id = subject[idName];
    this.name = `${of} ${this.id}`;
    this.last = read();
    Connection.onReturn(() => { if (!this.isOver && this.isWanted) this.save(); });
  }

  changed() {
    if (this.isOver) return;
    this.isWanted = this.read() !== this.last;
    Connection.setDirty(this.name, this.isWanted);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 1000);
  }

  async save() {
    if (this.isBusy || this.isOver || !this.isWanted) return;
    this.isBusy = true;
    const text = this.read();
    try {
      const saved = await Connection.ask('/api/v1/drafts', {
        of: this.of, id: this.id, text, revision: this.subject[this.revisionName] || 0,
      });
      this.subject[this.revisionName] = saved.revision;
      this.last = text;
      this.isWanted = this.read() !== text;
      Connection.noteKept();
      if (!this.isOver) Connection.setDirty(this.name, this.isWanted);
    } catch (error) {
      const { subject, revisionName } = this;
      if (error.code === 'draft.older' && this.of === 'presentation') {
        // A note from before this page was loaded; its number is not known here, and a greater one takes its place.
        subject[revisionName] = Math.max(16, 2 * (subject[revisionName] || 0));
      } else if (error.code === 'draft.committed') this.end();
      else if (error instanceof Refused && error.status !== 401) {
        Line.say(`Not saved: ${error.message} ${error.remedy}`, true);
      }
    } finally {
      this.isBusy = false;
    }
    if (this.isWanted && !this.isOver && !Connection.isDown) this.timer = setTimeout(() => this.save(), 1000);
  }

  /* The text is on its way in another form, or not wanted any more. */
  end() {
    this.isOver = true;
    clearTimeout(this.timer);
    Connection.setDirty(this.name, false);
  }
}
