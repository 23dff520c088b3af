/** How long an instance that could not be reached comes last, in milliseconds. */
const REST_MS = 1_000;

/** One server of Gatebook behind the front, with its instances. They take turns; one that could not be reached comes last for a second. */
export class Upstream {
  readonly #restsUntil = new Map<string, number>();
  #turn = 0;

  constructor(
    readonly name: string,
    readonly instances: readonly string[],
  ) {}

  /** Origins of the instances, in the order in which to try them now (`now` in milliseconds). */
  inTurn(now: number): readonly string[] {
    this.#turn = (this.#turn + 1) % this.instances.length;
    const rotated = [...this.instances.slice(this.#turn), ...this.instances.slice(0, this.#turn)];
    const resting = (origin: string) => Number((this.#restsUntil.get(origin) ?? 0) > now);
    return rotated.sort((a, b) => resting(a) - resting(b));
  }

  /** Says that an instance could not be reached. */
  rest(origin: string, now: number): void {
    this.#restsUntil.set(origin, now + REST_MS);
  }
}
