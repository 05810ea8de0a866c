/**
 * Tells what of a page's visible words is English though the page is not: texts between its tags, and those of the attributes that are
 * shown or read aloud. Not looked at is what says that it is English (`lang="en"`), what is code, and what scripts and styles hold.
 */

/** Words that Chinese texts on Kubernetes keep: names of things, of programs, of formats, of exams. */
const names = new Set(
  `
  Kubernetes Podium FSRS UTC CKA CKAD CKS K8s cookie Linux GitHub xAPI QTI
  API HTTP HTTPS TCP UDP SPDY WebSocket DNS IP URL URI UID YAML JSON CEL CPU GPU MB MiB GiB GB KB TLS RBAC CRD CNI CSI CRI SSH SVG OOM QoS PID
  Pod Pods Service Services Deployment DeploymentSet ReplicaSet Deployments ReplicaSets ConfigMaps StatefulSet DaemonSet Job CronJob Node Namespace ConfigMap Secret Ingress
  IngressClass Endpoint Endpoints EndpointSlice PersistentVolume PersistentVolumeClaim PV PVC StorageClass VolumeAttachment CSINode CSIDriver
  ServiceAccount Role RoleBinding ClusterRole ClusterRoleBinding NetworkPolicy ResourceQuota LimitRange HorizontalPodAutoscaler HPA
  PodDisruptionBudget PDB PriorityClass Lease Event Events Finalizer Gateway HTTPRoute ControllerRevision CustomResourceDefinition
  kubectl kubelet kubeadm kubeconfig kube proxy scheduler apiserver etcd containerd CoreDNS Docker nginx shell Helm sidecar init
  DNAT SNAT iptables nftables IPVS NodePort ClusterIP LoadBalancer ExternalName ndots SIGTERM SIGKILL
  Pending Running Ready Succeeded Failed Unknown Terminating CrashLoopBackOff Completed Mi Gi
  Esc Enter Tab Ctrl Cmd Shift Alt
  `
    .trim()
    .split(/\s+/),
)

const hiddenElements = /^(?:script|style|code|pre|kbd|samp|textarea)$/
const voidElements = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|!doctype)$/
/** Of SVG, which closes what holds nothing by a slash. */
const spokenAttributes = ['aria-label', 'aria-description', 'placeholder', 'title', 'alt', 'label', 'data-title']

interface Element {
  name: string
  isHidden: boolean
  lang: string
}

/**
 * The texts that hold English words, each with those words; none for a page that is wholly in its own language.
 * @param given texts that are the learner's or the content's own, and may stand within others
 */
export function englishIn(html: string, given: readonly string[] = []): string[] {
  const stack: Element[] = [{ name: '', isHidden: false, lang: '' }]
  const found: string[] = []
  const look = (text: string, { isHidden, lang }: Element) => {
    if (isHidden || lang === 'en') return
    const own = given.reduce((rest, words) => rest.replaceAll(words, ' '), plainOf(text))
    const words = wordsIn(own)
    const english = words.filter((word) => !names.has(word))
    if (english.length > 0) found.push(`${english.join(' ')}: ${plainOf(text).trim()}`)
  }
  // Comments and the document's kind are tags of no element.
  for (const [, comment, close, open, attributes = '', text] of html.matchAll(
    /(<!--[\s\S]*?-->)|<\/([\w-]+)\s*>|<(!?[\w-]+)((?:"[^"]*"|'[^']*'|[^>"'])*)>|([^<]+)/g,
  )) {
    const top = stack.at(-1)!
    if (comment !== undefined) continue
    if (text !== undefined) look(text, top)
    else if (close !== undefined) {
      const from = stack.findLastIndex(({ name }) => name === close.toLowerCase())
      if (from > 0) stack.length = from
    } else if (open !== undefined) {
      const name = open.toLowerCase()
      const lang = /\slang="([^"]*)"/.exec(attributes)?.[1] ?? top.lang
      const element = { name, lang, isHidden: top.isHidden || hiddenElements.test(name) }
      for (const attribute of spokenAttributes) {
        const value = new RegExp(`\\s${attribute}="([^"]*)"`).exec(attributes)?.[1]
        // What holds no text may still have a name.
        if (value !== undefined) look(value, { ...element, isHidden: top.isHidden })
      }
      if (name === 'meta' && /name="description"/.test(attributes))
        look(/content="([^"]*)"/.exec(attributes)![1]!, element)
      if (!voidElements.test(name) && !attributes.endsWith('/')) stack.push(element)
    }
  }
  return [...new Set(found)]
}

/** Words of letters alone: what has a digit, or a dot or slash within it, is the name of an object, a file or an address. */
function wordsIn(text: string): string[] {
  return [...text.matchAll(/[A-Za-z0-9](?:[\w.:/@=$’'-]*\w)?/g)]
    .map(([token]) => token)
    .filter((token) => !/[\d.:/@=$_]/.test(token))
    .flatMap((token) => (token === 'kube-system' ? [] : token.split('-')))
    .filter((word) => word.length > 1)
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' }

function plainOf(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));/g, (all, code, name) =>
    code === undefined ? (entities[name] ?? all) : String.fromCharCode(Number(code)),
  )
}
