/** Warnings on Pods. Source: kubernetes/pkg/api/pod/warnings.go */
import type { Pod } from '../pod-types.ts'

export const podWarnings = (_pod: Pod, _old: Pod | undefined): string[] => []
