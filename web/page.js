/* What a page can do beyond being read: figures as SVG and PNG, tables as CSV, texts to the clipboard. The page is complete without it, so every control is
 * made here. Plain DOM; nothing is fetched. */
'use strict';
(() => {
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const save = (blob, name) => {
    const link = make('a', {href: URL.createObjectURL(blob), download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const tools = (...buttons) => make('div', {className: 'tools'}, ...buttons);
  const button = (text, label, run) => {
    const b = make('button', {type: 'button', textContent: text, onclick: run});
    b.setAttribute('aria-label', label);
    return b;
  };

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

  const quoted = text => /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  for (const table of document.querySelectorAll('table[id]')) {
    const title = table.caption.textContent;
    const csv = () => [...table.rows].map(row => [...row.cells].map(cell => quoted(cell.innerText.trim())).join(',')).join('\r\n') + '\r\n';
    table.parentElement.after(tools(button('CSV', `Save the table ${title} as CSV`,
      () => save(new Blob(['\ufeff', csv()], {type: 'text/csv'}), table.id + '.csv'))));
  }

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
