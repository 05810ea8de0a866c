/** Brings a document's newest text from the write-ahead log to the file where it stays. */
import { basename, dirname, join } from 'node:path'
import { Low } from 'lowdb'
import {
  DurableTextFile,
  type FileText,
  fileExists,
  namesIn,
  readTextIfAny,
  syncFolder,
  writeDurably,
} from './durable-file.ts'
import type { Files } from './files.ts'

export interface Settled {
  version: number
  /** The data as JSON. */
  text: string
}

const envelopeText = ({ version, text }: Settled): string => `{"schemaVersion":${version},"data":${text}}`

/**
 * Writes the file, or removes it when there is no document. It lasts once the folder that is returned is synced.
 * @param alsoAside what was set aside of the document goes, too
 */
export async function settleDocument(
  path: string,
  document: Settled | undefined,
  alsoAside: boolean,
  files: Files,
): Promise<string | undefined> {
  const folder = dirname(path)
  if (alsoAside || !document) {
    const name = basename(path)
    const gone = (await namesIn(folder, files)).filter(
      // A process that was killed while it wrote the file has left what it wrote.
      (other) => (!document && (other === name || other === `${name}.tmp`)) || other.startsWith(`${name}.corrupt-`),
    )
    for (const other of gone) await files.rm(join(folder, other))
    if (gone.length === 0 && !document) return undefined
  }
  if (document) {
    await new Low<FileText>(new DurableTextFile(path, files), { text: envelopeText(document) }).write()
  }
  return folder
}

/** The text of a settled document, if there is one. */
export async function readSettled(path: string, files: Files): Promise<string | undefined> {
  const low = new Low<FileText>(new DurableTextFile(path, files), { text: undefined })
  await low.read()
  return low.data.text
}

/** @returns the name that the file has now */
export async function setFileAside(path: string, files: Files): Promise<string> {
  const aside = await freeName(path, files)
  await files.rename(path, aside)
  await syncFolder(dirname(path), files)
  return aside
}

export async function freeName(path: string, files: Files): Promise<string> {
  let number = 1
  while (await fileExists(`${path}.corrupt-${number}`, files)) number++
  return `${path}.corrupt-${number}`
}

/**
 * A file that was found beside a write-ahead log may have been written by another program since. What cannot be read, or is newer, is kept.
 * @returns what was done, in words, and whether the write-ahead log's text may take the file's place
 */
export async function keepStranger(
  path: string,
  document: Settled | undefined,
  files: Files,
): Promise<{ mayReplace: boolean; problem?: string }> {
  if (!document) return { mayReplace: true }
  const text = await readTextIfAny(path, files)
  if (text === undefined) return { mayReplace: true }
  const version = schemaVersionOf(text)
  if (version === undefined) {
    const aside = await setFileAside(path, files)
    return {
      mayReplace: true,
      problem: `${path} cannot be read. It was moved to ${aside}, and what the write-ahead log has of it, which is newer, takes its place: nothing is lost.`,
    }
  }
  if (version <= document.version) return { mayReplace: true }
  const aside = await freeName(path, files)
  await writeDurably(aside, envelopeText(document), 0o600, files)
  return {
    mayReplace: false,
    problem: `${path} was written by a newer program, so it stays. What the write-ahead log had of it is in ${aside}.`,
  }
}

function schemaVersionOf(text: string): number | undefined {
  try {
    const { schemaVersion } = JSON.parse(text) as { schemaVersion?: unknown }
    return typeof schemaVersion === 'number' ? schemaVersion : undefined
  } catch {
    return undefined
  }
}

/**
 * Of a document whose newest change is lost. The state before it is set aside as well: work that goes on from there would hide the
 * loss.
 * @param before what the write-ahead log has of the state before; null when the file has it
 */
export async function setLostAside(
  path: string,
  before: Settled | undefined | null,
  lost: Uint8Array,
  files: Files,
): Promise<string> {
  if (before !== null) {
    const folder = await settleDocument(path, before, false, files)
    if (folder !== undefined) await syncFolder(folder, files)
  }
  const asides: string[] = []
  if (await fileExists(path, files)) asides.push(await setFileAside(path, files))
  const rest = await freeName(path, files)
  await writeDurably(rest, lost, 0o600, files)
  asides.push(rest)
  return `The newest change of ${path} is damaged in the write-ahead log. ${
    asides.length > 1 ? `The document as it was before was moved to ${asides[0]}, and w` : 'W'
  }hat is left of the change is in ${rest}. Nothing takes its place: repair one of them and move it to ${path}.`
}
