/** A watch as a stream of JSON lines, or of messages in protobuf. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import type { Caller } from '../apiserver/caller.ts'
import type { WatchEvent } from '../client/client.ts'
import { PROTOBUF } from './negotiation.ts'
import type { ReadOptions } from './options.ts'
import { encodeWatchEvent } from './protobuf/encode.ts'
import { partialMetadata, type Shape, tableOf } from './representation.ts'
import type { HttpStream } from './types.ts'

const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' }

/**
 * @param shapeNow how objects are shown at the moment of the event
 * @param full an object with what answers add to it
 * @param isBinary protobuf is what is understood
 */
export function watchStream(
  server: ApiServer,
  caller: Caller,
  kind: Kind,
  namespace: string,
  options: ReadOptions,
  shapeNow: () => Shape,
  full: (object: KubeObject) => KubeObject,
  isBinary: boolean,
): HttpStream {
  // Whether it is allowed, and possible, is told before the stream begins.
  server.checkObservation(caller, kind, { ...options, namespace })
  return {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': isBinary ? `${PROTOBUF};stream=watch` : 'application/json' },
    ...(isBinary ? { isBinary } : {}),
    ...(options.timeoutSeconds ? { timeoutSeconds: options.timeoutSeconds } : {}),
    open(sink) {
      let isFirst = true
      const show = (object: KubeObject, isStatus: boolean): unknown => {
        const shape = shapeNow()
        const { as, version } = shape.form
        if (isStatus) return object
        if (as === 'PartialObjectMetadata') return partialMetadata(object, version)
        if (as !== 'Table') return full(object)
        const table = tableOf(kind, [object], { resourceVersion: object.metadata.resourceVersion }, shape, isFirst)
        isFirst = false
        return table
      }
      const write = (type: string, object: unknown): void => {
        const frame = isBinary ? encodeWatchEvent(type, object as Record<string, unknown>) : undefined
        if (frame) sink.write(byteText(frame))
        else if (!isBinary) sink.write(`${JSON.stringify({ type, object })}\n`)
      }
      const send = ({ type, object }: WatchEvent<KubeObject>): void => write(type, show(object, type === 'ERROR'))
      const bookmark = (annotations?: Record<string, string>): void => {
        const metadata = { resourceVersion: String(server.etcd.revision), creationTimestamp: null, annotations }
        const object = { kind: kind.kind, apiVersion: kind.apiVersion, metadata }
        const { as, version } = shapeNow().form
        const shown =
          as === 'Table'
            ? tableOf(kind, [], { resourceVersion: metadata.resourceVersion }, shapeNow(), isFirst)
            : as === 'PartialObjectMetadata'
              ? { ...partialMetadata(object as unknown as KubeObject, version) }
              : object
        write('BOOKMARK', shown)
      }
      const observation = server.observe(caller, kind, { ...options, namespace }, send, () => sink.end())
      if (options.sendInitialEvents && options.allowBookmarks) bookmark(INITIAL_EVENTS_END)
      return {
        close(reason) {
          observation.stop()
          if (reason !== 'timeout') return
          if (options.allowBookmarks) bookmark()
          sink.end()
        },
      }
    },
  }
}

/** A character a byte. */
function byteText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
