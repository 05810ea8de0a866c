/** What Helm refuses. */

/** A refusal as Helm words it, without `Error: `. */
export class HelmError extends Error {
  override readonly name = 'HelmError'
}
