import type { Html } from '#libs/html';
import type { FormMarks } from './forms.page.js';
import type { ItemDetails, ItemShown } from './review-view.js';

/** What forms carry unseen in specs of pages. */
export const MARKS: FormMarks = { csrf: 'csrf-token', once: 'once-token', shown: 'shown-mark' };

/** An item that somebody is asked about. */
export function itemShown(changes: Partial<ItemShown> = {}): ItemShown {
  return {
    id: '11111111-1111-4111-8111-111111111111',
    status: 'open',
    review: {
      id: '22222222-2222-4222-8222-222222222222',
      title: 'Privileged grants',
      trigger: 'privilegedRoleGranted',
      control: null,
    },
    person: { account: 'a', name: 'Grace Hopper', title: 'Rear Admiral', department: 'Navy' },
    role: { id: 'crm.admin', name: 'CRM administrator', application: 'crm', privileged: true },
    recommendation: { decision: 'revoke', because: ['No sign-in for 60 days.', '1 of 9 peers holds it.'] },
    flags: [],
    stage: 0,
    stages: 1,
    stageDueAt: '2026-03-09T08:00:00.000Z',
    ...changes,
  };
}

/** What is known of it. */
export const DETAILS: ItemDetails = {
  origin: { text: 'Rule admins@3 of okta.', since: '2026-03-02T08:00:00.000Z', until: null },
  lastSignInAt: null,
  lastUsed: 'unknown: nothing reports it',
  reviewers: ['Ada Lovelace'],
};

/** Names of fields that no label, and no name of its own, speaks for: what a screen reader would pass over. */
export function unlabelledFields(page: Html): string[] {
  const markup = page.toString();
  const named = new Set([...markup.matchAll(/<label for="([^"]+)"/g)].map(([, id]) => id));
  const inLabels = markup.replaceAll(/<label class="option">.*?<\/label>/gs, '');
  return [...inLabels.matchAll(/<(?:input|select|textarea)\b([^>]*)>/g)]
    .map(([, attributes = '']) => attributes)
    .filter((attributes) => !attributes.includes('type="hidden"') && !attributes.includes('aria-label='))
    .filter((attributes) => !named.has(/ id="([^"]+)"/.exec(attributes)?.[1]))
    .map((attributes) => / name="([^"]+)"/.exec(attributes)?.[1] ?? '?');
}

/** Ids that something points at and nothing bears, or that two things bear. */
export function brokenReferences(page: Html): string[] {
  const markup = page.toString();
  const ids = [...markup.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  const pointed = [...markup.matchAll(/ (?:aria-(?:labelledby|describedby|errormessage)|for)="([^"]+)"/g)];
  return [...twice, ...pointed.map(([, id = '']) => id).filter((id) => !ids.includes(id))];
}

/** Forms that do not carry the proof that the page is ours. */
export function formsWithoutToken(page: Html): string[] {
  return [...page.toString().matchAll(/<form\b.*?<\/form>/gs)]
    .map(([form]) => form)
    .filter((form) => !form.includes(`name="csrf" value="${MARKS.csrf}"`) || !form.includes('method="post"'));
}
