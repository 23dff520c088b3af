import { setTimeout as delay } from 'node:timers/promises';

/** Longest time that one look at the metrics waits for a figure, in milliseconds; Prometheus itself gives up after ten seconds. */
const ASK_TIMEOUT_MS = 2_000;

/** How long an answer serves the other metrics of the same look, in milliseconds. */
const SAME_LOOK_MS = 250;

/**
 * Makes a question that several gauges share: asked once per look at the metrics, however many of them show a part of the answer.
 * Null when it fails or takes longer than two seconds, so that no gauge shows what once was.
 * @param now steady time in milliseconds
 */
export function askOnScrape<T>(ask: () => Promise<T>, now = () => performance.now()): () => Promise<T | null> {
  let asked: { readonly at: number; readonly answer: Promise<T | null> } | null = null;
  return () => {
    if (!asked || now() - asked.at > SAME_LOOK_MS) asked = { at: now(), answer: inTime(ask) };
    return asked.answer;
  };
}

async function inTime<T>(ask: () => Promise<T>): Promise<T | null> {
  const patience = new AbortController();
  const late = delay(ASK_TIMEOUT_MS, null, { signal: patience.signal, ref: false }).catch(() => null);
  try {
    return await Promise.race([ask(), late]);
  } catch {
    return null;
  } finally {
    patience.abort();
  }
}
