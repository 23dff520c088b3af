import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Requests over connections that are kept open, as behind a proxy, without following redirects. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true });

  /** Sends a request; a body makes it a POST of a form. */
  send(url: string, headers: Readonly<Record<string, string>> = {}, form?: URLSearchParams): Promise<Answer> {
    const body = form?.toString();
    const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const method = body === undefined ? 'GET' : 'POST';
    return new Promise((resolve, reject) => {
      const sent = request(url, { agent: this.#agent, method, headers: { ...headers, ...type } }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** What a browser would send back of the cookies that it was given. */
export const cookiesOf = ({ 'set-cookie': lines = [] }: IncomingHttpHeaders): string =>
  lines.map((line) => line.split(';', 1)[0]).join('; ');
