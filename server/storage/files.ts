/** The file operations that storage is made of. Tests put a disk in their place that fails, fills up or loses its power. */
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'

export interface OpenFile {
  /** Writes all of it where the last write ended. */
  writeFile(data: string | Uint8Array): Promise<void>
  /** Contents, and the length, reach the disk. */
  datasync(): Promise<void>
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** As in `node:fs/promises`, errors included. */
export interface Files {
  /** `r` reads, and is how a folder is opened; `w` empties or makes a file; `ax` makes one and appends, and refuses one that is there. */
  open(path: string, flags: 'r' | 'w' | 'ax', mode?: number): Promise<OpenFile>
  readFile(path: string): Promise<Buffer>
  /** @returns folders end in `/` */
  readdir(folder: string): Promise<string[]>
  /** Makes the folders above, too. @returns the first one that was made */
  mkdir(folder: string, mode: number): Promise<string | undefined>
  rename(from: string, to: string): Promise<void>
  /** What is not there is no error. */
  rm(path: string): Promise<void>
  access(path: string): Promise<void>
}

export const disk: Files = {
  open: (path, flags, mode) => open(path, flags, mode),
  readFile: (path) => readFile(path),
  readdir: async (folder) =>
    (await readdir(folder, { withFileTypes: true })).map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    ),
  mkdir: (folder, mode) => mkdir(folder, { recursive: true, mode }),
  rename: (from, to) => rename(from, to),
  rm: (path) => rm(path, { force: true }),
  access: (path) => access(path),
}

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code
