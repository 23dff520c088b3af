import { samplePage } from './sample.page.js';
import type { SampleKit } from './sample-kit.js';

/** In what a sample can be had. */
export const SAMPLE_FORMATS = ['html', 'json'] as const;
/** One of them. */
export type SampleFormat = (typeof SAMPLE_FORMATS)[number];

/** Writes a sample as one file that needs nothing else; the same sample, the same bytes. */
export function renderSample(kit: SampleKit, format: SampleFormat): string {
  return format === 'html' ? String(samplePage(kit)) : `${JSON.stringify(kit, null, 2)}\n`;
}
