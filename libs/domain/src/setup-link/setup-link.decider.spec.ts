import { deciding, type Fact, historyOf, records, refuses, seededId } from '#libs/testing';
import { setupLinkDecider } from './setup-link.decider.js';

const setupLink = deciding(setupLinkDecider);
const [link, key] = [seededId('link'), seededId('key')];
const END = '2026-03-03T08:00:00.000Z';
const birth = { link, purpose: 'setup' as const, connection: null, tokenSha256: 'a'.repeat(64), expiresAt: END };
const onLink = (type: string, data: object): Fact => ({
  category: 'setupLink',
  tenant: 'installation',
  id: link,
  event: () => ({ type, data }),
});
const issued = onLink('SetupLinkIssued', birth);
const used = onLink('SetupLinkUsed', { link, key, browserSha256: null });
const use = (over: object = {}, at?: string) =>
  ({
    type: 'UseSetupLink',
    data: { tokenSha256: birth.tokenSha256, key, browserSha256: null, ...over },
    ...(at ? { at } : {}),
  }) as const;

describe('a one-time administrator link', () => {
  it('is issued', () =>
    setupLink.given().when({ type: 'IssueSetupLink', data: birth }).then(records('SetupLinkIssued', birth)));

  it('works once', () => {
    setupLink
      .given(issued)
      .when(use())
      .then(records('SetupLinkUsed', { link, key, browserSha256: null }));
    setupLink.given(issued, used).when(use()).then(refuses('setup-link-invalid'));
  });

  it('works until its end, which is exclusive', () => {
    setupLink.given(issued).when(use({}, '2026-03-03T07:59:59.999Z')).then(records('SetupLinkUsed'));
    setupLink.given(issued).when(use({}, END)).then(refuses('setup-link-invalid'));
  });

  it('looks the same from outside whether it is unknown, used, over or another one', () => {
    setupLink.given().when(use()).then(refuses('setup-link-invalid'));
    setupLink
      .given(issued)
      .when(use({ tokenSha256: 'b'.repeat(64) }))
      .then(refuses('setup-link-invalid'));
  });

  it('for a connection gives one browser its page, and never a key', () => {
    const forConnection = onLink('SetupLinkIssued', { ...birth, purpose: 'connection', connection: 'okta' });
    const browserSha256 = 'c'.repeat(64);
    setupLink
      .given(forConnection)
      .when(use({ key: null, browserSha256 }))
      .then(records('SetupLinkUsed', { link, key: null, browserSha256 }));
    setupLink.given(forConnection).when(use()).then(refuses('setup-link-invalid'));
    setupLink
      .given(forConnection)
      .when(use({ key: null }))
      .then(refuses('setup-link-invalid'));
    setupLink
      .given(issued)
      .when(use({ key: null, browserSha256 }))
      .then(refuses('setup-link-invalid'));
  });

  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(issued);
    expect(() => setupLinkDecider.evolve(setupLinkDecider.initialState, { ...event, type: 'Other' } as never)).toThrow(
      'A setup link cannot fold Other.',
    );
  });
});
