/** Which Kubernetes is simulated, and which engine simulates it. */

/** What `/version` and `kubectl version` say. */
export const serverVersion = 'v1.36.2'
/** Patch releases that a cluster can have been set up with, oldest first. Nothing that is simulated differs between them. */
export const releases: readonly string[] = ['v1.36.0', 'v1.36.1', serverVersion]

/** What it was built with. Source: .go-version */
export const goVersion = 'go1.26.4'

/** Grows whenever the same commands may give another history: stored runs name the engine that made them. */
export const engineVersion = '0.2.107'

/** Grows whenever the same history may be judged otherwise: stored grades name the grader that gave them. */
export const graderVersion = '19'
