import type { CommandBus } from '@nestjs/cqrs';
import { Catalog } from '#libs/catalog';
import { catalogue } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import {
  accessEpochs,
  accessEpochsFollower,
  assertionReplays,
  identityKeys,
  identityKeysFollower,
  sessions,
  signInTransactions,
} from '#libs/identity';
import type { RecordedEvent } from '#libs/kernel';
import { AccountCommandHandler, Metrics, RevocationMetrics, RunAccountCommand, WriteRequests } from '#libs/platform';
import { subjectKeys, vaultCodec } from '#libs/vault';
import { SamlController } from '../../apps/gate/src/saml/saml.controller.js';
import { BrowserSessions } from '../../apps/gate/src/session/browser-sessions.js';
import type { TestSignIns } from '../../apps/gate/src/setup/test-sign-ins.js';
import { AssertionUses } from '../../apps/gate/src/sign-in/assertion-uses.js';
import { BrowserSignIns } from '../../apps/gate/src/sign-in/browser-sign-ins.js';
import { PendingSignIns } from '../../apps/gate/src/sign-in/pending-sign-ins.js';
import { Refusals } from '../../apps/gate/src/sign-in/refusals.js';
import { SignInCommand, SignInHandler } from '../../apps/gate/src/sign-in/sign-in.handler.js';
import { SignInPreparation } from '../../apps/gate/src/sign-in/sign-in.preparation.js';
import { SignInRefusals } from '../../apps/gate/src/sign-in/sign-in-refusals.js';
import { SignIns } from '../../apps/gate/src/sign-in/sign-ins.js';
import { AccountCommandsController } from '../../apps/provisioning/src/accounts/account-commands.controller.js';
import { AccountCreation } from '../../apps/provisioning/src/accounts/account-creation.js';
import { WaysIn } from '../../apps/provisioning/src/accounts/ways-in.js';
import type { World } from './world.js';

/** What the node reaches its installation by; each may fail. */
export interface Ways {
  readonly database: Database;
  readonly store: EventStore;
}

/** A server with the use cases of gate and provisioning, whole, below HTTP. It remembers what a process remembers, and no more. */
export interface Node extends Ways {
  readonly saml: SamlController;
  readonly accounts: AccountCommandsController;
  readonly identityKeysFollower: ReturnType<typeof identityKeysFollower>;
  readonly accessEpochsFollower: ReturnType<typeof accessEpochsFollower>;
  /** Events of the account that the last command of this node has appended, or had appended before. */
  readonly recorded: () => readonly RecordedEvent[];
}

/** Nobody here came by a setup link: what shows the result of a test sign-in is never asked. */
const NOBODY_TESTS = undefined as unknown as TestSignIns;

const revocations = new RevocationMetrics(new Metrics());

/** Starts a node. */
export function startNode({ engine }: World, { database, store }: Ways): Node {
  const { keyring, clock } = engine;
  const basis = { database, keyring, clock };
  const codec = vaultCodec({ catalogue, subjectKeys: subjectKeys(basis), keyring });
  const path = { store, codec, clock };
  const catalog = new Catalog(store, codec);
  const onFailure = () => undefined;
  const keysFollower = identityKeysFollower({ ...basis, store, codec, onFailure });
  const keys = identityKeys({ ...basis, caughtUp: () => true });
  const epochs = accessEpochs(database);
  const refusals = new SignInRefusals(new Refusals(path, clock), catalog);
  const preparation = new SignInPreparation(catalog, keys, keyring, clock);
  const bus = new Dispatch(
    new SignInHandler(preparation, refusals, path, epochs, revocations),
    new AccountCommandHandler(path, epochs, revocations, catalog),
  );
  const commands = bus as unknown as CommandBus;
  return {
    database,
    store,
    saml: new SamlController(
      new BrowserSignIns(
        new SignIns(commands, new AssertionUses(refusals, assertionReplays(basis)), refusals),
        new PendingSignIns(signInTransactions(basis)),
        new BrowserSessions(sessions(basis), catalog),
        NOBODY_TESTS,
      ),
    ),
    accounts: new AccountCommandsController(
      commands,
      new WriteRequests(catalog, keyring, clock),
      new AccountCreation(commands, catalog, keys, path, new WaysIn(path, catalog)),
      catalog,
    ),
    identityKeysFollower: keysFollower,
    accessEpochsFollower: accessEpochsFollower({ database, store, onFailure }),
    recorded: () => bus.recorded,
  };
}

const soundNodes = new WeakMap<World, Node>();

/** The node of a world on which nothing ever fails. It is started once and stays up: most of a start is room for keys in memory. */
export function soundNode(world: World): Node {
  const node = soundNodes.get(world) ?? startNode(world, world.engine);
  soundNodes.set(world, node);
  return node;
}

/** Brings the two commands of this test to their handlers, as Nest does. */
class Dispatch {
  recorded: readonly RecordedEvent[] = [];

  constructor(
    private readonly signIns: SignInHandler,
    private readonly accounts: AccountCommandHandler,
  ) {}

  async execute(command: SignInCommand | RunAccountCommand): Promise<unknown> {
    if (command instanceof SignInCommand) return this.signIns.execute(command);
    const outcome = await this.accounts.execute(command);
    this.recorded = outcome.events;
    return outcome;
  }
}
