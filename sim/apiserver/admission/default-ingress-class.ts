/**
 * DefaultIngressClass: an Ingress that names no class gets the default one, if there is one; the newest of several.
 * Source: kubernetes/plugin/pkg/admission/network/defaultingressclass
 */
import { ingresses } from '../../api/networking/ingress.ts'
import { ingressClasses } from '../../api/networking/ingress-class.ts'
import { CLASS_ANNOTATION, DEFAULT_CLASS_ANNOTATION, type Ingress } from '../../api/networking/types.ts'
import type { AdmissionPlugin } from './admission.ts'

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  admit({ kind, operation, subresource, object }, context) {
    if (kind.plural !== ingresses.plural || kind.group !== ingresses.group) return
    if (operation !== 'CREATE' || subresource) return
    const ingress = object as Ingress
    if (ingress.spec.ingressClassName !== undefined || ingress.metadata.annotations?.[CLASS_ANNOTATION] !== undefined)
      return
    const [chosen] = context
      .list(ingressClasses)
      .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true')
      .sort(({ metadata: a }, { metadata: b }) => {
        if (a.creationTimestamp === b.creationTimestamp) return a.name < b.name ? -1 : 1
        return a.creationTimestamp > b.creationTimestamp ? -1 : 1
      })
    if (chosen) ingress.spec.ingressClassName = chosen.metadata.name
  },
}
