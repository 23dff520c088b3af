/** Server-rendered pages: an escaping template, the shell around a page, the headers that go with it. */
export { Html, type HtmlValue, html, trusted } from './html.js';
export { type PageOptions, page, pageHeaders } from './page.js';
