/**
 * CDI: what a container gets with a device, as files of the node describe it. Simplified: of the edits the environment counts; there are no
 * device files, mounts or hooks. Sources: https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md, containerd
 */
import { parse } from 'yaml'
import { isRecord } from '../api/meta/json.ts'
import { charge } from '../engine/work.ts'
import { FileError, type FileSystem } from '../runtime/files.ts'

/** Where containerd looks; what lies in a later one hides the same device of an earlier one. */
const folders = ['/etc/cdi', '/var/run/cdi']

/**
 * The environment that comes with these devices.
 * @param devices `VENDOR/CLASS=NAME`
 * @returns the error in the words of containerd
 */
export function cdiEnvironment(
  files: FileSystem,
  devices: readonly string[],
): { env: Record<string, string> } | { error: string } {
  const known = new Map<string, readonly string[]>()
  for (const folder of folders)
    for (const spec of specsIn(files, folder)) {
      const common = envIn(spec.containerEdits)
      for (const device of Array.isArray(spec.devices) ? spec.devices : [])
        if (isRecord(device)) known.set(`${spec.kind}=${device.name}`, [...common, ...envIn(device.containerEdits)])
    }
  const missing = devices.filter((name) => !known.has(name))
  if (missing.length > 0)
    return {
      error: `failed to create containerd container: CDI device injection failed: unresolvable CDI devices ${missing.join(', ')}`,
    }
  const env: Record<string, string> = {}
  for (const name of devices)
    for (const line of known.get(name) ?? []) {
      const at = line.indexOf('=')
      env[line.slice(0, at)] = line.slice(at + 1)
    }
  return { env }
}

/** A file that can't be read, or is none, is left out. */
function specsIn(files: FileSystem, folder: string): Record<string, unknown>[] {
  try {
    if (!files.exists(folder)) return []
    return files
      .list(folder)
      .filter((name) => /\.(?:json|yaml)$/.test(name))
      .flatMap((name) => specOf(files.read(`${folder}/${name}`)))
  } catch (error) {
    if (error instanceof FileError) return []
    throw error
  }
}

function specOf(text: string): Record<string, unknown>[] {
  charge(text.length)
  try {
    const spec: unknown = parse(text)
    return isRecord(spec) ? [spec] : []
  } catch {
    return []
  }
}

const envIn = (edits: unknown): readonly string[] =>
  isRecord(edits) && Array.isArray(edits.env)
    ? edits.env.filter((line): line is string => typeof line === 'string' && line.indexOf('=') > 0)
    : []
