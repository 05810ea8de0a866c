/** How a program in a Pod reads the API: with its ServiceAccount's token, as client-go does. Simplified: it lists anew where the real one watches. */
import type { KubeObject } from '../../api/meta/object.ts'
import { FileError } from '../../runtime/files.ts'
import type { Process, Wait } from '../../runtime/process.ts'

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const TIMEOUT_MS = 30_000

export type Listed = { readonly items: readonly KubeObject[] } | { readonly error: string }

/** Whether there is somebody to ask, and a token to ask with. */
export const isInCluster = ({ env, files }: Process): boolean =>
  env.KUBERNETES_SERVICE_HOST !== undefined && files.exists(`${ACCOUNT}/token`)

/** @param path `/api/v1/pods` */
export const listObjects = (process: Process, path: string): Wait<Listed> => ({
  start(resume) {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env
    const read = (name: string): string | undefined => {
      try {
        return process.files.read(`${ACCOUNT}/${name}`)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        return undefined
      }
    }
    const token = read('token')
    if (host === undefined || token === undefined) {
      resume({
        error:
          'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
      })
      return () => undefined
    }
    const authorities = read('ca.crt')
    const message = {
      ...{ method: 'GET', path, host, scheme: 'https' as const, verifies: true },
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json', 'User-Agent': process.argv[0] },
      ...(authorities === undefined ? {} : { authorities }),
    }
    let isOver = false
    process.network.http({ host, port: Number(port) }, message, TIMEOUT_MS, (result) => {
      if (isOver) return
      if (!result.ok) return resume({ error: `Get "https://${host}:${port}${path}": ${result.error}` })
      const { status, body } = result.response
      const answer = parsed(body) as { items?: KubeObject[]; message?: string } | undefined
      resume(status === 200 && answer?.items ? { items: answer.items } : { error: answer?.message ?? body.trim() })
    })
    return () => {
      isOver = true
    }
  },
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
