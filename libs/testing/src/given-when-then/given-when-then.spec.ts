import { DomainError, type RecordedEvent } from '#libs/kernel';
import { roleDefined } from '../histories/index.js';
import { type Asked, deciding, nothing, records, refuses } from './index.js';

class TooManyError extends DomainError {
  readonly code = 'too-many';
  readonly kind = 'conflict';
}

type Retire = { type: 'Retire'; data: { times: number; as?: string }; metadata: never };
const retiring = deciding<Retire, number, { type: 'RoleRetired'; data: object }>({
  initialState: 0,
  decide({ data }, state) {
    if (state + data.times > 3) throw new TooManyError('No more.');
    const event = { type: 'RoleRetired' as const, data: { role: data.as ?? 'crm.reader', reason: null } };
    return Array.from({ length: data.times }, () => event);
  },
  evolve(state, { type }: RecordedEvent) {
    if (type === 'RoleChanged') throw new TypeError('cannot fold');
    return state + 1;
  },
});
const retire = (times: number, as?: string): Asked<Retire> => ({
  type: 'Retire',
  data: as ? { times, as } : { times },
});

describe('a sentence of given, when and then', () => {
  it('holds when the outcome is as told', () => {
    retiring.given().when(retire(0)).then(nothing);
    retiring
      .given()
      .when(retire(1))
      .then(records('RoleRetired', { role: 'crm.reader' }));
    retiring.given(roleDefined('a'), roleDefined('b')).when(retire(2)).then(refuses('too-many'));
  });

  it.each([
    ['an event came where nothing should', () => retiring.given().when(retire(1)).then(nothing)],
    ['nothing came where an event should', () => retiring.given().when(retire(0)).then(records('RoleRetired'))],
    ['one event came too many', () => retiring.given().when(retire(2)).then(records('RoleRetired'))],
    ['an event of another type came', () => retiring.given().when(retire(1)).then(records('RoleDefined'))],
    [
      'the event says something else',
      () =>
        retiring
          .given()
          .when(retire(1))
          .then(records('RoleRetired', { role: 'x' })),
    ],
    ['it was refused', () => retiring.given().when(retire(4)).then(nothing)],
    ['it was refused for another reason', () => retiring.given().when(retire(4)).then(refuses('too-few'))],
    ['it was not refused', () => retiring.given().when(retire(1)).then(refuses('too-many'))],
  ])('fails when %s', (_, sentence) => expect(sentence).toThrow());

  it('fails when the catalogue refuses what was decided, though it is what was told', () =>
    expect(() => retiring.given().when(retire(1, 'No Such Name')).then(records('RoleRetired'))).toThrow(
      'RoleRetired does not fit the catalogue: role: invalid_format',
    ));

  it('fails when the decider cannot fold what it decided', () => {
    const oneWay = deciding<Retire, number, { type: 'RoleRetired'; data: object }>({
      initialState: 0,
      decide: () => [{ type: 'RoleRetired', data: { role: 'crm.reader', reason: null } }],
      evolve: () => {
        throw new TypeError('cannot fold');
      },
    });
    expect(() => oneWay.given().when(retire(1)).then(records('RoleRetired'))).toThrow('cannot fold');
  });
});
