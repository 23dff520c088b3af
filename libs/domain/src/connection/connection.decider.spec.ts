import {
  configureConnection as configured,
  connectionSettings,
  deciding,
  connectionAfter as happened,
  historyOf,
  nothing,
  records,
  refuses,
  removeConnection as removed,
  sampleOidc,
  switchConnection as switched,
} from '#libs/testing';
import type { RuleAsWritten } from './connection.commands.js';
import { connectionDecider } from './connection.decider.js';

const connection = deciding(connectionDecider);
const gives = { set: {}, directory: null, refuse: false };
const admins: RuleAsWritten = { id: 'admins', when: { group: 'crm-admins' }, grant: ['crm.admin'], ...gives };
const everyone: RuleAsWritten = { id: 'everyone', when: 'always', grant: ['crm.reader'], ...gives };

describe('a connection that is new', () => {
  it('is registered with its settings, each rule at version 1', () =>
    connection
      .given()
      .when(configured({ rules: [admins, everyone], enabled: false }))
      .then(
        records('ConnectionRegistered', {
          connection: 'okta',
          enabled: false,
          managedBy: 'config',
          settings: {
            ...connectionSettings(),
            rules: [
              { ...admins, version: 1 },
              { ...everyone, version: 1 },
            ],
          },
        }),
      ));

  it('has version 1 and knows the event behind it', () => {
    const { state } = connection.given(...happened(configured()));
    expect([state.version, state.enabled, state.status]).toEqual([1, true, 'present']);
    expect(state.lastChange).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a connection that is configured again', () => {
  it('changes nothing when it says the same', () =>
    connection
      .given(...happened(configured({ rules: [admins] })))
      .when(configured({ rules: [admins] }))
      .then(nothing));

  it('says what changes', () =>
    connection
      .given(...happened(configured()))
      .when(configured({ trustEmail: false, rules: [admins] }))
      .then(records('ConnectionChanged', { changed: ['rules', 'trustEmail'], managedBy: 'config' })));

  it('rises by one version with each change, not with each command', () => {
    const { state } = connection.given(
      ...happened(configured(), configured(), configured({ trustEmail: false }), configured({ rules: [admins] })),
    );
    expect(state.version).toBe(3);
  });

  it('is changed and switched by one command', () =>
    connection
      .given(...happened(configured()))
      .when(configured({ trustEmail: false, enabled: false }))
      .then(records('ConnectionChanged', { changed: ['trustEmail'] }), records('ConnectionDisabled')));

  it('keeps its version when it is only switched', () => {
    const { state } = connection.given(...happened(configured(), configured({ enabled: false })));
    expect([state.version, state.enabled]).toEqual([1, false]);
  });
});

describe('a rule', () => {
  const versions = (...steps: (readonly RuleAsWritten[])[]) => {
    const { state } = connection.given(...happened(...steps.map((rules) => configured({ rules }))));
    return Object.fromEntries(state.settings?.rules.map(({ id, version }) => [id, version]) ?? []);
  };
  const promoted: RuleAsWritten = { ...admins, grant: ['crm.owner'] };

  it('gets a new version when it changes, and the others keep theirs', () =>
    expect(versions([admins, everyone], [promoted, everyone])).toEqual({ admins: 2, everyone: 1 }));

  it('keeps its version when it only moves', () =>
    expect(versions([admins, everyone], [everyone, admins])).toEqual({ admins: 1, everyone: 1 }));

  it('is a new version when it changes back: what was decided about the first does not hold for it', () =>
    expect(versions([admins], [promoted], [admins])).toEqual({ admins: 3 }));

  it('is a new version when it comes back after a removal, however long ago', () =>
    expect(versions([admins], [promoted], [], [everyone], [admins])).toEqual({ admins: 3 }));
});

describe('a connection is switched', () => {
  it('off and on', () => {
    connection
      .given(...happened(configured()))
      .when(switched(false))
      .then(records('ConnectionDisabled'));
    connection
      .given(...happened(configured(), switched(false)))
      .when(switched(true))
      .then(records('ConnectionEnabled'));
  });

  it('to what it is without anything happening', () => {
    connection
      .given(...happened(configured()))
      .when(switched(true))
      .then(nothing);
    connection
      .given(...happened(configured({ enabled: false })))
      .when(switched(false))
      .then(nothing);
  });

  it('only where there is one', () => {
    connection.given().when(switched(true)).then(refuses('connection-not-found'));
    connection
      .given(...happened(configured(), removed()))
      .when(switched(true))
      .then(refuses('connection-not-found'));
  });
});

describe('a connection that is removed', () => {
  it('is gone for good', () =>
    connection
      .given(...happened(configured()))
      .when(removed())
      .then(records('ConnectionRemoved', { connection: 'okta' })));

  it('cannot be removed twice', () => {
    connection.given().when(removed()).then(refuses('connection-not-found'));
    connection
      .given(...happened(configured(), removed()))
      .when(removed())
      .then(refuses('connection-not-found'));
  });

  it('keeps its id: another one of this name would blur its history', () =>
    connection
      .given(...happened(configured(), removed()))
      .when(configured())
      .then(refuses('connection-removed')));

  it('admits nobody', () => expect(connection.given(...happened(configured(), removed())).state.enabled).toBe(false));
});

describe('what the configuration file manages', () => {
  const managed = happened(configured());

  it('cannot be changed, switched or removed by the API', () => {
    for (const command of [configured({ managedBy: 'api' }), switched(false, 'api'), removed('api')]) {
      connection
        .given(...managed)
        .when(command)
        .then(refuses('managed-by-config'));
    }
  });

  it('can be detached, and is the API’s from then on', () => {
    connection
      .given(...managed)
      .when(configured({ managedBy: 'api', detach: true }))
      .then(records('ConnectionChanged', { managedBy: 'api', changed: ['managedBy'] }));
    const detached = happened(configured(), configured({ managedBy: 'api', detach: true }));
    connection
      .given(...detached)
      .when(switched(false, 'api'))
      .then(records('ConnectionDisabled'));
  });

  it('can be taken over from the API', () =>
    connection
      .given(...happened(configured({ managedBy: 'api' })))
      .when(configured())
      .then(records('ConnectionChanged', { managedBy: 'config' })));
});

describe('a connection that links people by the subjects of one source', () => {
  const speaking = (issuer: string, clientId = 'gatebook') =>
    configured({ protocol: 'oidc', saml: null, oidc: { ...sampleOidc, issuer, clientId } });

  it('never takes those of another source for them', () => {
    const known = connection.given(...happened(speaking('https://op.example')));
    known.when(speaking('https://evil.example')).then(refuses('connection-source-fixed'));
    known.when(configured()).then(refuses('connection-source-fixed'));
  });

  it('may change otherwise', () =>
    connection
      .given(...happened(speaking('https://op.example')))
      .when(speaking('https://op.example', 'another'))
      .then(records('ConnectionChanged', { changed: ['oidc'] })));
});

describe('the fold of a connection', () => {
  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(...happened(configured()));
    expect(() =>
      connectionDecider.evolve(connectionDecider.initialState, { ...event, type: 'Other' } as never),
    ).toThrow('A connection cannot fold Other.');
  });
});
