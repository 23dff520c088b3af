import { EventStoreBusyError } from '../event-store.errors.js';
import { Admission, MAX_CALL_BYTES, MAX_CALLS, PROBES } from './admission.js';

/** How many more calls are let in now. */
function room(admission: Admission): number {
  const entered = [];
  for (;;) {
    try {
      entered.push(admission.enter());
    } catch (error) {
      expect(error).toBeInstanceOf(EventStoreBusyError);
      for (const call of entered) call.leave();
      return entered.length;
    }
  }
}

describe('what waits for the server', () => {
  it('is bounded in calls, and there is room again when they end', () => {
    const admission = new Admission();
    const call = admission.enter();
    expect(room(admission)).toBe(MAX_CALLS - 1);
    call.leave();
    expect(room(admission)).toBe(MAX_CALLS);
  });

  it('is bounded in bytes', () => {
    const admission = new Admission();
    const large = admission.enter(MAX_CALL_BYTES);
    expect(room(admission)).toBe(0);
    large.leave();
    expect(room(admission)).toBe(MAX_CALLS);
  });

  it('is a handful while the server says nothing to anybody, until it speaks again', () => {
    const admission = new Admission();
    const [lost, probe] = [admission.enter(), admission.enter()];
    expect(lost.unanswered()).toBe(true);
    lost.leave();
    expect(room(admission)).toBe(PROBES - 1);
    probe.answered();
    probe.leave();
    expect(room(admission)).toBe(MAX_CALLS);
  });

  it('is not cut down for one lost answer while others get theirs', () => {
    const admission = new Admission();
    const [lost, lucky] = [admission.enter(), admission.enter()];
    lucky.answered();
    expect(lost.unanswered()).toBe(false);
    lost.leave();
    lucky.leave();
    expect(room(admission)).toBe(MAX_CALLS);
  });
});
