/** Why a data folder cannot be used, for whoever starts the server: what is wrong, where, and how to get on. */
import { userInfo } from 'node:os'

/** Expected of a machine: told without a stack. */
export class DataFolderUnusable extends Error {
  override readonly name = 'DataFolderUnusable'
}

/** By the system's code. @param path what the system refused, or the folder */
const reasons: Record<string, (path: string) => string> = {
  EROFS: (path) => `${path} is on a file system that is mounted read-only. Mount it writable`,
  EACCES: (path) => `the user ${userName()} may not write ${path}. Make that user its owner with chown`,
  EPERM: (path) => `the user ${userName()} may not write ${path}. Make that user its owner with chown`,
  ENOSPC: (path) => `no space is left on the disk of ${path}. Make room there`,
  EDQUOT: (path) => `the user ${userName()} has used up its quota on the disk of ${path}. Make room there`,
  ENOTDIR: (path) => `a file stands where ${path} needs a folder. Move the file away`,
  EEXIST: (path) => `${path} is a file. Move it away`,
}

/**
 * Does the first work in a data folder.
 * @throws DataFolderUnusable instead of what the file system says, as far as somebody can change it
 */
export async function usingFolder<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    const reason = code !== undefined && Object.hasOwn(reasons, code) ? reasons[code]! : undefined
    // Writing into an open file fails without a path. A path elsewhere is another matter.
    if (!reason || (path !== undefined && !path.startsWith(folder) && !folder.startsWith(path))) throw error
    throw new DataFolderUnusable(
      `The data folder ${folder} cannot be used: ${reason(path ?? folder)}, or choose another folder with DATA_DIR.`,
      { cause: error },
    )
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'of this process')
  }
}
