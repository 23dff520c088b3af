import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type SodExceptionRow, sodExceptionsTable } from './sod-exceptions.table.js';

/** Exceptions from segregation of duties: for whom, under which control, until when. */
export const sodExceptions = projection('sod-exceptions', 1, {
  sight: 'personal',
  tables: [sodExceptionsTable],
  categories: ['sodException'],
  on: {
    SodExceptionGranted: ({ id, tenant, data, recordedAt, position }) => [
      put(sodExceptionsTable, {
        tenant,
        exception: data.exception,
        policy: data.policy,
        account: data.account,
        owner: data.owner,
        control: data.control,
        ends_at: data.until,
        reason: data.reason,
        granted_by: data.by,
        granted_at: recordedAt,
        granted_pos: position,
        granted_event: id,
        status: 'open',
        ended_at: null,
        ended_code: null,
        ended_by: null,
      }),
    ],
    SodExceptionEnded: ({ tenant, data }) => [
      patch(
        sodExceptionsTable,
        { tenant, exception: data.exception },
        (): Partial<SodExceptionRow> => ({
          status: 'ended',
          ended_at: data.effectiveAt,
          ended_code: data.code,
          ended_by: data.by,
        }),
      ),
    ],
  },
});
