// Asks for the figures again and again, and shows what changes between two answers: rates, and the course of latencies.
(() => {
  'use strict';
  const every = 2000, span = 90000;
  const before = new Map();
  const note = document.getElementById('note'), news = document.getElementById('news');
  const text = (cell, value) => { if (cell && cell.textContent !== value) cell.textContent = value; };
  const plain = id => id.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  const number = value => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

  // Samples are [time, latency]; the server has drawn the samples that it had.
  const drawn = svg => (svg.dataset.course || '').split(' ').filter(Boolean).map(sample => sample.split(':').map(Number));

  function spark(svg, course, now) {
    const most = Math.max(...course.map(([, ms]) => ms), 1e-9);
    const points = course.map(([at, ms]) => (90 * (1 - (now - at) / span)).toFixed(1) + ',' + (20 - 18 * ms / most).toFixed(1));
    svg.firstElementChild.setAttribute('points', points.join(' '));
    if (course.length > 0) {
      svg.setAttribute('aria-label', 'latency over the last ' + span / 1000 + ' s, highest ' + number(most) + ' ms');
    }
  }

  function show(pool, backend, at, told) {
    const row = document.getElementById(backend.key);
    // Another backend has its place, or other controls are due: the page is to be loaded again.
    if (!row || row.dataset.backend !== plain(backend.id)
        || (row.querySelector('form') && row.dataset.admin !== backend.adminState)) return false;
    const cell = name => row.querySelector('[data-cell="' + name + '"]');
    const last = before.get(backend.key) || { at: at, requests: backend.requests, failures: backend.failures,
        course: drawn(cell('course').firstElementChild) };
    const seconds = (at - last.at) / 1000;
    if (seconds > 0) {
      text(cell('rate'), number(Math.max(0, backend.requests - last.requests) / seconds));
      text(cell('errors'), number(Math.max(0, backend.failures - last.failures) / seconds));
    }
    const course = last.course.filter(([sampled]) => at - sampled <= span);
    if (backend.latencyMillis !== null) course.push([at, backend.latencyMillis]);
    before.set(backend.key, { at: at, requests: backend.requests, failures: backend.failures, course: course });
    const state = cell('state');
    if (state.textContent !== backend.state) told.push(pool.name + ': ' + backend.id + ' is ' + backend.state);
    text(state, backend.state);
    state.className = 'state ' + backend.kind;
    for (const [name, value] of Object.entries(backend.texts)) text(cell(name), value);
    cell('check').className = backend.checkState === null ? 'text none' : 'text';
    cell('since').dataset.sort = backend.stateForMillis === null ? -1 : backend.stateForMillis;
    text(cell('requests'), String(backend.requests));
    text(cell('failureRate'), (100 * backend.failureRate).toFixed(1) + ' %');
    spark(cell('course').firstElementChild, course, at);
    return true;
  }

  // The totals of a pool, with the rates of its backends added up.
  function showTotal(pool) {
    const row = document.getElementById(pool.key + '-total');
    const cell = name => row.querySelector('[data-cell="' + name + '"]');
    for (const [name, value] of Object.entries(pool.total.texts)) text(cell(name), value);
    for (const name of ['rate', 'errors']) {
      const known = pool.backends.map(backend => parseFloat(
          document.getElementById(backend.key).querySelector('[data-cell="' + name + '"]').textContent));
      if (known.some(value => !isNaN(value))) text(cell(name), number(known.reduce((sum, value) => sum + (value || 0), 0)));
    }
  }

  // What is filtered and sorted stands in the address, so that it survives a reload and can be passed on as a link.
  const wanted = new URLSearchParams(location.hash.slice(1));
  const filter = document.getElementById('filter'), found = document.getElementById('found');
  function want(name, value) {
    if (value) wanted.set(name, value); else wanted.delete(name);
    history.replaceState(null, '', '#' + wanted);
  }

  function applyFilter() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...document.querySelectorAll('tr[data-backend]')];
    let shown = 0;
    for (const row of rows) {
      const told = [...row.cells].slice(0, 4).map(cell => cell.textContent).join(' ').toLowerCase();
      row.hidden = !words.every(word => told.includes(word));
      if (!row.hidden) shown++;
    }
    text(found, words.length === 0 ? '' : shown + ' of ' + rows.length + ' backends');
  }

  function sort(title, order) {
    for (const table of document.querySelectorAll('table')) {
      const heads = [...table.tHead.rows[0].cells];
      const at = heads.findIndex(head => head.textContent === title);
      heads.forEach((head, i) => {
        if (i === at) head.setAttribute('aria-sort', order); else head.removeAttribute('aria-sort');
      });
      if (at < 0) continue;
      const isNumber = heads[at].classList.contains('num');
      const value = row => {
        const cell = row.cells[at];
        const number = parseFloat(cell.dataset.sort === undefined ? cell.textContent : cell.dataset.sort);
        return isNumber ? (isNaN(number) ? -1 : number) : cell.textContent;
      };
      const sign = order === 'descending' ? -1 : 1;
      const rows = [...table.tBodies[0].rows].map(row => [value(row), row]);
      rows.sort(([a], [b]) => sign * (isNumber ? a - b : a.localeCompare(b, 'en', { numeric: true })));
      table.tBodies[0].append(...rows.map(([, row]) => row));
    }
  }

  for (const head of document.querySelectorAll('thead th')) {
    const title = head.textContent;
    if (title === 'Controls' || title.startsWith('Latency')) continue;
    const button = document.createElement('button');
    button.className = 'sort';
    button.textContent = title;
    button.addEventListener('click', () => {
      const order = head.getAttribute('aria-sort') === 'descending' ? 'ascending' : 'descending';
      want('sort', title);
      want('order', order);
      sort(title, order);
    });
    head.replaceChildren(button);
  }
  filter.value = wanted.get('filter') || '';
  filter.addEventListener('input', () => { want('filter', filter.value); applyFilter(); });
  document.getElementById('find').hidden = false;
  let arranged = false;
  function arrange() {
    if (!arranged && wanted.get('sort')) sort(wanted.get('sort'), wanted.get('order') || 'ascending');
    arranged = true;
    applyFilter();
  }

  async function refresh() {
    try {
      const answer = await fetch('?format=json', { headers: { Accept: 'application/json' }, cache: 'no-store' });
      if (!answer.ok) throw new Error('HTTP ' + answer.status);
      const page = await answer.json();
      const rows = document.querySelectorAll('tr[data-backend]').length;
      const told = [];
      let shown = 0;
      for (const pool of page.pools) {
        const summary = document.getElementById(pool.key);
        // Another pool has its place.
        if (!summary || summary.closest('section').dataset.pool !== plain(pool.name)) { location.reload(); return; }
        for (const backend of pool.backends) {
          if (!show(pool, backend, page.atMillis, told)) { location.reload(); return; }
          shown++;
        }
        text(summary, pool.summary);
        text(document.getElementById(pool.key + '-facts'), pool.facts);
        showTotal(pool);
      }
      if (shown !== rows) { location.reload(); return; }
      arrange();
      text(document.getElementById('process'), page.process);
      if (told.length > 0) text(news, told.slice(0, 5).join('; ') + (told.length > 5 ? '; and ' + (told.length - 5) + ' more' : ''));
      text(note, 'as of ' + new Date(page.atMillis).toLocaleTimeString());
    } catch (e) {
      text(note, 'no answer since ' + note.dataset.last + ': ' + e.message);
      return;
    }
    note.dataset.last = new Date().toLocaleTimeString();
  }

  refresh();
  setInterval(refresh, every);
})();
