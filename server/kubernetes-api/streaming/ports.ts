/** Ports of a `portforward`, as its query and its streams name them. */

export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65535 ? port : undefined
}

/**
 * `?ports=80&ports=443` or `?ports=80,443`.
 * Source: k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go; the API server hands `ports` on as `port`
 * @returns a sentence about what is wrong with them
 */
export function parsePorts(url: string): number[] | string {
  const values = new URLSearchParams(url.split('?')[1] ?? '').getAll('ports')
  if (values.length === 0) return 'query parameter "port" is required'
  const ports: number[] = []
  for (const text of values.flatMap((value) => value.split(','))) {
    if (text === '') return 'query parameter "port" cannot be empty'
    const port = parsePort(text)
    if (port === undefined)
      return Number(text) === 0 ? `port "${text}" must be > 0` : `unable to parse "${text}" as a port`
    ports.push(port)
  }
  return ports
}
