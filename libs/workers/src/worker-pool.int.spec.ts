/** A pool with real threads. Their file is written by this test; it uses `serveJobs` of the last build. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { workerFile } from './worker-file.js';
import { WorkerQueueFullError } from './worker-pool.errors.js';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.js';

type Job = 'echo' | 'spin' | 'throw' | 'exit' | 'hoard' | 'environment' | 'hold';

const folder = mkdtempSync(join(tmpdir(), 'worker-pool-'));
const file = join(folder, 'sample.worker.mjs');
const pools: WorkerPool<Job, unknown>[] = [];
const pool = (options: Partial<WorkerPoolOptions> = {}) => {
  const made = new WorkerPool<Job, unknown>({
    name: 'the sample pool',
    file,
    size: 2,
    jobTimeoutMs: 5_000,
    ...options,
  });
  pools.push(made);
  return made;
};

beforeAll(() => {
  const serveJobs = pathToFileURL(workerFile(import.meta.url, './serve-jobs.js'));
  writeFileSync(
    file,
    `import { serveJobs } from '${serveJobs}';
     import { threadId } from 'node:worker_threads';
     const hoard = [];
     serveJobs(async (job) => {
       if (job === 'spin') for (;;);
       if (job === 'throw') throw new RangeError('ada@acme.example is out of range');
       if (job === 'exit') process.exit(3);
       if (job === 'hoard') for (;;) hoard.push(new Array(100_000).fill(String(hoard.length)));
       if (job === 'environment') return Object.keys(process.env).length;
       if (job === 'hold') await new Promise((done) => setTimeout(done, 200));
       return threadId;
     });`,
  );
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((each) => each.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a pool of workers', () => {
  it('starts threads when they are needed, no more than its size, and uses them again', async () => {
    const workers = pool({ size: 2 });
    const threads = await Promise.all(Array.from({ length: 20 }, () => workers.run('hold')));
    expect(new Set(threads).size).toBe(2);
    expect(threads).toContain(await workers.run('echo'));
  });

  it('ends a job that runs too long, and only that one', async () => {
    const workers = pool({ jobTimeoutMs: 700 });
    await workers.start();
    const [spun, ...others] = await Promise.allSettled([
      workers.run('spin'),
      workers.run('echo'),
      workers.run('hold'),
      workers.run('echo'),
    ]);
    expect(spun).toMatchObject({ status: 'rejected', reason: { code: 'worker-timeout', kind: 'unavailable' } });
    expect(others.every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  it("counts a job's time from its start, not from its acceptance", async () => {
    const workers = pool({ size: 1, jobTimeoutMs: 1_500 });
    await expect(Promise.all(Array.from({ length: 10 }, () => workers.run('hold')))).resolves.toHaveLength(10);
  });

  it('works on with all threads replaced', async () => {
    const workers = pool({ jobTimeoutMs: 300 });
    await Promise.allSettled([workers.run('spin'), workers.run('spin'), workers.run('spin')]);
    await expect(Promise.all([workers.run('echo'), workers.run('echo')])).resolves.toHaveLength(2);
  });

  it.each<[Job, string]>([
    ['throw', 'RangeError'],
    ['exit', 'worker exited'],
    ['hoard', 'ERR_WORKER_OUT_OF_MEMORY'],
  ])('tells that a job failed (%s) without telling what was in it, and goes on', async (job, reason) => {
    const workers = pool({ memoryLimitMb: 32 });
    const error = await workers.run(job).catch((cause: Error) => cause);
    expect(error).toMatchObject({ code: 'worker-job-failed', message: expect.stringContaining(reason) });
    expect(String(error)).not.toContain('acme');
    await expect(workers.run('echo')).resolves.toEqual(expect.any(Number));
  });

  it('refuses a job when enough are waiting', async () => {
    const workers = pool({ size: 1, queueLimit: 2 });
    await workers.start();
    const accepted = [workers.run('hold'), workers.run('echo'), workers.run('echo')];
    await expect(workers.run('echo')).rejects.toMatchObject({ code: 'worker-queue-full', kind: 'unavailable' });
    await expect(Promise.all(accepted)).resolves.toHaveLength(3);
  });

  it('lets one source fill no more than three quarters of the queue, and others take turns with it', async () => {
    const small = pool({ size: 1, queueLimit: 8 });
    await small.start();
    const ended: string[] = [];
    const ask = (source: string) => small.run('hold', { source }).then(() => ended.push(source));
    const mallory = [ask('mallory')]; // under way: does not wait
    for (let n = 0; n < 6; n += 1) mallory.push(ask('mallory'));
    await expect(ask('mallory')).rejects.toThrow(WorkerQueueFullError);
    await Promise.all([ask('ada'), ...mallory]);
    expect(ended.indexOf('ada')).toBeLessThanOrEqual(2);
  });

  it('keeps a thread free of large jobs', async () => {
    const two = pool();
    const large = [1, 2, 3].map(() => two.run('hold', { large: true }));
    await two.start();
    const order = await Promise.race([two.run('echo').then(() => 'small'), Promise.all(large).then(() => 'large')]);
    expect(order).toBe('small');
    expect(new Set(await Promise.all(large)).size).toBe(1); // one after the other, in the one thread that they may have
  });

  it('shows its threads nothing of the environment', async () => {
    expect(await pool().run('environment')).toBe(0);
  });

  it('lets accepted jobs end when it closes, and takes no more', async () => {
    const workers = pool({ size: 1 });
    const accepted = [workers.run('hold'), workers.run('echo')];
    const closed = workers.close();
    await expect(workers.run('echo')).rejects.toMatchObject({ code: 'worker-pool-closed' });
    await expect(Promise.all(accepted)).resolves.toHaveLength(2);
    await closed;
    await workers.close();
  });

  it('gives up when its threads do not start', async () => {
    const workers = pool({ file: join(folder, 'absent.mjs') });
    await expect(workers.run('echo')).rejects.toMatchObject({ code: 'worker-pool-broken', kind: 'unavailable' });
    await expect(workers.start()).rejects.toThrow();
  });
});
