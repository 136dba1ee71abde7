/** Collects what a run broke: a rule is often broken deep inside a callback, where throwing would change the run. */
export class Referee {
  readonly #broken: string[] = []
  /** How often something happened that a schedule is meant to reach. */
  readonly #reached: Map<string, number>

  constructor(reached: Map<string, number> = new Map()) {
    this.#reached = reached
  }

  readonly must = (ok: boolean, broken: string): void => {
    if (!ok) this.#broken.push(broken)
  }

  readonly reach = (what: string): void => {
    this.#reached.set(what, (this.#reached.get(what) ?? 0) + 1)
  }

  /** Throws the first rule that was broken, if one was. */
  verdict(): void {
    if (this.#broken[0] !== undefined) throw new Error(this.#broken[0])
  }
}
