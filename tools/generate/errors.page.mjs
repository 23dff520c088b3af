import { GENERATED, page, table } from './markdown.mjs';

const INTRODUCTION = `Every refusal bears a code that never changes its meaning; software should look at nothing else. Over HTTP it stands in the problem details (RFC 9457) or, for people, on a page; in events, in \`SignInRefused\`; on the command line, in the output of \`--json\`.

Texts say what was wrong and what to do. What stands in braces is filled in, with ids and numbers, never with personal data. Where several texts are listed, the case decides. A row without a status is told at start or by the command line, or is a fault of the server that reaches the caller as \`internal-error\` or with its status.`;

/** The catalogue of error codes as a page. */
export function errorsPage(errors) {
  const rows = errors.map(({ code, status, meaning, texts }) => [
    `\`${code}\``,
    status,
    meaning,
    texts.map(quoted).join(' · '),
  ]);
  return page(GENERATED, '# Error codes', INTRODUCTION, table(['Code', 'Status', 'What happened', 'Text'], rows));
}

const quoted = (text) => `“${text.trim()}”`;
