/* What a page can do beyond being read: figures as SVG and PNG, tables as CSV, texts to the clipboard. The page is complete without it, so every control is
 * made here. */
(() => {
  /* ---- figures ---- */

  const PAPER = document.getElementById('drawing-style').textContent;
  const drawn = figure => [...figure.querySelectorAll('svg')].find(svg => svg.getClientRects().length > 0);
  const file = svg => {
    const copy = svg.cloneNode(true);
    const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
    const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    style.textContent = PAPER;
    for (const [key, value] of [['width', '100%'], ['height', '100%'], ['fill', '#fff']]) ground.setAttribute(key, value);
    copy.prepend(style, ground);
    return new XMLSerializer().serializeToString(copy);
  };
  const png = (svg, name) => {
    const image = new Image(), scale = 3;
    image.onload = () => {
      const canvas = make('canvas', {width: image.width * scale, height: image.height * scale});
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(blob => save(blob, name));
    };
    image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(file(svg));
  };
  for (const figure of document.querySelectorAll('figure[id]')) {
    const title = figure.dataset.title;
    figure.append(tools(
      button('SVG', `Save the figure ${title} as SVG`, () => save(new Blob([file(drawn(figure))], {type: 'image/svg+xml'}), figure.id + '.svg')),
      button('PNG', `Save the figure ${title} as PNG`, () => png(drawn(figure), figure.id + '.png'))));
  }

  /* ---- tables ---- */

  for (const table of document.querySelectorAll('table[id]')) table.parentElement.after(tableTools(table));

  /* ---- texts to copy ---- */

  for (const pre of document.querySelectorAll('pre[data-copy]')) {
    const b = button('Copy', `Copy the ${pre.dataset.copy}`, async () => {
      try {
        await navigator.clipboard.writeText(pre.textContent);
        b.textContent = 'Copied';
      } catch { /* a browser may refuse: the text is selected, and Ctrl+C copies it */
        getSelection().selectAllChildren(pre);
        b.textContent = 'Selected';
      }
    });
    pre.after(tools(b));
  }
})();
