import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { dataFolder } from './started-server.js';

/** Browsers of the system that do as well, where the packaged one cannot run. */
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const UNPACK =
  "const { default: packed } = await import('@sparticuz/chromium'); console.log(await packed.executablePath());";

/**
 * Starts a headless Chromium: the one from the lockfile, unpacked into a folder of its own, else one that is installed.
 * Only the sandbox is off (tests may run as root): its own list of flags would switch off the very rules about cookies and sites.
 */
export async function startChromium(): Promise<Browser> {
  const failures: string[] = [];
  for (const executablePath of [await packaged(failures), ...INSTALLED]) {
    if (!executablePath || !existsSync(executablePath)) continue;
    try {
      return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(`No Chromium could be started:\n${failures.join('\n')}`);
}

/** In a process of its own: where it is unpacked is told by the real environment, which tests cannot change. */
async function packaged(failures: string[]): Promise<string | null> {
  const options = { cwd: resolve(__dirname, '../..'), env: { ...process.env, TMPDIR: dataFolder() } };
  const script = ['--input-type=module', '--eval', UNPACK];
  return promisify(execFile)(process.execPath, script, options).then(
    ({ stdout }) => stdout.trim(),
    (error: Error) => {
      failures.push(error.message);
      return null;
    },
  );
}
