/** How a program in a Pod asks the API: with its ServiceAccount's token, as client-go does. Simplified: it lists anew where the real one watches. */
import type { KubeObject } from '../../api/meta/object.ts'
import type { Process, Wait } from '../../runtime/process.ts'
import type { HttpClient } from '../prometheus/configuration.ts'
import { ask, reasonOf } from '../prometheus/http-client.ts'

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const TIMEOUT_MS = 30_000
const account: HttpClient = {
  ...{ credentials: undefined, credentialsFile: `${ACCOUNT}/token` },
  ...{ caFile: `${ACCOUNT}/ca.crt`, isInsecure: false },
}
export const NOT_IN_CLUSTER =
  'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined'

export type Answered<T> = { readonly object: T } | { readonly error: string }
export type Listed = { readonly items: readonly KubeObject[] } | { readonly error: string }

/** Whether there is somebody to ask, and a token to ask with. */
export const isInCluster = ({ env, files }: Process): boolean =>
  env.KUBERNETES_SERVICE_HOST !== undefined && files.exists(`${ACCOUNT}/token`)

/**
 * Asks the API server.
 * @param path `/api/v1/pods`, with its query
 * @returns what it answers with 200 or 201; else the message of its Status, or why nobody answered
 */
export const askApi = <T>(process: Process, path: string, sent: { method?: string; body?: object } = {}) =>
  ({
    start(resume) {
      const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env
      if (!isInCluster(process)) {
        resume({ error: NOT_IN_CLUSTER })
        return () => undefined
      }
      const url = `https://${host}:${port}${path}`
      const { method, body } = sent
      const asked = ask(process, account, url, {
        agent: process.argv[0],
        method,
        ...(body && { body: JSON.stringify(body) }),
      })
      let isOver = false
      if ('error' in asked) resume(asked)
      else
        asked.start(TIMEOUT_MS, (result) => {
          if (isOver) return
          if (!result.ok) {
            const verb = (method ?? 'GET').charAt(0) + (method ?? 'GET').slice(1).toLowerCase()
            return resume({ error: `${verb} ${JSON.stringify(url)}: ${reasonOf(result.error)}` })
          }
          const { status, body: text } = result.response
          const answer = parsed(text)
          if (status === 200 || status === 201) resume(answer ? { object: answer as T } : { error: text.trim() })
          else resume({ error: (answer as { message?: string } | undefined)?.message ?? text.trim() })
        })
      return () => {
        isOver = true
      }
    },
  }) satisfies Wait<Answered<T>>

/** @param path `/api/v1/pods` */
export const listObjects = (process: Process, path: string): Wait<Listed> => ({
  start: (resume) =>
    askApi<{ items?: KubeObject[] }>(process, path).start((answer) =>
      resume('error' in answer ? answer : answer.object.items ? { items: answer.object.items } : { error: 'no list' }),
    ),
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
