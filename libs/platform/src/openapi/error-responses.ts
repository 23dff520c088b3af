import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = Operation['responses'];
type Components = NonNullable<OpenAPIObject['components']>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;

/** Marks operations whose answers are pages. */
export const PAGES_EXTENSION = 'x-pages';

/** When an operation refuses, by status. */
const REFUSALS: Readonly<Record<string, readonly [text: string, code: string]>> = {
  '400': ['The request is malformed; errors names the fields', 'invalid-request'],
  '401': ['No key or session, or not a valid one', 'missing-key'],
  '403': ['The caller lacks a right', 'missing-scope'],
  '404': ['There is no such thing, or it belongs to another tenant', 'not-found'],
  '409': ['It conflicts with what is recorded', 'conflict'],
  '413': ['The body is too large', 'body-too-large'],
  '415': ['The body has the wrong media type', 'unsupported-media-type'],
  '422': ['The idempotency key was used for another request', 'idempotency-key-reused'],
  '503': ['The server cannot answer now; Retry-After says when to come back', 'unavailable'],
};

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'Problem details (RFC 9457). Software looks at code, people read detail.',
  required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
  properties: {
    type: { type: 'string', example: 'about:blank' },
    title: { type: 'string', example: 'Bad Request' },
    status: { type: 'integer', example: 400 },
    code: { type: 'string', description: 'Stable', example: 'invalid-request' },
    detail: { type: 'string', description: 'What was wrong and what to do' },
    requestId: { type: 'string', description: 'Leads the operator to the log entry' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'problem'],
        properties: { field: { type: 'string' }, problem: { type: 'string' } },
      },
    },
    details: { type: 'object', additionalProperties: true },
  },
} as const;

/** Adds to every operation the refusals that it can answer, where the operation does not describe them itself. */
export function withErrorResponses(document: OpenAPIObject): OpenAPIObject {
  const paths = Object.entries(document.paths).map(([path, item]) => [path, withRefusals(path, item)]);
  return { ...document, paths: Object.fromEntries(paths), components: withProblem(document.components ?? {}) };
}

function withRefusals(path: string, item: OpenAPIObject['paths'][string]): OpenAPIObject['paths'][string] {
  const operations = METHODS.flatMap((method) => {
    const operation = item[method];
    return operation
      ? [[method, { ...operation, responses: { ...refusalsOf(path, method, operation), ...operation.responses } }]]
      : [];
  });
  return { ...item, ...Object.fromEntries(operations) };
}

function refusalsOf(path: string, method: string, operation: Operation): Responses {
  const writes = method !== 'get' && method !== 'head';
  const statuses = [
    operation.parameters?.length || operation.requestBody ? ['400'] : [],
    operation.security?.length ? ['401', '403'] : [],
    path.includes('{') ? ['404'] : [],
    operation.requestBody ? ['413', '415'] : [],
    writes && operation.security?.length ? ['409', '422'] : [],
    operation.security?.length ? ['503'] : [],
  ].flat();
  const isPage = PAGES_EXTENSION in operation;
  return Object.fromEntries(
    [...statuses, 'default'].map((status) => [
      status,
      isPage ? pageOf(status) : { $ref: `#/components/responses/Refused-${status}` },
    ]),
  );
}

function pageOf(status: string): Responses[string] {
  const [description] = REFUSALS[status] ?? OTHERWISE;
  return {
    description: `${description}; a page that bears the code`,
    content: { 'text/html': { schema: { type: 'string' } } },
  };
}

const OTHERWISE = ['Anything else that went wrong', 'internal-error'] as const;

function withProblem(components: Components): Components {
  const responses = Object.entries({ ...REFUSALS, default: OTHERWISE }).map(([status, [description, code]]) => [
    `Refused-${status}`,
    {
      description,
      content: {
        'application/problem+json': {
          schema: { $ref: '#/components/schemas/Problem' },
          example: exampleOf(status, code),
        },
      },
    },
  ]);
  return {
    ...components,
    schemas: {
      ...components.schemas,
      Problem: PROBLEM_SCHEMA as unknown as NonNullable<Components['schemas']>[string],
    },
    responses: { ...components.responses, ...Object.fromEntries(responses) },
  };
}

function exampleOf(status: string, code: string): object {
  const number = status === 'default' ? 500 : Number(status);
  return {
    type: 'about:blank',
    title: 'Refused',
    status: number,
    code,
    detail: 'What was wrong and what to do.',
    requestId: '0c7d3f0e-5a52-4c39-9f8e-1d2b3c4d5e6f',
  };
}
