/** What the proxies of the ingress controller and of Gateways have of nginx. */
import type { HttpRequest, HttpResponse } from '../network/types.ts'

/** The Host header wins over the name that was connected to. */
export function hostOf({ host, headers }: HttpRequest): string {
  const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1]
  return (named ?? host).replace(/:\d+$/, '').toLowerCase()
}

const TITLES: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}

/** What nginx answers by itself with such a status. */
export function errorPage(status: number): HttpResponse {
  const title = `${status} ${TITLES[status] ?? ''}`
  return {
    status,
    headers: { 'Content-Type': 'text/html', Server: 'nginx' },
    body: `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n<hr><center>nginx</center>\n</body>\n</html>\n`,
  }
}

/** What it answers by itself to send a client elsewhere. */
export function redirectPage(status: number, location: string): HttpResponse {
  const page = errorPage(status)
  return { ...page, headers: { ...page.headers, Location: location } }
}
