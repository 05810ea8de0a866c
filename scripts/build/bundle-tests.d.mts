/** @param over other texts of sources, by their whole paths; and what stands at the beginning of each built file */
export function bundleTests(
  files: readonly string[],
  folder: string,
  over?: { textOf?: Readonly<Record<string, string>>; banner?: string },
): Promise<string[]>

/** Programs of the project and the child processes of the server, in a folder. */
export function bundlePrograms(
  entries: readonly string[],
  folder: string,
  over?: { textOf?: Readonly<Record<string, string>>; banner?: string },
): Promise<void>
