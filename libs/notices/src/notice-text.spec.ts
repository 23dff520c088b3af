import { NOTICE_KINDS } from '#libs/contracts';
import type { Notice } from './notice.js';
import { noticeText } from './notice-text.js';

/** What mail says. */

const notice = (over: Partial<Notice> = {}): Notice => ({
  id: '0b4e6a7e-6f1b-5c39-9a55-5f3c1c0f6b11',
  tenant: 'acme',
  kind: 'review-items',
  channel: 'smtp',
  recipient: '7d1b5f3e-2f7c-5b58-9a2c-6d1e8a4f3b02',
  about: { noun: 'review', id: '5e3cf5c2-8c0b-5d5d-8f0e-2a5b7c9d1e21', items: 3 },
  dueAt: '2026-03-29T01:30:00.000Z',
  ...over,
});
const place = { publicUrl: 'https://gatebook.acme.example', timeZone: 'Europe/Berlin' };

describe('the text of a notice', () => {
  it('says what waits, until when in the tenant’s own time, and where', () => {
    const { subject, text } = noticeText(notice(), place);
    expect(subject).toBe('[Gatebook] 3 access decisions wait for you');
    // the night in which Berlin's clocks went forward: 01:30 UTC is 03:30 there
    expect(text).toMatch(/Please answer by Sunday,? 29 March 2026.* 03:30 \(Europe\/Berlin\)\./);
    expect(text).toContain('https://gatebook.acme.example/reviews\n');
  });

  it('speaks of one item as one', () => {
    const about = { ...notice().about, items: 1 };
    expect(noticeText(notice({ about }), place).subject).toBe('[Gatebook] 1 access decision waits for you');
  });

  it.each(NOTICE_KINDS)('of kind %s has a subject, a link, and no more than one line of each', (kind) => {
    const { subject, text } = noticeText(notice({ kind, dueAt: null }), place);
    expect(subject).toMatch(/^\[Gatebook\] [A-Z0-9][^\r\n]{10,80}$/);
    expect(text.match(/https:\/\/gatebook\.acme\.example\/(reviews|approvals)/g)).toHaveLength(1);
    expect(text).not.toContain('Please answer by');
  });
});
