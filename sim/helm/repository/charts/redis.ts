/** One Redis, its data on a volume when that is asked for. */
import { published } from './published.ts'

const files = {
  'values.yaml': `image:
  repository: redis
  tag: ""
service:
  port: 6379
persistence:
  enabled: false
  size: 1Gi
`,
  'README.md':
    '# redis\n\nOne Redis. With `persistence.enabled` its data lie on a PersistentVolumeClaim, which stays when the release goes.\n',
  'templates/statefulset.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "redis.fullname" . }}
  labels:
    {{- include "redis.labels" . | nindent 4 }}
spec:
  serviceName: {{ include "redis.fullname" . }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "redis.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "redis.labels" . | nindent 8 }}
    spec:
      containers:
        - name: redis
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            - name: redis
              containerPort: 6379
          readinessProbe:
            tcpSocket:
              port: redis
          {{- if .Values.persistence.enabled }}
          volumeMounts:
            - name: data
              mountPath: /data
          {{- end }}
  {{- if .Values.persistence.enabled }}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: {{ .Values.persistence.size }}
  {{- end }}
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ include "redis.fullname" . }}
  labels:
    {{- include "redis.labels" . | nindent 4 }}
spec:
  ports:
    - name: redis
      port: {{ .Values.service.port }}
      targetPort: redis
  selector:
    {{- include "redis.selectorLabels" . | nindent 4 }}
`,
  'templates/NOTES.txt':
    'Redis listens at {{ include "redis.fullname" . }}.{{ .Release.Namespace }}.svc.cluster.local:{{ .Values.service.port }}\n',
}

export const redis = [
  published(
    {
      name: 'redis',
      version: '0.3.0',
      appVersion: '7.4',
      description: 'A key-value store in memory',
      keywords: ['database', 'cache'],
    },
    files,
  ),
]
