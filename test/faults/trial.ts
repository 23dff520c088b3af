import { anomaliesIn, Told } from './anomalies.js';
import type { Faults } from './faults.js';
import { type Node, soundNode, startNode, type Ways } from './node.js';
import { type Answer, insist, OPERATIONS, type Operation, type Person, type Prepared } from './operations.js';
import { drain, type Line, readOn, type Work } from './pipeline.js';
import type { World } from './world.js';

/** What makes the news: somebody new is taken a role from. */
const NEWS = 'a revocation';

/** Work that goes on by itself meets a lasting fault so often before it is healed. */
const HITS_UNTIL_HEALED = 2;

/** Runs operations under faults in one world, each for somebody new, and judges the world after each. */
export class Trial {
  readonly told = new Told();
  #people = 0;

  constructor(readonly world: World) {}

  /** Somebody whom nobody knows yet; of the two customers in turn. */
  newcomer(): Person {
    this.#people += 1;
    return { tenant: this.#people % 2 === 0 ? 'acme' : 'globex', name: `person-${this.#people}` };
  }

  /**
   * Gives a command through failing ways; heals them; gives the same command until it comes through, every other time at another node that
   * has read the log meanwhile; lets everything be taken in.
   */
  async underFaults(operation: Operation, faults: Faults, failing: Ways): Promise<void> {
    const { world } = this;
    const prepared = await operation.prepare(world, this.newcomer());
    const node = startNode(world, failing);
    const answer = await prepared.give(node).catch(() => null);
    faults.heal();
    const given = answer ?? (await insist(world, prepared, await this.#nextNode(node)));
    await this.#acknowledged(prepared, given);
  }

  /** Five events without any fault, for whatever follows the store. */
  async news(): Promise<void> {
    const { world } = this;
    const revocation = OPERATIONS.find(({ name }) => name === NEWS) as Operation;
    const prepared = await revocation.prepare(world, this.newcomer());
    await this.#acknowledged(prepared, await prepared.give(soundNode(world)));
  }

  /**
   * Does work on a failing line, which is healed once the work has met its fault twice, or has ended with it; then does it again on the sound
   * line, as whoever holds the role does.
   */
  async onFailingLine(work: Work, faults: Faults, failing: Line, sound: Line): Promise<void> {
    const watch = () => {
      if (faults.hits >= HITS_UNTIL_HEALED) faults.heal();
    };
    const stop = await work(this.world, { ...failing, watch }).catch(() => null);
    if (stop) throw new Error(`It has stopped for good: ${stop.reason}`);
    faults.heal();
    await work(this.world, sound);
  }

  /** Takes in what there is, and says what is wrong then. A thorough look asks for everything again that was ever told. */
  async judge(how: { readonly thorough?: boolean } = {}): Promise<string[]> {
    const { world, told } = this;
    world.clock.tick();
    const stop = await drain(world);
    return [...(stop ? [`projecting has stopped: ${stop.reason}`] : []), ...(await anomaliesIn(world, told, how))];
  }

  /** Whatever is to end has ended when the command is acknowledged, before anybody reads the log. */
  async #acknowledged(prepared: Prepared, { events }: Answer): Promise<void> {
    const { told, world } = this;
    told.commands.set(prepared.commandId, prepared);
    for (const id of events) told.events.add(id);
    for (const token of prepared.ends) if ((await world.engine.sessions.find(token)) !== null) told.outlived += 1;
  }

  async #nextNode(node: Node): Promise<Node> {
    if (this.#people % 4 < 2) return node;
    const other = startNode(this.world, this.world.engine);
    await readOn(other);
    return other;
  }
}
