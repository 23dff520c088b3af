import { GENERATED, page, table } from './markdown.mjs';

const INTRODUCTION = `Every refusal bears a code that never changes its meaning; software should look at nothing else. Over HTTP it stands in the problem details (RFC 9457) or, for people, on a page; in events, in \`SignInRefused\`; on the command line, in the output of \`--json\`.

Texts say what was wrong and what to do. What stands in braces is filled in, with ids and numbers, never with personal data. Where several texts are listed, the case decides. Faults that only a start or the command line can meet bear the status that they would have over HTTP.`;

/** The catalogue of error codes as a page. */
export function errorsPage(errors) {
  const rows = errors.map(({ code, status, meaning, texts }) => [
    `\`${code}\``,
    status,
    firstSentence(meaning),
    texts.map(quoted).join(' · ') || 'says what was wrong',
  ]);
  return page(GENERATED, '# Error codes', INTRODUCTION, table(['Code', 'Status', 'What happened', 'Text'], rows));
}

const firstSentence = (text) => text.replace(/(?<=[.]) .*/s, '');

const quoted = (text) => `“${text.trim()}”`;
