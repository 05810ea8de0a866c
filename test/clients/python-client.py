"""What the client library of Kubernetes for Python sees of a sandbox: a line of JSON for each thing tried. Usage: python-client.py KUBECONFIG"""
import json
import sys

from kubernetes import client, config, utils, watch
from kubernetes.dynamic import DynamicClient
from kubernetes.stream import stream

config.load_kube_config(sys.argv[1])
core = client.CoreV1Api()
apps = client.AppsV1Api()


def tell(what, value):
    print(json.dumps([what, value]), flush=True)


def refused(what, act):
    try:
        act()
    except client.ApiException as error:
        tell(what, [error.status, json.loads(error.body)["message"]])


tell("version", client.VersionApi().get_code().git_version)
utils.create_from_dict(
    client.ApiClient(),
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]},
            },
        },
    },
)
running = set()
watching = watch.Watch()
for event in watching.stream(core.list_namespaced_pod, "default", label_selector="app=web", timeout_seconds=600):
    if event["object"].status.phase == "Running":
        running.add(event["object"].metadata.name)
    if len(running) == 2:
        watching.stop()
tell("watch", len(running))
pod = sorted(running)[0]
command = ["sh", "-c", "echo out; echo err >&2; cat /etc/hostname"]
said = stream(
    core.connect_get_namespaced_pod_exec, pod, "default", command=command, stderr=True, stdin=False, stdout=True, tty=False
)
tell("exec", said.replace(pod, "POD"))
tell("log", "docker-entrypoint" in core.read_namespaced_pod_log(pod, "default"))
apps.patch_namespaced_deployment_scale("web", "default", {"spec": {"replicas": 3}})
tell("scale", apps.read_namespaced_deployment_scale("web", "default").spec.replicas)
maps = DynamicClient(client.ApiClient()).resources.get(api_version="v1", kind="ConfigMap")
maps.create(body={"metadata": {"name": "a"}, "data": {"x": "1"}}, namespace="default")
tell("dynamic", maps.get(name="a", namespace="default").data.x)
core.delete_namespaced_config_map("a", "default")
refused("gone", lambda: core.read_namespaced_config_map("a", "default"))
secret = client.V1Secret(metadata=client.V1ObjectMeta(name="s"), string_data={"p": "q"})
tell("secret", core.create_namespaced_secret("default", secret).data)
refused("invalid", lambda: core.create_namespaced_config_map("default", {"metadata": {"name": "UP"}}))
