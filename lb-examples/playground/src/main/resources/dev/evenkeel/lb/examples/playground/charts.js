// Charts of the last minute, as SVG. A chart is given what it has to show, and draws all of it anew.

const NAMESPACE = 'http://www.w3.org/2000/svg';
const WIDTH = 560;
const HEIGHT = 110;
const LEFT = 38;
const TOP = 6;
const BOTTOM = 6;

function node(name, attributes, text) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Where things are: the newest frame at the right edge. */
class Plot {
  constructor(svg, frames, shown, scale) {
    this.svg = svg;
    this.frames = frames;
    this.scale = scale;
    this.step = (WIDTH - LEFT) / (shown - 1);
    this.first = shown - frames.length;
    svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    svg.replaceChildren(svg.querySelector('title'));
    for (const [value, label] of scale.marks) {
      const y = this.y(value);
      svg.append(node('line', { x1: LEFT, x2: WIDTH, y1: y, y2: y, class: 'grid' }),
        node('text', { x: LEFT - 4, y: Math.min(HEIGHT - 2, y + 4), 'text-anchor': 'end' }, label));
    }
  }

  x(index) {
    return Math.round(10 * (LEFT + (this.first + index) * this.step)) / 10;
  }

  y(value) {
    return Math.round(100 * (HEIGHT - BOTTOM - this.scale.of(value) * (HEIGHT - TOP - BOTTOM))) / 100;
  }

  /** A line of values; where there is none, a gap. */
  line(values, attributes) {
    let path = '';
    let open = false;
    values.forEach((value, index) => {
      if (value !== null) path += `${open ? 'L' : 'M'}${this.x(index)} ${this.y(value)}`;
      open = value !== null;
    });
    this.svg.append(node('path', { d: path, ...attributes }));
  }

  /** What lies between two lines. */
  area(lower, upper, attributes) {
    const above = upper.map((value, index) => `${this.x(index)},${this.y(value)}`);
    const below = lower.map((value, index) => `${this.x(index)},${this.y(value)}`).reverse();
    this.svg.append(node('polygon', { points: above.concat(below).join(' '), ...attributes }));
  }

  /** What was done, and when. */
  events(withText) {
    let row = 0;
    this.frames.forEach((frame, index) => {
      if (!frame.event) return;
      row = (row + 1) % 3; // Those that are close to each other stand one above the other.
      const x = this.x(index);
      this.svg.append(node('line', { x1: x, x2: x, y1: 0, y2: HEIGHT, class: 'event' }));
      if (withText) {
        const late = x > WIDTH - 150;
        this.svg.append(node('text',
          { x: late ? x - 3 : x + 3, y: 17 + 13 * row, 'text-anchor': late ? 'end' : 'start', class: 'told' }, frame.event));
      }
    });
  }

  title(text) {
    this.svg.querySelector('title').textContent = text;
  }
}

function linear(most, unit) {
  return { of: (value) => value / most, marks: [[0, '0'], [most / 2, `${most / 2}${unit}`], [most, `${most}${unit}`]] };
}

const LOGARITHMIC = {
  of: (value) => Math.log10(Math.min(10000, Math.max(1, value))) / 4,
  marks: [[1, '1'], [10, '10'], [100, '100'], [1000, '1 s'], [10000, '10 s']],
};

/** The next even number of 2, 4, 10, 20, 40, 100… */
function roundUp(value) {
  for (let base = 1; ; base *= 10) {
    for (const factor of [2, 4, 10]) if (value <= factor * base) return factor * base;
  }
}

const millis = (value) => (value === null ? '–' : value.toFixed(value < 10 ? 1 : 0));
const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Draws the four charts of one side; the scales are those of both. */
export function draw(section, side, frames, shown) {
  const mine = frames.map((frame) => frame.sides[side]);
  const last = mine[mine.length - 1];
  const chart = (name) => section.querySelector(`[data-chart=${name}]`);
  const seconds = 2; // ticks of half a second

  const share = new Plot(chart('share'), frames, shown, { of: (v) => v, marks: [[0, '0'], [0.5, '50 %'], [1, '100 %']] });
  let lower = mine.map(() => 0);
  last.servers.forEach((server, index) => {
    const upper = mine.map((figures, at) => lower[at] + figures.servers[index].share);
    share.area(lower, upper, { class: 'area', fill: `var(--s${index})`, 'data-server': server.name });
    lower = upper;
  });
  share.events(true);
  share.title(`share of requests: ${last.servers.map((server) => `${server.name} ${percent(server.share)}`).join(', ')}`);

  const most = Math.max(...frames.flatMap((frame) => frame.sides.flatMap((s) => s.servers.map((server) => server.inFlight))));
  const inFlight = new Plot(chart('inFlight'), frames, shown, linear(roundUp(Math.max(4, most)), ''));
  last.servers.forEach((server, index) => inFlight.line(mine.map((figures) => figures.servers[index].inFlight),
    { class: 'line', stroke: `var(--s${index})`, 'data-server': server.name }));
  inFlight.events(false);
  inFlight.title(`calls in flight: ${last.servers.map((server) => `${server.name} ${server.inFlight}`).join(', ')}`);

  const latency = new Plot(chart('latency'), frames, shown, LOGARITHMIC);
  latency.line(mine.map((figures) => figures.p50), { class: 'line mark median', 'data-line': 'p50' });
  latency.line(mine.map((figures) => figures.p99), { class: 'line mark', 'data-line': 'p99' });
  latency.events(false);
  latency.title(`latency: p50 ${millis(last.p50)} ms, p99 ${millis(last.p99)} ms`);

  const worst = Math.max(...frames.flatMap((frame) => frame.sides.map((s) => seconds * s.failed)));
  const failed = new Plot(chart('failed'), frames, shown, linear(roundUp(Math.max(4, worst)), ''));
  failed.line(mine.map((figures) => seconds * figures.failed), { class: 'line bad', 'data-line': 'failed' });
  failed.events(false);
  failed.title(`failed calls per second: ${seconds * last.failed}`);
}

export { millis, percent };
