/** Whatever a value holds, it stays text: it opens no tag, leaves no attribute, and reads back as it was. */
import fc from 'fast-check';
import { html, page, pageHeaders, trusted } from './index.js';

const NONCE = 'MDEyMzQ1Njc4OWFiY2RlZg==';

describe('an html template', () => {
  it('escapes values in text and in attributes', () => {
    const name = `<b title="x">O'Brien & Söhne</b>`;
    expect(html`<p title="${name}">${name}</p>`.toString()).toBe(
      '<p title="&lt;b title=&quot;x&quot;&gt;O&#39;Brien &amp; Söhne&lt;/b&gt;">&lt;b title=&quot;x&quot;&gt;O&#39;Brien &amp; Söhne&lt;/b&gt;</p>',
    );
  });

  it('writes nested templates, lists and trusted constants as they are', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${trusted('<hr>')}`.toString()).toBe('<ul><li>a</li><li>&lt;</li></ul><hr>');
  });

  it('writes nothing for null, undefined and false, but does write zero and the empty list', () => {
    expect(html`[${null}${undefined}${false}${[]}${0}]`.toString()).toBe('[0]');
  });

  it('never trusts an object that only looks like HTML', () => {
    const impostor = JSON.parse('{"markup":"<script>"}');
    expect(() => html`${impostor}`.toString()).toThrow();
  });

  it('lets no value open a tag or leave an attribute, and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const written = html`${value}`.toString();
        for (const sign of ['<', '>', '"', "'", '\u0000']) expect(written).not.toContain(sign);
        expect(unescaped(written)).toBe(value.toWellFormed().replaceAll('\u0000', '\ufffd'));
      }),
      { seed: 11 },
    );
  });
});

describe('a page', () => {
  it('escapes its title and carries banner, navigation and content', () => {
    const written = page({
      title: '<Sign in>',
      nonce: NONCE,
      banner: 'Demo',
      nav: html`<a href="/me">Me</a>`,
      body: html`<h1>Sign in</h1>`,
    }).toString();
    expect(written).toContain('<title>&lt;Sign in&gt; · Gatebook</title>');
    expect(written).toContain('<p class="banner" role="note">Demo</p>');
    expect(written).toContain('<nav aria-label="Main"><a href="/me">Me</a></nav>');
    expect(written).toContain(`<style nonce="${NONCE}">`);
    expect(written).not.toContain('<script');
  });

  it('allows only what bears the nonce, and posts only where it says', () => {
    const policy = pageHeaders(NONCE, ['http://localhost:3000/saml/demo/acs'])['Content-Security-Policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'nonce-${NONCE}'`);
    expect(policy).toContain("form-action 'self' http://localhost:3000;");
    expect(policy).not.toContain('unsafe');
  });

  it.each(['', 'short', `${NONCE}" onload="x`, `${NONCE}; script-src *`])('refuses the nonce %j', (nonce) => {
    expect(() => pageHeaders(nonce)).toThrow('nonce');
    expect(() => page({ title: 'x', body: '', nonce })).toThrow('nonce');
  });

  it('refuses to let forms post to anything but the web', () => {
    expect(() => pageHeaders(NONCE, ['javascript:alert(1)'])).toThrow('http');
  });
});

function unescaped(written: string): string {
  const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return written.replace(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => characters[name] ?? '');
}
