/** What a span says: names of ours, counts, codes. Never names, addresses, ids of people, or query strings. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** An event, as far as its trace is concerned. */
export interface TracedEvent {
  readonly type: string;
  readonly metadata: { readonly traceparent?: string | undefined };
  /** Place in the sealed log, where it has one. */
  readonly position?: number;
}

/** The span of a request, open until it is answered. */
export interface RequestSpan {
  /** Its place in the trace. */
  readonly traceparent: string;
  /** Runs work, and all that it leads to, inside the span. */
  run(work: () => void): void;
  /** Ends it under the name that is known by now. A status of 500 and above marks it as failed. */
  end(name: string, facts: SpanFacts & { readonly 'http.response.status_code': number }): void;
}

/** Records spans and sends them off; see `Tracing` for what each means. */
export interface SpanRecorder {
  request(traceparent: string | undefined, name: string): RequestSpan;
  span<T>(name: string, facts: SpanFacts, work: () => Promise<T>): Promise<T>;
  events<T>(name: string, events: readonly TracedEvent[], work: () => Promise<T>): Promise<T>;
  current(): string | undefined;
  /** Sends what is left, for at most two seconds. A second call changes nothing. */
  close(): Promise<void>;
}
