/**
 * How the API server's webhooks are told of, whatever they are asked: whom to ask, and in which versions of the review.
 * Source: k8s.io/apiserver/pkg/util/webhook/validation.go
 */
import { decodeBase64Text } from './base64.ts'
import { type FieldError, invalid, required } from './field-error.ts'
import { dnsLabel1035Errors, dnsSubdomainErrors, portNumberErrors } from './names.ts'
import { webhookUrlErrors } from './webhook-url.ts'

/** Whom to ask: exactly one of both. */
export interface WebhookClientConfig {
  url?: string
  service?: { namespace: string; name: string; path?: string; port?: number }
  /** Certificates in PEM, in base64; without one, those that the system trusts. */
  caBundle?: string
}

/** Versions of a review that the server knows. */
export const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1']

export function setPort(config: WebhookClientConfig | undefined): void {
  if (config?.service) config.service.port ??= 443
}

/** Whether the certificates can be read; true without any. */
export const hasReadableAuthorities = ({ caBundle }: WebhookClientConfig): boolean =>
  !caBundle || (decodeBase64Text(caBundle) ?? '').includes('-----BEGIN CERTIFICATE-----')

export const UNREADABLE_AUTHORITIES = 'unable to load root certificates: unable to parse bytes as PEM block'

/** @param missing what to say where there is none */
export function reviewVersionErrors(versions: readonly string[], path: string, missing = ''): FieldError[] {
  if (versions.length === 0) return [required(path, missing)]
  return [
    ...versions.flatMap((version, n) =>
      versions.indexOf(version) < n
        ? [invalid(`${path}[${n}]`, version, 'duplicate version')]
        : dnsLabel1035Errors(version).map((why) => invalid(`${path}[${n}]`, version, why)),
    ),
    ...(versions.some((version) => REVIEW_VERSIONS.includes(version))
      ? []
      : [invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)]),
  ]
}

export function clientConfigErrors({ url, service }: WebhookClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined))
    return [required(path, 'exactly one of url or service is required')]
  return service ? serviceErrors(service, `${path}.service`) : webhookUrlErrors(url!, `${path}.url`)
}

function serviceErrors(
  { name, namespace, port, path: urlPath }: NonNullable<WebhookClientConfig['service']>,
  path: string,
): FieldError[] {
  const wrongPort = portNumberErrors(port)
  return [
    ...(name ? [] : [required(`${path}.name`)]),
    ...(namespace ? [] : [required(`${path}.namespace`)]),
    ...(wrongPort.length > 0 ? [invalid(`${path}.port`, port, `port is not valid: ${wrongPort.join(', ')}`)] : []),
    ...pathErrors(urlPath ?? '', `${path}.path`),
  ]
}

function pathErrors(urlPath: string, path: string): FieldError[] {
  if (urlPath === '/' || urlPath === '') return []
  if (urlPath === '//') return [invalid(path, urlPath, 'segment[0] may not be empty')]
  return [
    ...(urlPath.startsWith('/') ? [] : [invalid(path, urlPath, "must start with a '/'")]),
    ...urlPath
      .slice(1)
      .replace(/\/$/, '')
      .split('/')
      .flatMap((segment, n) =>
        segment === ''
          ? [invalid(path, urlPath, `segment[${n}] may not be empty`)]
          : dnsSubdomainErrors(segment).map((why) => invalid(path, urlPath, `segment[${n}]: ${why}`)),
      ),
  ]
}
