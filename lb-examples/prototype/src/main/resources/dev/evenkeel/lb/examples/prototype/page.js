'use strict';

// Asks for the figures each second, and shows them.

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function pool(figures) {
  const section = element('section');
  section.append(element('h2', figures.name), element('p', `${figures.rules.join('; ')} · ${figures.strategy}`, 'dim'));
  const most = Math.max(1, ...figures.servers.map((server) => server.answers));
  const table = element('table');
  for (const server of figures.servers) {
    const row = element('tr');
    const head = element('th', server.name);
    head.scope = 'row';
    head.title = server.uri;
    const wide = element('td', undefined, 'wide');
    const bar = element('span', undefined, 'bar');
    bar.style.width = `${(100 * server.answers) / most}%`;
    wide.append(bar);
    row.append(head, wide, element('td', server.answers, 'num'),
      element('td', server.state, server.state === 'in use' ? 'good' : 'bad'));
    table.append(row);
  }
  section.append(table);
  return section;
}

function visit(figures) {
  const row = element('tr');
  const request = element('td');
  request.append(element('code', `${figures.method} ${figures.url}`));
  row.append(request, element('td', figures.pool), element('td', figures.server),
    element('td', figures.outcome, figures.asExpected ? '' : 'bad'));
  return row;
}

async function show() {
  const sum = document.getElementById('sum');
  try {
    const figures = await (await fetch('/figures')).json();
    document.getElementById('pools').replaceChildren(...figures.pools.map(pool));
    document.getElementById('visits').replaceChildren(...figures.visits.map(visit));
    sum.textContent = `${figures.requests} requests, ${figures.none} of no pool (passed untouched), `
      + `${figures.unexpected} elsewhere than the script expects`;
  } catch (error) {
    sum.textContent = 'The program has ended.';
  }
  setTimeout(show, 1000);
}

show();
