'use strict';
// The search: passages that have every word, the best first. The passages are loaded when the box is used.
(() => {
  const MAX_RESULTS = 20;
  const root = document.body.dataset.root;
  const box = document.getElementById('siteSearch');
  const list = document.getElementById('siteResults');
  const found = document.getElementById('siteFound');
  let passages;

  function load() {
    if (passages) return passages;
    passages = new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = root + 'assets/search-index.js';
      script.onload = () => resolve(window.searchIndex.map(passage => ({
        ...passage,
        inPage: passage.page.toLowerCase(),
        inHeading: passage.heading.toLowerCase(),
        inText: passage.text.toLowerCase(),
      })));
      script.onerror = () => reject(new Error('the search index could not be loaded'));
      document.head.append(script);
    });
    return passages;
  }

  const isWordStart = (text, at) => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);

  /** 0 if it is not there; more where words begin with it. */
  function weight(text, word) {
    let best = 0;
    for (let at = text.indexOf(word); at >= 0 && best < 2; at = text.indexOf(word, at + 1)) best = isWordStart(text, at) ? 2 : 1;
    return best;
  }

  function score(passage, words) {
    let sum = 0;
    for (const word of words) {
      const one = 6 * weight(passage.inHeading, word) + 4 * weight(passage.inPage, word) + weight(passage.inText, word);
      if (one === 0) return 0;
      sum += one;
    }
    if (passage.inHeading === words.join(' ')) sum += 20;
    return sum;
  }

  /** The text around the first word, with all words in bold. */
  function excerpt(passage, words) {
    const first = Math.min(...words.map(word => passage.inText.indexOf(word)).filter(at => at >= 0), passage.text.length);
    const start = first === passage.text.length ? 0 : Math.max(0, first - 50);
    const text = (start > 0 ? '…' : '') + passage.text.slice(start, start + 150) + (start + 150 < passage.text.length ? '…' : '');
    const line = document.createElement('small');
    const pattern = new RegExp('(' + words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|') + ')', 'gi');
    text.split(pattern).forEach((part, i) => {
      const piece = i % 2 ? document.createElement('b') : document.createTextNode(part);
      if (i % 2) piece.textContent = part;
      line.append(piece);
    });
    return line;
  }

  function entry(passage, words) {
    const link = document.createElement('a');
    link.href = root + passage.url;
    link.append(passage.heading === passage.page ? passage.page : passage.page + ' › ' + passage.heading, excerpt(passage, words));
    const item = document.createElement('li');
    item.append(link);
    return item;
  }

  function close() {
    list.hidden = true;
    list.replaceChildren();
    found.textContent = '';
  }

  function say(text) {
    found.textContent = text;
    const line = document.createElement('p');
    line.textContent = text;
    return line;
  }

  async function search() {
    const asked = box.value;
    const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) {
      close();
      return;
    }
    let all;
    try {
      all = await load();
    } catch (e) {
      list.replaceChildren(say(e.message));
      list.hidden = false;
      return;
    }
    if (box.value !== asked) return;
    const hits = all.map(passage => ({ passage, score: score(passage, words) }))
      .filter(hit => hit.score > 0)
      .sort((a, b) => b.score - a.score);
    if (hits.length === 0) {
      list.replaceChildren(say('Nothing found.'));
    } else {
      const items = document.createElement('ul');
      items.append(...hits.slice(0, MAX_RESULTS).map(hit => entry(hit.passage, words)));
      list.replaceChildren(say(hits.length === 1 ? '1 passage' : hits.length + ' passages'), items);
    }
    list.hidden = false;
    list.scrollTop = 0;
  }

  function step(by) {
    const stops = [box, ...list.querySelectorAll('a')];
    const next = stops.indexOf(document.activeElement) + by;
    if (next >= 0 && next < stops.length) stops[next].focus();
  }

  box.addEventListener('focus', () => { load().catch(() => {}); }, { once: true });
  box.addEventListener('input', search);
  box.closest('search').addEventListener('keydown', event => {
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'Escape') { close(); box.focus(); } else if (event.key === 'Enter' && document.activeElement === box) list.querySelector('a')?.click();
    else return;
    event.preventDefault();
  });
  document.addEventListener('keydown', event => {
    const isTyping = event.target.closest('input, textarea, select, [contenteditable]');
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
    }
  });
  document.addEventListener('click', event => {
    // Hidden alone: a link that is taken out of the page leads nowhere.
    if (!event.target.closest('search') || event.target.closest('#siteResults a')) list.hidden = true;
  });
})();
