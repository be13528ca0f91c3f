/* What a reader does to the texts themselves: marking errors, and writing a better version. */
Object.assign(Judge.prototype, {
  /* Opens the choice of an error's kind; the words selected, if any, are what it is about. */
  mark() {
    if (!this.shown) return;
    this.calm();
    this.marking = this.view.selection();
    const form = Elements.slot('marking');
    Elements.show(form, true);
    Elements.show(Elements.act('mark'), false);
    const side = Elements.one('#mark-side');
    if (this.marking) side.value = this.marking.side;
    else if (this.dock.choice === 'left') side.value = 'right';
    side.disabled = Boolean(this.marking);
    Elements.one('#mark-category').focus();
  },

  addMark() {
    const error = {
      side: Elements.one('#mark-side').value, category: Elements.one('#mark-category').value,
      significant: Elements.one('#mark-significant').checked,
    };
    if (this.marking) error.range = this.marking.range;
    this.closeMarking();
    this.dock.addError(error);
    Keys.leave();
  },

  closeMarking() {
    this.marking = null;
    Elements.one('#mark-significant').checked = false;
    Elements.show(Elements.slot('marking'), false);
    Elements.show(Elements.act('mark'), true);
  },

  /* Opens the preferred text for correction; again, the other one. */
  edit() {
    if (!this.shown) return;
    this.calm();
    const { choice } = this.dock;
    const isOpen = (side) => Boolean(this.revising && this.revising[side] !== undefined);
    const first = choice === 'right' ? 'right' : 'left';
    const side = isOpen(first) && choice !== 'left' && choice !== 'right' ? 'right' : first;
    this.revise({ ...this.revising, [side]: isOpen(side) ? this.revising[side] : this.shown.case[side] });
    Elements.one(`[data-revision="${side}"]`).focus();
  },

  /* Which texts have an editor, with what in it. */
  revise(texts) {
    this.revising = texts;
    for (const area of Elements.all('[data-revision]')) {
      const side = area.dataset.revision;
      const isOpen = Boolean(texts) && texts[side] !== undefined;
      const box = area.closest('.revision');
      if (isOpen && box.hidden) {
        area.value = texts[side];
        area.oninput = () => Connection.setDirty(`revision ${side}`, area.value !== this.shown.case[side]);
      }
      Elements.show(box, isOpen);
      if (!isOpen) Connection.setDirty(`revision ${side}`, false);
    }
  },

  /* Sends the corrected versions before the answer. */
  sendRevisions(entry, clock) {
    if (!this.revising) return;
    for (const area of Elements.all('[data-revision]')) {
      const side = area.dataset.revision;
      if (this.revising[side] === undefined || area.value === entry.case[side] || !area.value.trim()) continue;
      const body = {
        side, text: area.value, key: Connection.key(), active_ms: clock.circumstances().active_ms,
      };
      Connection.send(`/api/v1/presentations/${entry.case.presentation}/edit`, body)
        .catch((error) => Line.say(`Your version was refused: ${error.message} ${error.remedy}`, true));
      Connection.setDirty(`revision ${side}`, false);
    }
  },
});
