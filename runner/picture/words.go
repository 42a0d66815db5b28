package picture

import "github.com/kubelab/kubelab/checks"

// Words is every word of the pictures that does not come from what they show. Fields ending in F are formats.
type Words struct {
	// Names of the kinds, of the sources and of who does something.
	Kinds   map[Kind]string
	Sources map[string]string
	Lanes   []string
	Objects map[string]string

	Waiting, Outdated, MoreF string

	// containers
	NoContainers, ContainersF, Running, Unhealthy, OutOfMemory, ExitedF, NotStarted string
	Created, Paused, Restarting, PortF, InsideF                                     string

	// layers
	NoImages, SharedF, SharedWithF, MoreLayersF, MoreImagesF, NoHistory, Writable string

	// pods and nodes
	Ready, NotReady, Starting, Ending, Succeeded, Failed, NoNode, RestartsF, Scheduling string
	NoNodes, WaitForNode, Cordoned, ControlPlane, OthersF, NoPods                       string
	NoWorkload, Service, NoPodsBehind, NoOwner, NoAddress, NodePortF                    string
	InClusterF, DesiredF, CurrentF, ReadyF, AnswersF, WhoseF, ShareF                    string
	FromShell, FromPods, FromUs                                                         string
	NoDeployments, RevisionF, OldVersion, NewVersion, PastF                             string
	NoStory, StoryF, SavedF, MadeF, ScaledF, ScheduledF, PodReady, Deleted              string
	StartedF, EndedF, PullingF, PulledF, ContainerMade, Killing, TimesF, NowF           string
}

// KindName is what a kind is called.
func (w Words) KindName(k Kind) string { return w.Kinds[k] }

func (w Words) source(source string) string {
	if name := w.Sources[source]; name != "" {
		return name
	}
	return source
}

func (w Words) lane(l lane) string {
	if int(l) < len(w.Lanes) {
		return w.Lanes[l]
	}
	return ""
}

func (w Words) kind(kind string) string {
	if name := w.Objects[kind]; name != "" {
		return name
	}
	return tidy(kind)
}

// Korean are the Korean words.
func Korean() Words {
	return Words{
		Kinds: map[Kind]string{
			Containers: "컨테이너", Layers: "이미지 레이어", Nodes: "노드와 파드", Service: "서비스와 파드", Rollout: "롤아웃", Events: "일어난 일",
		},
		Sources: map[string]string{
			checks.Containers: "컨테이너", checks.Images: "이미지", checks.Commands: "셸의 명령", nodes: "노드", pods: "파드", services: "서비스",
			controllers: "레플리케이션컨트롤러", replicaSets: "레플리카셋", deployments: "디플로이먼트", kubeEvents: "이벤트",
		},
		Lanes: []string{"셸", "API 서버", "컨트롤러", "스케줄러", "kubelet", "컨테이너"},
		Objects: map[string]string{
			podKind: "파드", replicationKind: "레플리케이션컨트롤러", replicaSetKind: "레플리카셋", deploymentKind: "디플로이먼트",
		},
		Waiting: "그림을 그리려고 기다리는 것:", Outdated: "지금은 볼 수 없어 마지막으로 본 모습을 그립니다.", MoreF: "외 %d개",

		NoContainers: "컨테이너가 없습니다. `docker run`으로 만들면 여기에 나타납니다.", ContainersF: "컨테이너 %d개 · 실행 중 %d개",
		Running: "실행 중", Unhealthy: "실행 중, 상태 확인 실패", OutOfMemory: "메모리가 모자라 끝남", ExitedF: "끝남 · 종료 코드 %d",
		NotStarted: "시작하지 못함", Created: "만들어짐", Paused: "멈춰 둠", Restarting: "다시 시작하는 중",
		PortF: "호스트 %s ──▶ %s", InsideF: "%s 열지 않음",

		NoImages: "이미지가 없습니다. `docker pull`이나 `docker build`를 하면 여기에 나타납니다.", SharedF: "이미지 %d개가 함께 쓰는 레이어",
		SharedWithF: "레이어 %d개는 %s 이미지와 함께 씀", MoreLayersF: "아래로 레이어 %d개", MoreImagesF: "이미지 외 %d개",
		NoHistory: "기록 없음", Writable: "쓰기 레이어",

		Ready: "준비됨", NotReady: "준비 안 됨", Starting: "시작하는 중", Ending: "끝나는 중", Succeeded: "다 하고 끝남", Failed: "실패",
		NoNode: "갈 노드가 없음", Scheduling: "노드를 고르는 중", RestartsF: "다시 시작 %d번", NoNodes: "노드가 없습니다.", WaitForNode: "노드를 기다리는 파드",
		Cordoned: "새 파드 안 받음", ControlPlane: "컨트롤 플레인", OthersF: "다른 네임스페이스: %s", NoPods: "파드 없음",

		NoWorkload: "서비스도 파드도 없습니다. `kubectl`로 만들면 여기에 나타납니다.", Service: "서비스", NoPodsBehind: "셀렉터에 맞는 파드 없음",
		NoOwner: "주인 없음", NoAddress: "외부 주소 기다림", NodePortF: "노드마다 :%d", InClusterF: "%s:%d (클러스터 안)",
		DesiredF: "원하는 %d", CurrentF: "지금 %d 준비 %d", ReadyF: "준비 %d", AnswersF: "대답 %d번", WhoseF: "화살표의 수는 대답한 횟수: %s",
		ShareF: "대답 %d번(%d%%)", FromShell: "셸의 curl·wget이 받은 것", FromPods: "클러스터 안의 파드가 받은 것", FromUs: "kubelab이 확인하며 받은 것",

		NoDeployments: "디플로이먼트가 없습니다. `kubectl create deployment`나 `kubectl apply`로 만들면 여기에 나타납니다.",
		RevisionF:     "판 %d", OldVersion: "옛것", NewVersion: "새것", PastF: "지난 판 %d개: %s",

		NoStory: "파드가 없습니다. `kubectl run`으로 만들면 그 뒤에서 일어난 일이 여기에 나타납니다.", StoryF: "파드 %s",
		SavedF: "%s %s 저장", MadeF: "%s %s 만듦", ScaledF: "%s: 원하는 수 %d", ScheduledF: "노드 %s 고름", PodReady: "파드가 준비됨(Ready)으로 적힘",
		Deleted: "지우라는 요청을 받음", StartedF: "%s 실행 시작", EndedF: "%s 끝남 · 종료 코드 %d", PullingF: "이미지 %s 가져오는 중",
		PulledF: "이미지 %s 있음", ContainerMade: "컨테이너를 만듦", Killing: "컨테이너에 끝내라는 신호를 보냄", TimesF: "(%d번)", NowF: "지금: %s",
	}
}

// English are the English words.
func English() Words {
	return Words{
		Kinds: map[Kind]string{
			Containers: "Containers", Layers: "Image layers", Nodes: "Nodes and pods", Service: "Services and pods", Rollout: "Rollout",
			Events: "What happened",
		},
		Sources: map[string]string{
			checks.Containers: "containers", checks.Images: "images", checks.Commands: "the shell's commands", nodes: "nodes", pods: "pods",
			services: "services", controllers: "replication controllers", replicaSets: "ReplicaSets", deployments: "deployments",
			kubeEvents: "events",
		},
		Lanes:   []string{"Shell", "API", "Controller", "Scheduler", "kubelet", "Container"},
		Objects: map[string]string{podKind: "pod", replicationKind: "rc", replicaSetKind: "ReplicaSet", deploymentKind: "deployment"},
		Waiting: "The picture waits for:", Outdated: "This cannot be seen now; here is how it looked last.", MoreF: "%d more",

		NoContainers: "There are no containers. Make one with `docker run` and it shows up here.", ContainersF: "%d containers · %d running",
		Running: "running", Unhealthy: "running, unhealthy", OutOfMemory: "ended, out of memory", ExitedF: "ended · exit code %d",
		NotStarted: "could not start", Created: "created", Paused: "paused", Restarting: "restarting", PortF: "host %s ──▶ %s", InsideF: "%s not published",

		NoImages: "There are no images. `docker pull` or `docker build` makes one show up here.", SharedF: "layers that %d images share",
		SharedWithF: "%d layers shared with %s", MoreLayersF: "%d layers below", MoreImagesF: "%d more images", NoHistory: "no history",
		Writable: "writable layer",

		Ready: "ready", NotReady: "not ready", Starting: "starting", Ending: "ending", Succeeded: "done", Failed: "failed",
		NoNode: "no node to go to", Scheduling: "waits for a node", RestartsF: "%d restarts", NoNodes: "There are no nodes.", WaitForNode: "Pods that wait for a node",
		Cordoned: "takes no new pods", ControlPlane: "control plane", OthersF: "other namespaces: %s", NoPods: "no pods",

		NoWorkload: "There are no services and no pods. Make some with `kubectl` and they show up here.", Service: "Service",
		NoPodsBehind: "no pod matches the selector", NoOwner: "no owner", NoAddress: "waits for an address", NodePortF: "every node :%d",
		InClusterF: "%s:%d (in the cluster)", DesiredF: "want %d", CurrentF: "have %d ready %d", ReadyF: "ready %d", AnswersF: "%d answers",
		WhoseF: "numbers at the arrows are answers: %s", ShareF: "%d answers (%d%%)", FromShell: "to curl and wget in the shell",
		FromPods: "to pods in the cluster", FromUs: "to kubelab's own checks",

		NoDeployments: "There are no deployments. Make one with `kubectl create deployment` or `kubectl apply` and it shows up here.",
		RevisionF:     "revision %d", OldVersion: "old", NewVersion: "new", PastF: "%d past revisions: %s",

		NoStory: "There are no pods. After a `kubectl run`, what happened behind it shows up here.", StoryF: "Pod %s",
		SavedF: "%s %s saved", MadeF: "%s %s made", ScaledF: "%s: %d wanted", ScheduledF: "node %s chosen", PodReady: "pod is marked Ready",
		Deleted: "was asked to delete it", StartedF: "%s runs", EndedF: "%s ended · exit code %d", PullingF: "pulls image %s",
		PulledF: "image %s is there", ContainerMade: "container made", Killing: "tells the container to end", TimesF: "(%d times)", NowF: "now: %s",
	}
}
