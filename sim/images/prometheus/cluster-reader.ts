/** How a program in a Pod reads the API: with its ServiceAccount's token, as client-go does. Simplified: it lists anew where the real one watches. */
import type { KubeObject } from '../../api/meta/object.ts'
import type { Process, Wait } from '../../runtime/process.ts'
import type { HttpClient } from './configuration.ts'
import { ask, reasonOf } from './http-client.ts'

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const TIMEOUT_MS = 30_000
const account: HttpClient = {
  ...{ credentials: undefined, credentialsFile: `${ACCOUNT}/token` },
  ...{ caFile: `${ACCOUNT}/ca.crt`, isInsecure: false },
}
export const NOT_IN_CLUSTER =
  'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined'

export type Listed = { readonly items: readonly KubeObject[] } | { readonly error: string }

/** Whether there is somebody to ask, and a token to ask with. */
export const isInCluster = ({ env, files }: Process): boolean =>
  env.KUBERNETES_SERVICE_HOST !== undefined && files.exists(`${ACCOUNT}/token`)

/** @param path `/api/v1/pods` */
export const listObjects = (process: Process, path: string): Wait<Listed> => ({
  start(resume) {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env
    if (!isInCluster(process)) {
      resume({ error: NOT_IN_CLUSTER })
      return () => undefined
    }
    const url = `https://${host}:${port}${path}`
    const asked = ask(process, account, url, { agent: process.argv[0] })
    let isOver = false
    if ('error' in asked) resume(asked)
    else
      asked.start(TIMEOUT_MS, (result) => {
        if (isOver) return
        if (!result.ok) return resume({ error: `Get ${JSON.stringify(url)}: ${reasonOf(result.error)}` })
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
