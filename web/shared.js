/* What the scripts of the page share. Plain DOM; nothing is fetched. */
'use strict';
const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
const button = (text, label, run) => {
  const b = make('button', {type: 'button', textContent: text, onclick: run});
  b.setAttribute('aria-label', label);
  return b;
};
const tools = (...buttons) => make('div', {className: 'tools'}, ...buttons);
const save = (blob, name) => {
  const link = make('a', {href: URL.createObjectURL(blob), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

/* A field of CSV. */
const quoted = text => /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;

/* A table as CSV, as it stands when the button is pressed. */
const tableTools = table => {
  const csv = () => [...table.rows].map(row => [...row.cells].map(cell => quoted(cell.innerText.trim())).join(',')).join('\r\n') + '\r\n';
  return tools(button('CSV', `Save the table ${table.caption.textContent} as CSV`,
    () => save(new Blob(['\ufeff', csv()], {type: 'text/csv'}), table.id + '.csv')));
};

/* The bytes of a block. */
const inflate = async id => {
  const text = atob(document.getElementById(id).textContent), bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i); /* of a long text ten times as fast as Uint8Array.from */
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};
