/** A whole server in a process of its own, and a browser for it as far as most tests need one. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { program, root } from './programs.ts'

export interface ServerProcess {
  at: string
  child: ChildProcess
  told: { text: string }
  /** With the code that it ends with. */
  isGone: Promise<number | null>
  /** Ends it as an operator does. */
  stop(): Promise<number | null>
}

/**
 * @param variables besides those that make it listen on a port of its own choice
 * @param built the folder of another build than this one
 */
export async function startServer(variables: Record<string, string>, built?: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...program('server/index.ts', built)], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', WORKERS: '1', NODE_ENV: 'production', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const told = { text: '' }
  const isGone = once(child, 'close').then(([code]) => code as number | null)
  const port = await new Promise<string | undefined>((found) => {
    void isGone.then(() => found(undefined))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        told.text += part
        const is = /Podium is at http:\/\/localhost:(\d+)/.exec(told.text)?.[1]
        if (is) found(is)
      })
  })
  const stop = async () => {
    child.kill('SIGTERM')
    return isGone
  }
  return { at: `http://127.0.0.1:${port}`, child, told, stop, isGone }
}

export interface PlainBrowser {
  cookies: Map<string, string>
  get(url: string): Promise<{ status: number; text: string; location: string | null }>
  post(url: string, fields: Record<string, string>): Promise<{ status: number; text: string; location: string | null }>
}

/** Keeps cookies, and sends the form token of the page that it saw last. */
export function plainBrowser(): PlainBrowser {
  const cookies = new Map<string, string>()
  let token = ''
  const ask = async (url: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    const answer = await fetch(url, { redirect: 'manual', ...init, headers })
    for (const one of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(one)!
      cookies.set(name!, value!)
    }
    const text = await answer.text()
    token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? token
    return { status: answer.status, text, location: answer.headers.get('location') }
  }
  return {
    cookies,
    get: (url) => ask(url),
    post: (url, fields) => ask(url, { method: 'POST', body: new URLSearchParams({ _csrf: token, ...fields }) }),
  }
}
