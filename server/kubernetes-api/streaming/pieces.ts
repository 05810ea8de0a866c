/** Output is sent in pieces of the size in which kubelets copy it. */
const pieceBytes = 32 << 10

export function* piecesOf(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < data.length; at += pieceBytes) yield data.subarray(at, at + pieceBytes)
}
