import { fileURLToPath } from 'node:url';

/**
 * Finds the compiled JavaScript file of a worker thread.
 * A worker cannot be started from TypeScript, so code that runs from source (tests) starts the worker of the last build:
 * `libs/x/src/y.worker.js` beside a source file becomes `dist/libs/x/src/y.worker.js`. Every npm script builds first.
 * @param moduleUrl `import.meta.url` of the module that starts the worker
 * @param name file name relative to that module, ending in `.js`
 */
export function workerFile(moduleUrl: string, name: string): string {
  const path = fileURLToPath(new URL(name, moduleUrl));
  const runsFromSource = moduleUrl.endsWith('.ts');
  return runsFromSource ? path.replace(/([/\\])(libs|apps)([/\\][^/\\]+[/\\]src[/\\])/, '$1dist$1$2$3') : path;
}
