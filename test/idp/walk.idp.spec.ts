import { createServer, type RequestListener, type Server } from 'node:http';
import { BrowserLess } from '../support/browser-less.js';
import { freePort } from '../support/started-server.js';
import { formsOf } from './page-forms.js';
import { asksForPassword, samlMessage, walk } from './walk.js';

const LOGIN =
  '<form id="kc-form-login" action="/typed?a=1&amp;b=2" method="post"><input name="username" value=""><input type=\'password\' name=\'password\'></form>';
const HANDOVER =
  '<FORM METHOD="POST" ACTION="/acs"><INPUT TYPE="HIDDEN" NAME="SAMLResponse" VALUE="PGE+"/><INPUT TYPE="HIDDEN" NAME="RelayState" VALUE="a&#x2F;&quot;b&#34;"/></FORM>';
const CREDENTIALS = { username: 'ida', password: 'password of ida' };

// Goal: what the other tests of this folder see is what a browser would have done. Needs no identity provider.
describe('a walk through the pages of two parties', () => {
  let server: Server;
  let base: string;
  const serve = async (pages: Readonly<Record<string, string>>) => {
    const answer: RequestListener = ({ method, url = '' }, response) => {
      const page = pages[`${method} ${url}`];
      if (page === undefined) response.writeHead(404).end();
      else if (page.startsWith('/')) response.writeHead(302, { location: page }).end();
      else response.end(page);
    };
    const port = await freePort();
    server = createServer(answer).listen(port, '127.0.0.1');
    base = `http://127.0.0.1:${port}`;
  };
  afterEach(() => new Promise((done) => server.close(done)));

  it('types the credentials once, sends the SAML message on, and rests where it is asked for nothing more', async () => {
    await serve({
      'GET /login': '/asked',
      'GET /asked': LOGIN,
      'POST /typed?a=1&b=2': HANDOVER,
      'POST /acs': '/me',
      'GET /me': 'Hello',
    });
    const arrived = await walk(new BrowserLess(), `${base}/login`, { credentials: CREDENTIALS });
    expect(arrived.steps.map(({ method, url, status }) => `${method} ${url.pathname} ${status}`)).toEqual([
      'GET /login 302',
      'GET /asked 200',
      'POST /typed 200',
      'POST /acs 302',
      'GET /me 200',
    ]);
    expect(arrived.steps[2]?.fields).toEqual(CREDENTIALS);
    expect(arrived.steps[3]?.fields).toEqual({ SAMLResponse: 'PGE+', RelayState: 'a/"b"' });
    expect([arrived.page, samlMessage(arrived.steps[3]?.fields ?? {}), arrived.held]).toEqual(['Hello', '<a>', null]);
  });

  it('rests at the password that is asked for a second time, or that nobody gave', async () => {
    await serve({ 'GET /login': LOGIN, 'POST /typed?a=1&b=2': LOGIN });
    const wrong = await walk(new BrowserLess(), `${base}/login`, { credentials: CREDENTIALS });
    const nobody = await walk(new BrowserLess(), `${base}/login`);
    expect([wrong, nobody].map(asksForPassword)).toEqual([true, true]);
    expect([wrong.steps.length, nobody.steps.length]).toEqual([2, 1]);
  });

  it('holds back the form that it was told to', async () => {
    await serve({ 'GET /login': HANDOVER });
    const { held, steps } = await walk(new BrowserLess(), `${base}/login`, { holding: 'SAMLResponse' });
    expect(held).toMatchObject({ url: `${base}/acs`, fields: { SAMLResponse: 'PGE+' }, from: `${base}/login` });
    expect(steps).toHaveLength(1);
  });

  it('goes where a page leads by itself', async () => {
    await serve({
      'GET /logout': '<a href="/me">You</a><a id="handover" href="/end?a=1&amp;b=2">Continue</a>',
      'GET /end?a=1&b=2': 'Bye',
    });
    expect((await walk(new BrowserLess(), `${base}/logout`)).page).toBe('Bye');
  });

  it('agrees to sign out, and to nothing else', async () => {
    await serve({
      'GET /logout':
        '<form action="/sure" method="POST"><input name="session_code" value="c"><input name="confirmLogout" value="Logout"></form>',
      'POST /sure': '<form action="/delete" method="POST"><button name="everything" value="yes">Delete</button></form>',
    });
    const { steps } = await walk(new BrowserLess(), `${base}/logout`);
    expect(steps.map(({ url }) => url.pathname)).toEqual(['/logout', '/sure']);
    expect(steps[1]?.fields).toEqual({ session_code: 'c', confirmLogout: 'Logout' });
  });

  it('does not go in circles', async () => {
    await serve({ 'GET /a': '/b', 'GET /b': '/a' });
    await expect(walk(new BrowserLess(), `${base}/a`)).rejects.toThrow('The walk does not end: GET /a, GET /b');
  });
});

describe('forms of a page', () => {
  it('are read whatever the case of their tags, each with its own fields', () => {
    const [first, second] = formsOf(`${LOGIN}<p>or</p>${HANDOVER}`, 'http://one.example/deep/page');
    expect(first).toMatchObject({ id: 'kc-form-login', action: 'http://one.example/typed?a=1&b=2', method: 'POST' });
    expect(second).toMatchObject({ id: null, action: 'http://one.example/acs', method: 'POST' });
    expect(Object.keys(second?.fields ?? {})).toEqual(['SAMLResponse', 'RelayState']);
  });
});
