'use strict';
// Lists are folded where they would stand above the text; what scrolls can be reached by keyboard; headings have links.
(() => {
  const narrow = matchMedia('(max-width: 63.99rem)');
  const fold = () => document.querySelectorAll('.pages > details, .toc > details').forEach(list => { list.open = !narrow.matches; });
  narrow.addEventListener('change', fold);
  fold();

  const boxes = document.querySelectorAll('pre, .scroll, .pages, .toc');
  const reach = () => boxes.forEach(box => {
    if (box.scrollWidth > box.clientWidth || (box.localName === 'nav' && box.scrollHeight > box.clientHeight)) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  });
  addEventListener('resize', reach);
  reach();

  for (const heading of document.querySelectorAll('main :is(h2, h3, h4)[id]')) {
    const link = document.createElement('a');
    link.className = 'anchor';
    link.href = '#' + heading.id;
    link.textContent = '#';
    link.setAttribute('aria-label', 'Link to ' + heading.textContent);
    heading.append(link);
  }

  const here = document.querySelector('.pages [aria-current]');
  const pages = document.querySelector('.pages');
  if (here && !narrow.matches) pages.scrollTop = here.offsetTop - pages.clientHeight / 3;
})();
