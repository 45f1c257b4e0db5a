// Asks for the figures at each tick, and sends what is chosen, moved and pressed.
import { draw, millis, percent } from './charts.js';

const SIDES = ['Left', 'Right'];
const SLIDERS = [
  ['millis', 1, 500, 'ms', 'milliseconds per request'],
  ['errorPercent', 0, 100, '%', 'percent of requests that fail'],
  ['capacity', 1, 32, '', 'requests at a time'],
  ['weight', 1, 20, '', 'weight'],
];
const news = document.getElementById('news');
let history;
/** The address follows what is set after this frame; never while it says what could not be set. */
let settled = 0;

async function order(what) {
  try {
    const answer = await fetch('/order', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(what),
    });
    if (!answer.ok) news.textContent = await answer.text();
    return answer.ok;
  } catch (error) {
    news.textContent = 'The program has ended.';
    return false;
  }
}

/** Sets what the address carries. */
async function follow() {
  settled = Infinity;
  const setup = location.hash.slice(1);
  if (!setup || await order({ setup })) settled = (history?.frames.at(-1)?.number ?? 0) + 1;
}

/** Does what was asked for by hand; the address follows again. */
async function ask(what) {
  if (await order(what) && settled === Infinity) settled = history.frames.at(-1).number + 1;
}

function slider(input, unit, send) {
  const output = input.parentElement.querySelector('output');
  const tell = () => { output.textContent = `${input.value} ${unit}`; };
  input.addEventListener('input', tell);
  input.addEventListener('change', () => send(Number(input.value)));
  return (value) => {
    if (document.activeElement !== input) input.value = value;
    tell();
  };
}

function cell(row, className) {
  const made = document.createElement('td');
  if (className) made.className = className;
  row.append(made);
  return made;
}

/** The controls of one server; returns what shows its figures. */
function serverRow(name, index) {
  const row = document.createElement('tr');
  const head = document.createElement('th');
  const swatch = document.createElement('span');
  head.scope = 'row';
  swatch.className = 'swatch';
  swatch.style.background = `var(--s${index})`;
  head.append(swatch, name);
  row.append(head);
  const setters = SLIDERS.map(([field, least, most, unit, label]) => {
    const at = cell(row);
    const input = Object.assign(document.createElement('input'), { type: 'range', min: least, max: most });
    input.setAttribute('aria-label', `${name}: ${label}`);
    at.append(input, ' ', document.createElement('output'));
    return [field, slider(input, unit, (value) => ask({ server: name, [field]: value }))];
  });
  const buttons = cell(row);
  for (const what of ['kill', 'hang', 'restart']) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = what;
    button.setAttribute('aria-label', `${what} ${name}`);
    button.addEventListener('click', () => ask({ server: name, do: what }));
    buttons.append(button, ' ');
  }
  const state = cell(row);
  const shares = [cell(row, 'num'), cell(row, 'num')];
  const seen = [cell(row, 'state'), cell(row, 'state')];
  document.getElementById('servers').append(row);
  return (figures, sides) => {
    for (const [field, set] of setters) set(figures[field]);
    state.textContent = figures.state;
    state.className = figures.state === 'up' ? 'good' : 'bad';
    sides.forEach((side, at) => {
      const mine = side.servers[index];
      shares[at].textContent = percent(mine.share);
      seen[at].textContent = mine.state;
      seen[at].className = `state ${mine.eligible ? 'good' : 'bad'}`;
    });
  };
}

/** The heading and the charts of one side; returns what shows its figures. */
function sideSection(title, index) {
  const section = document.getElementById('side').content.cloneNode(true).querySelector('section');
  const select = section.querySelector('select');
  section.id = title.toLowerCase();
  section.querySelector('h2').textContent = title;
  for (const name of history.strategies) select.append(new Option(name, name));
  select.addEventListener('change', () => ask({ side: index, strategy: select.value }));
  document.getElementById('sides').append(section);
  return (frames) => {
    const figures = frames[frames.length - 1].sides[index];
    if (document.activeElement !== select) select.value = figures.strategy;
    section.querySelector('.now').textContent = `p50 ${millis(figures.p50)} ms · p99 ${millis(figures.p99)} ms`
      + ` · ${2 * figures.failed} failed/s`;
    draw(section, index, frames, history.shown);
  };
}

let rate;
let clients;
let slowStart;
let sides;
let servers;

function build(frame) {
  rate = slider(document.getElementById('rate'), '/s', (value) => ask({ rate: value }));
  clients = slider(document.getElementById('clients'), '', (value) => ask({ clients: value }));
  slowStart = slider(document.getElementById('slowStart'), 's', (value) => ask({ slowStart: value }));
  const pauses = document.getElementById('pauses');
  pauses.addEventListener('change', () => ask({ pauses: pauses.checked }));
  document.getElementById('pause').addEventListener('click', () => ask({ pause: 'once' }));
  sides = SIDES.map(sideSection);
  servers = frame.servers.map((server, index) => serverRow(server.name, index));
  news.textContent = '';
  follow();
  addEventListener('hashchange', follow);
}

/** The set-up as the address, and as a link. */
function carry(last) {
  document.getElementById('link').href = `#${last.setup}`;
  if (last.number > settled && location.hash.slice(1) !== last.setup) {
    window.history.replaceState(null, '', `#${last.setup}`);
  }
}

function show() {
  const frames = history.frames;
  const last = frames[frames.length - 1];
  if (!sides) build(last);
  rate(last.rate);
  clients(last.clients);
  slowStart(last.slowStart);
  const pauses = document.getElementById('pauses');
  if (document.activeElement !== pauses) pauses.checked = last.pauses;
  carry(last);
  sides.forEach((side) => side(frames));
  servers.forEach((server, index) => server(last.servers[index], last.sides));
  if (last.event) news.textContent = last.event;
}

/** The newest frame; all of them if some were missed, as in a tab that slept. */
async function update() {
  const known = history?.frames.at(-1)?.number;
  const [last] = known ? await (await fetch('/last')).json() : [];
  if (known && last.number === known) return;
  if (known && last.number === known + 1) {
    history.frames.push(last);
    if (history.frames.length > history.shown) history.frames.shift();
  } else {
    history = await (await fetch('/history')).json();
  }
  if (history.frames.length > 0) show();
}

async function tick() {
  try {
    await update();
  } catch (error) {
    news.textContent = error instanceof TypeError ? 'The program has ended.' : String(error);
  }
  setTimeout(tick, (history?.tickMillis ?? 500) / 2);
}

tick();
