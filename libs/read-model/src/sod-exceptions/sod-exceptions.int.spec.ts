import {
  ada,
  bo,
  clearReader,
  exceptionEnded,
  exceptionGranted,
  exceptionId,
  historyOf,
  onEveryDatabase,
  yusuf,
} from '#libs/testing';
import { findExceptionsEnding, findSodException, findSodExceptions } from '../index.js';
import { projectedHistory } from '../read-model.fixture.js';

/** Goal: everybody sees which exceptions hold, and whoever follows their ends finds those that are near. */

const hour = (n: number, rest = '00:00.000') => `2026-03-02T${String(n).padStart(2, '0')}:${rest}Z`;

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);
  const [first, second, third] = [exceptionId(ada, 'first'), exceptionId(bo, 'second'), exceptionId(ada, 'third')];
  const history = () =>
    historyOf(
      exceptionGranted(ada, 'first', hour(12)),
      exceptionGranted(bo, 'second', hour(20), { policy: 'other' }),
      exceptionGranted(ada, 'third', hour(11)),
      exceptionEnded(ada, 'third'),
      exceptionGranted(yusuf, 'theirs', hour(13)),
    );

  it('lists those of a tenant by account, policy and whether they hold', async () => {
    await model.project(history());
    const list = async (query: object = {}) =>
      (await findSodExceptions(model.database, { tenant: 'acme', now: hour(9), limit: 50, ...query })).items.map(
        ({ exception }) => exception,
      );
    expect(await list()).toEqual([first, second, third]);
    expect(await list({ account: ada.account })).toEqual([first, third]);
    expect(await list({ policy: 'other' })).toEqual([second]);
    expect(await list({ status: ['open'] })).toEqual([first, second]);
    expect(await list({ status: ['open'], now: hour(12) })).toEqual([second]);
  });

  it('ends at its instant, whoever has written that down', async () => {
    await model.project(history());
    const at = (now: string) => findSodException(model.database, { tenant: 'acme', exception: first, now });
    expect(await at(hour(11, '59:59.999'))).toMatchObject({ status: 'open', owner: 'olga@acme.example' });
    expect(await at(hour(12))).toMatchObject({ status: 'ended', endedAt: null });
    expect(await findSodException(model.database, { tenant: 'globex', exception: first, now: hour(9) })).toBeNull();
  });

  it('finds those of every tenant whose end is near and not written down, the nearest first', async () => {
    await model.project(history());
    const ending = async (query: object) =>
      (await findExceptionsEnding(model.database, { before: hour(13), limit: 5, ...query })).map(
        ({ exception }) => exception,
      );
    expect(await ending({})).toEqual([first, exceptionId(yusuf, 'theirs')]);
    expect(await ending({ before: hour(11, '59:59.999') })).toEqual([]);
    const [nearest] = await findExceptionsEnding(model.database, { before: hour(13), limit: 1 });
    expect(await ending({ after: nearest })).toEqual([exceptionId(yusuf, 'theirs')]);
  });
});
