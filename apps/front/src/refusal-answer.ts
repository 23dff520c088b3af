import { randomBytes } from 'node:crypto';
import { page, pageHeaders } from '#libs/html';
import { errorPage, headingOf, type Problem } from '#libs/platform';

/** Random bytes in a nonce. */
const NONCE_BYTES = 16;

/** Body of a refusal, and the headers that say what it is. */
export interface RefusalAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A refusal as problem details for software, or as a page for a person whose browser went to the address. */
export function refusalAnswer(problem: Problem, accept: string | undefined): RefusalAnswer {
  return prefersPage(accept) ? asPage(problem) : asProblem(problem);
}

function asPage(problem: Problem): RefusalAnswer {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  const document = page({
    title: headingOf(problem.status),
    width: 'narrow',
    nonce,
    body: errorPage(problem),
  });
  return { headers: pageHeaders(nonce), body: document.toString() };
}

function asProblem(problem: Problem): RefusalAnswer {
  const headers = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  return { headers, body: JSON.stringify(problem) };
}

/** Browsers ask for HTML before all else (RFC 9110 §12.5.1); whoever has no preference is taken for software. */
function prefersPage(accept = ''): boolean {
  const ranges = new Map(accept.split(',').map(rangeAndQuality));
  const quality = (type: string) =>
    ranges.get(type) ?? ranges.get(type.replace(/[/].*/, '/*')) ?? ranges.get('*/*') ?? 0;
  return quality('text/html') > Math.max(quality('application/problem+json'), quality('application/json'));
}

function rangeAndQuality(text: string): [range: string, quality: number] {
  const [range = '', ...parameters] = text
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return [range, Number(weight?.slice(2) ?? 1) || 0];
}
