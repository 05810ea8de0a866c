/** Whether a client shows JSON to a person. Source: k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go, isPrettyPrint */

/** True for who asks for it, or comes with a program that people use. @param headers by name, in any case */
export function wantsPrettyJson(url: string, headers: Readonly<Record<string, string | undefined>>): boolean {
  const asked = new URLSearchParams(url.split('?', 2)[1] ?? '').get('pretty')
  if (asked) return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(asked)
  const agent = headers['user-agent'] ?? headers['User-Agent'] ?? ''
  return /^(curl|Wget|Mozilla\/5\.0)/.test(agent)
}
