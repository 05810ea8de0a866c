/** What a Pod is called inside. Source: k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go GeneratePodHostNameAndDomain */
import type { Pod } from '../api/core/pod-types.ts'

/** The longest that it keeps of a name. */
const longest = 63

/**
 * @param node the name of its node, which a Pod in the node's network has
 * @returns `hostname` as /etc/hosts has it, the domain behind it where there is one, and the `kernelName` that `hostname` prints
 */
export function hostnameOf(
  { metadata, spec }: Pod,
  node: string,
  clusterDomain: string,
): { hostname: string; domain: string; kernelName: string } {
  const plain = (name: string) => ({ hostname: name, domain: '', kernelName: name })
  if (spec.hostNetwork) return plain(node)
  if (spec.hostnameOverride !== undefined) return plain(truncated(spec.hostnameOverride))
  const hostname = truncated(spec.hostname || metadata.name)
  const domain = spec.subdomain ? `${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : ''
  const kernelName = spec.setHostnameAsFQDN && domain !== '' ? `${hostname}.${domain}` : hostname
  return { hostname, domain, kernelName }
}

const truncated = (name: string): string => name.slice(0, longest).replace(/[-.]+$/, '')
