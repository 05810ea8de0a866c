/** A scenario file has a mistake; the message names its place. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
}
