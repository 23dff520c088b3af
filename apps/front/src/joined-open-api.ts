import { homeOf, SOFTWARE_VERSION } from '#libs/platform';
import { ServerAwayError } from './front.errors.js';
import type { Upstream } from './upstream.js';

/** Longest wait for one description, in milliseconds. */
const ASK_TIMEOUT_MS = 5_000;

/** The parts of an OpenAPI 3 document that are joined. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: object;
  readonly paths: Readonly<Record<string, unknown>>;
  readonly tags?: readonly { readonly name: string }[];
  readonly components?: Readonly<Record<string, object>>;
}

/**
 * One description of the whole API from those of the servers: each contributes the paths of which it is the home.
 * @throws {ServerAwayError} when a server cannot be asked: half a description would look like a whole one
 */
export async function joinedOpenApi(upstreams: readonly Upstream[]): Promise<OpenApi> {
  const parts = await Promise.all(upstreams.map(async (one) => ({ home: one.name, api: await describe(one) })));
  const own = ({ home, api }: (typeof parts)[number]) =>
    Object.entries(api.paths).filter(([path]) => homeOf(path) === home);
  const kinds = new Set(parts.flatMap(({ api }) => Object.keys(api.components ?? {})));
  const components = [...kinds].map((kind) => [
    kind,
    Object.assign({}, ...parts.map(({ api }) => api.components?.[kind])),
  ]);
  const tags = new Map(parts.flatMap(({ api }) => (api.tags ?? []).map((tag) => [tag.name, tag] as const)));
  return {
    openapi: parts[0]?.api.openapi ?? '3.0.0',
    info: { title: 'Gatebook', version: SOFTWARE_VERSION, description: '' },
    tags: [...tags.values()],
    paths: Object.fromEntries(parts.flatMap(own)),
    components: Object.fromEntries(components) as OpenApi['components'] & object,
  };
}

async function describe(upstream: Upstream): Promise<OpenApi> {
  for (const origin of upstream.inTurn(Date.now())) {
    try {
      const answer = await fetch(`${origin}/openapi.json`, {
        signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
        redirect: 'error',
      });
      if (answer.ok) return (await answer.json()) as OpenApi;
    } catch {
      upstream.rest(origin, Date.now());
    }
  }
  throw new ServerAwayError(upstream.name);
}

/** Script of the viewer at `/docs`, in place of the one that a single server makes for its own part. */
export const VIEWER_SCRIPT = `window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
    layout: 'StandaloneLayout',
    validatorUrl: null,
  });
};
`;
