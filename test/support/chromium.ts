import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Browsers of the system that do as well, where the packaged one cannot run. */
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Starts a headless Chromium: the one from the lockfile, unpacked into a folder of its own, else one that is installed.
 * Only the sandbox is off (tests may run as root): its own list of flags would switch off the very rules about cookies and sites.
 */
export async function startChromium(): Promise<Browser> {
  const failures: string[] = [];
  for (const executablePath of [
    await packaged().catch((error: Error) => {
      failures.push(error.message);
      return null;
    }),
    ...INSTALLED,
  ]) {
    if (!executablePath || !existsSync(executablePath)) continue;
    try {
      return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(`No Chromium could be started:\n${failures.join('\n')}`);
}

async function packaged(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gatebook-chromium-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    const { default: sparticuz } = await import('@sparticuz/chromium');
    return await sparticuz.executablePath();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
