/** kubectl create ingress. Source: k8s.io/kubectl/pkg/cmd/create/create_ingress.go */

import { sorted } from '../../../api/meta/go-json.ts'
import type { HTTPIngressPath, Ingress, IngressBackend } from '../../../api/networking/types.ts'
import { KubectlError } from '../../errors.ts'
import { generatorCommand } from './generator.ts'

/** What a rule begins with: `host/path=service:port`. Of what follows, only a comma has a meaning. */
const RULE = /^([\w*\-.]*)(\/[^,=\n]*)=([\w-]+):([\w-][^,]*)(.*)$/s

export const createIngress = generatorCommand({
  name: 'ingress',
  aliases: ['ing'],
  short: 'Create an ingress with the specified name',
  usage: 'NAME --rule=host/path=service:port[,tls[=secret]] [options]',
  failure: 'failed to create ingress: ',
  flags: [
    { name: 'class', type: 'string', help: 'Ingress Class to be used' },
    { name: 'rule', type: 'array', help: 'Rule in format host/path=service:port[,tls=secretname].' },
    { name: 'default-backend', type: 'string', help: 'Default service for backend, in format of svcname:port' },
    {
      name: 'annotation',
      type: 'array',
      help: 'Annotation to insert in the ingress object, in the format annotation=value',
    },
  ],
  build({ flags }, name) {
    const given = flags.list('rule')
    const fallback = flags.string('default-backend')
    if (given.length === 0 && !fallback)
      throw new KubectlError(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      )
    const annotations = Object.fromEntries(
      flags.list('annotation').map((text): [string, string] => {
        const at = text.indexOf('=')
        if (at < 0) throw new KubectlError(`annotation ${text} is invalid and should be in format key=[value]`)
        return [text.slice(0, at), text.slice(at + 1)]
      }),
    )
    const ingressClassName = flags.string('class')
    const { rules, tls } = readRules(given)
    const spec: Ingress['spec'] = {
      ...(ingressClassName ? { ingressClassName } : {}),
      ...(fallback ? { defaultBackend: readBackend(fallback) } : {}),
      ...(tls.length > 0 ? { tls } : {}),
      ...(rules.length > 0 ? { rules } : {}),
    }
    return {
      kind: 'Ingress',
      apiVersion: 'networking.k8s.io/v1',
      metadata: { name, ...(Object.keys(annotations).length > 0 ? { annotations: sorted(annotations) } : {}) },
      spec,
      status: { loadBalancer: {} },
    }
  },
})

function readRules(texts: readonly string[]) {
  const paths = new Map<string, HTTPIngressPath[]>()
  const secrets = new Map<string, string[]>()
  const hosts = new Set<string>()
  for (const text of texts) {
    const match = RULE.exec(text)
    if (!match)
      throw new KubectlError(`rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`)
    const [, host, path, service, ports, rest] = match
    const [port] = ports.split(':')
    const [, tls, ...more] = rest.split(',')
    const secret = tls?.split('=')[1] ?? ''
    const isPrefix = path.endsWith('*')
    const own = paths.get(host) ?? []
    own.push({
      path: isPrefix ? path.slice(0, -1) : path,
      pathType: isPrefix ? 'Prefix' : 'Exact',
      backend: backendOf(service, port),
    })
    paths.set(host, own)
    // A host counts once, whichever secret it was first named with.
    if (tls === undefined || more.length > 0 || hosts.has(host)) continue
    hosts.add(host)
    const held = secrets.get(secret)
    if (held) held.push(host)
    else if (host || secret) secrets.set(secret, host ? [host] : [])
  }
  return {
    rules: [...paths].map(([host, own]) => ({ ...(host ? { host } : {}), http: { paths: own } })),
    tls: [...secrets].map(([secretName, hosts]) => ({
      ...(hosts.length > 0 ? { hosts } : {}),
      ...(secretName ? { secretName } : {}),
    })),
  }
}

function readBackend(text: string): IngressBackend {
  const [service, port, ...rest] = text.split(':')
  if (port === undefined || rest.length > 0)
    throw new KubectlError('default-backend should be in format servicename:serviceport')
  return backendOf(service, port)
}

const backendOf = (name: string, port: string): IngressBackend => ({
  service: { name, port: /^[+-]?\d+$/.test(port) ? { number: Number(port) } : { name: port } },
})
