import fs from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Init = NodeFS['init'];

/** The part of Emscripten's NODEFS that the shim needs. It is internal to PGlite, hence the exact pin of its version. */
interface EmscriptenNodeFs {
  readonly stream_ops: { fsync?: (stream: OpenFile) => number };
  realPath(node: unknown): string;
  /** Turns a host error into an errno for the C code. */
  tryFSOperation(operation: () => void): void;
}

interface OpenFile {
  /** File descriptor of the host; absent for a directory. */
  readonly nfd?: number;
  readonly node: unknown;
}

/**
 * PGlite's file system with a working fsync. Stock PGlite never reaches the disk: its file system has no fsync operation, so PostgreSQL's
 * calls succeed without effect and a power cut loses or corrupts what was acknowledged.
 * If a later PGlite brings its own operation that one stays in force, `syncs` stays 0 and the boot self-test refuses to start.
 */
export class DurableNodeFS extends NodeFS {
  /** How many times the disk was asked to flush. */
  syncs = 0;

  /**
   * @param onFailure told when the disk refuses to flush, or PostgreSQL aborts (PANIC). PGlite itself swallows the abort and would go on
   *   with a wrecked instance, so nothing may be answered after that
   */
  constructor(
    folder: string,
    private readonly onFailure: (reason: string) => void,
  ) {
    super(folder);
  }

  override async init(...[pg, options]: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(pg, options);
    const install = (module: object) => this.installFsync((module as { NODEFS: EmscriptenNodeFs }).NODEFS);
    const preRun = [emscriptenOpts.preRun ?? []].flat() as ((module: object) => void)[];
    const onAbort = () => this.onFailure('PostgreSQL aborted');
    return { emscriptenOpts: { ...emscriptenOpts, onAbort, preRun: [...preRun, install] } as typeof emscriptenOpts };
  }

  private installFsync(nodeFs: EmscriptenNodeFs): void {
    nodeFs.stream_ops.fsync ??= (stream) => {
      this.syncs++;
      nodeFs.tryFSOperation(() => this.flush(nodeFs, stream));
      return 0;
    };
  }

  private flush(nodeFs: EmscriptenNodeFs, stream: OpenFile): void {
    try {
      if (stream.nfd) fs.fsyncSync(stream.nfd);
      else flushFolder(nodeFs.realPath(stream.node));
    } catch (error) {
      this.onFailure(`the disk refused to flush (${codeOf(error)})`);
      throw error;
    }
  }
}

/** Windows has no flush of directories, and needs none. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
