/** The controllers of kube-controller-manager: a line each. */
import type { ControllerSpec } from '../client/machinery.ts'
import { volumeAttacher } from './attach-detach/attacher.ts'
import { attachDetachController } from './attach-detach/controller.ts'
import { certificateApprovingController } from './certificates/approving.ts'
import { certificateSigningController } from './certificates/signing.ts'
import { clusterRoleAggregationController } from './cluster-role-aggregation/controller.ts'
import { cronJobController } from './cronjob/controller.ts'
import { daemonSetController } from './daemonset/controller.ts'
import { deploymentController } from './deployment/controller.ts'
import { disruptionController } from './disruption/controller.ts'
import { endpointsController } from './endpoints/controller.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { endpointSliceMirroringController } from './endpointslice/mirroring.ts'
import { ephemeralVolumeController } from './ephemeral-volume/controller.ts'
import { garbageCollector } from './garbage-collector/controller.ts'
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler/controller.ts'
import { jobController } from './job/controller.ts'
import { namespaceController } from './namespace/controller.ts'
import { nodeLifecycleController } from './node-lifecycle/controller.ts'
import { persistentVolumeController } from './persistent-volume/controller.ts'
import { podGarbageCollector } from './pod-gc/controller.ts'
import { replicaSetController, replicationController } from './replicaset/controller.ts'
import { resourceClaimController } from './resource-claim/controller.ts'
import { resourceQuotaController } from './resource-quota/controller.ts'
import { rootCaPublisher } from './root-ca/controller.ts'
import { serviceAccountController } from './service-account/controller.ts'
import { serviceCidrController } from './service-cidr/controller.ts'
import { statefulSetController } from './statefulset/controller.ts'
import { taintEvictionController } from './taint-eviction/controller.ts'
import { ttlAfterFinishedController } from './ttl-after-finished/controller.ts'
import { validatingAdmissionPolicyStatusController } from './validating-admission-policy-status/controller.ts'
import { claimProtectionController, volumeProtectionController } from './volume-protection/controller.ts'
import { volumeProvisioner } from './volume-provisioner/controller.ts'

/** In the order they start. */
export const controllers: readonly ControllerSpec[] = [
  certificateSigningController,
  clusterRoleAggregationController,
  cronJobController,
  daemonSetController,
  deploymentController,
  disruptionController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  garbageCollector,
  jobController,
  horizontalPodAutoscalerController,
  namespaceController,
  nodeLifecycleController,
  attachDetachController,
  volumeAttacher,
  persistentVolumeController,
  claimProtectionController,
  volumeProtectionController,
  volumeProvisioner,
  ephemeralVolumeController,
  podGarbageCollector,
  replicaSetController,
  replicationController,
  resourceQuotaController,
  rootCaPublisher,
  serviceAccountController,
  serviceCidrController,
  statefulSetController,
  taintEvictionController,
  ttlAfterFinishedController,
  resourceClaimController,
  certificateApprovingController,
  validatingAdmissionPolicyStatusController,
]
