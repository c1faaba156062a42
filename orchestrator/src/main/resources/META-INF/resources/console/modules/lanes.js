import { arrange, element, say } from './element.js';

const BETWEEN_LOOKS_MILLIS = 5_000;

/** The model servers and how busy they are, where the server tells. */
export class Lanes {
  #rows = new Map();

  constructor(api) {
    this.api = api;
    this.section = document.getElementById('lanes');
    this.list = document.getElementById('lane-list');
    this.timer = null;
  }

  look() {
    clearTimeout(this.timer);
    void this.#lookOnce();
  }

  pause() {
    clearTimeout(this.timer);
  }

  async #lookOnce() {
    try {
      const { lanes } = await this.api.get('/v1/lanes');
      this.#show(lanes);
    } catch (failure) {
      this.section.hidden = true;
      if (failure.status === 404 || failure.status === 401) {
        return;
      }
    }
    if (!document.hidden) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), BETWEEN_LOOKS_MILLIS);
    }
  }

  #show(lanes) {
    const rows = lanes.map((lane) => {
      if (!this.#rows.has(lane.name)) {
        this.#rows.set(lane.name, new Row(lane));
      }
      const row = this.#rows.get(lane.name);
      row.show(lane);
      return row;
    });
    arrange(this.list, rows);
    this.section.hidden = rows.length === 0;
  }
}

class Row {
  constructor(lane) {
    this.state = element('span', { class: 'lane-state' });
    this.bar = element('progress', { class: 'load', 'aria-label': `Load of ${lane.name}` });
    this.element = element(
      'li',
      { class: 'lane' },
      element('span', { class: 'lane-name' }, lane.name),
      this.state,
      this.bar,
    );
  }

  show(lane) {
    const good = lane.ready && lane.draws !== false && lane.circuit !== 'open';
    this.state.classList.toggle('away', !good);
    say(this.state, laneWords(lane, good));
    this.bar.hidden = !good || !lane.room;
    this.bar.max = Math.max(1, lane.room ?? 1);
    this.bar.value = Math.min(lane.outstanding ?? 0, this.bar.max);
  }
}

function laneWords(lane, good) {
  if (!lane.ready) {
    return 'away';
  }
  if (!good) {
    return lane.draws === false ? 'set aside: other models' : 'set aside: it failed';
  }
  if (lane.room) {
    return `${lane.outstanding} of ${lane.room} calls`;
  }
  return lane.drawing ? `${lane.drawing} being drawn` : 'idle';
}
