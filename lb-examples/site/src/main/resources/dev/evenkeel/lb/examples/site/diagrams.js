'use strict';
// Draws the diagrams. Without scripts their text is shown.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const blocks = [...document.querySelectorAll('pre.mermaid')].map(block => ({ block, text: block.textContent }));
  async function draw() {
    mermaid.initialize({ startOnLoad: false, theme: dark.matches ? 'dark' : 'neutral', flowchart: { useMaxWidth: false } });
    for (const { block, text } of blocks) {
      block.removeAttribute('data-processed');
      block.textContent = text;
    }
    await mermaid.run({ nodes: blocks.map(({ block }) => block) });
    dispatchEvent(new Event('resize'));
  }
  dark.addEventListener('change', draw);
  draw();
})();
