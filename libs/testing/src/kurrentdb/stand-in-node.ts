import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket, type Server as SocketServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { appendCalls } from './append.calls.js';
import { type LoopbackCertificate, loopbackCertificate } from './certificate.js';
import { Faults } from './faults.js';
import { deleteCalls, featureCalls, gossipCalls } from './node.calls.js';
import { NodeState } from './node-state.js';
import { GossipService, ServerFeaturesService, StreamsService } from './protocol.js';
import { readCalls } from './read.calls.js';
import type { KurrentDbStandIn, KurrentDbStandInOptions } from './stand-in.options.js';

const HOST = '127.0.0.1';
/** Largest append that the server takes unless told otherwise, bytes. */
const MAX_APPEND_BYTES = 1_048_576;
/** Largest message that the transport takes, bytes. */
const MAX_MESSAGE_BYTES = 17 * 1_048_576;

/** The stand-in's sockets and services. It accepts connections itself, so that it can cut them without a word. */
export class StandInNode implements KurrentDbStandIn {
  readonly faults: Faults;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #state: NodeState | undefined;
  #running: { readonly listener: SocketServer; readonly grpc: Server } | undefined;

  private constructor(
    private readonly options: KurrentDbStandInOptions,
    private readonly certificate: LoopbackCertificate | undefined,
  ) {
    this.#port = options.port ?? 0;
    this.faults = new Faults(
      () => this.#address(),
      () => this.#cutConnections(),
    );
  }

  /** Starts one. @throws {TypeError} when credentials are asked for without TLS */
  static async start(options: KurrentDbStandInOptions): Promise<StandInNode> {
    if (options.credentials && !options.tls) {
      throw new TypeError('The client sends credentials over TLS only: ask for tls as well.');
    }
    const node = new StandInNode(options, options.tls ? await loopbackCertificate() : undefined);
    try {
      await node.restart();
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  }

  get url(): string {
    const { credentials } = this.options;
    const who = credentials
      ? `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`
      : '';
    const tls = this.certificate
      ? `tls=true&tlsCAFile=${encodeURIComponent(this.certificate.authorityFile)}`
      : 'tls=false';
    return `kurrentdb://${who}${HOST}:${this.#port}?${tls}`;
  }

  get discoverUrl(): string {
    return this.url.replace('kurrentdb:', 'kurrentdb+discover:');
  }

  async restart(): Promise<void> {
    await this.kill();
    if (this.options.file !== undefined || !this.#state) this.#state = await this.#open();
    const grpc = this.#serve(this.#state);
    const injector = grpc.createConnectionInjector(this.#transportCredentials());
    const listener = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.setNoDelay(true);
      injector.injectConnection(socket);
    });
    listener.listen(this.#port, HOST);
    await once(listener, 'listening');
    this.#port = (listener.address() as AddressInfo).port;
    this.#running = { listener, grpc };
  }

  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    const closed = once(running.listener, 'close');
    running.listener.close();
    this.#cutConnections();
    running.grpc.forceShutdown();
    await closed;
    await this.#state?.close();
  }

  async stop(): Promise<void> {
    this.faults.clear();
    await this.kill();
    this.certificate?.remove();
  }

  #open(): Promise<NodeState> {
    const { credentials, maxAppendBytes = MAX_APPEND_BYTES, now = Date.now, file, onBroken } = this.options;
    const broken = (reason: unknown) => void this.kill().finally(() => onBroken?.(reason));
    return NodeState.open({ faults: this.faults, credentials, maxAppendBytes, now, onBroken: broken }, file);
  }

  #serve(state: NodeState): Server {
    const grpc = new Server({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    });
    grpc.addService(StreamsService, { ...appendCalls(state), ...readCalls(state), ...deleteCalls(state) });
    grpc.addService(ServerFeaturesService, { ...featureCalls(state, this.options.negotiation ?? 'batch-append') });
    grpc.addService(GossipService, { ...gossipCalls(state, () => this.#address()) });
    return grpc;
  }

  #transportCredentials(): ServerCredentials {
    if (!this.certificate) return ServerCredentials.createInsecure();
    const { key, chain } = this.certificate;
    return ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: chain }]);
  }

  #address() {
    return { host: HOST, port: this.#port };
  }

  #cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
