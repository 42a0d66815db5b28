package images

import (
	"os"
	"os/exec"
	"runtime"
)

// machine is what the planning of a build asks about the host.
type machine interface {
	// look finds a program by its name.
	look(name string) (path string, found bool)
	root() bool
	linux() bool
}

type thisMachine struct{}

func (thisMachine) look(name string) (string, bool) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, true
	}
	// sbin is often not in the PATH of other users than root, Go not in that of anybody who did not ask for it.
	for _, folder := range []string{"/usr/sbin/", "/sbin/", "/usr/local/go/bin/"} {
		if path, err := exec.LookPath(folder + name); err == nil {
			return path, true
		}
	}
	return "", false
}

func (thisMachine) root() bool { return os.Geteuid() == 0 }

func (thisMachine) linux() bool { return runtime.GOOS == "linux" }

// need is a condition of a step: nil, or what is missing for the image.
type need func(s *Store, image string) error

// needLinux: the images hold Linux programs that are run while they are built.
func needLinux(s *Store, image string) error {
	if s.machine.linux() {
		return nil
	}
	return &MissingError{
		Image: image,
		Saw:   "이 컴퓨터는 리눅스가 아닙니다.",
		Want:  "레지스트리 없이 이미지를 만드는 일은 리눅스에서만 할 수 있습니다.",
		Try:   "Docker Hub에 연결되는 네트워크에서 kubelab images",
	}
}

// needGo: programs are compiled.
func needGo(s *Store, image string) error {
	if _, found := s.machine.look("go"); found {
		return nil
	}
	return &MissingError{
		Image: image,
		Saw:   "Go 컴파일러(go)가 없습니다.",
		Want:  "Go 1.26 이상이 PATH나 /usr/local/go/bin에 있어야 합니다.",
		Try:   "https://go.dev/dl 에서 Go를 설치한 뒤 kubelab images",
	}
}

// needRoot: a Debian tree is unpacked with its owners, and configured inside chroot.
func needRoot(s *Store, image string) error {
	if s.machine.root() {
		return nil
	}
	return &MissingError{
		Image: image,
		Saw:   "root 권한이 없습니다.",
		Want:  "데비안 파일 시스템을 만드는 debootstrap 명령은 root로 실행해야 합니다.",
		Try:   "sudo -E kubelab images",
	}
}

// needDebootstrap: it is there, or can be installed.
func needDebootstrap(s *Store, image string) error {
	if _, found := s.machine.look("debootstrap"); found {
		return nil
	}
	_, apt := s.machine.look("apt-get")
	if !apt {
		return &MissingError{
			Image: image,
			Saw:   "debootstrap이 없고, apt-get도 없어 설치할 수 없습니다.",
			Want:  "데비안 파일 시스템을 만들려면 debootstrap이 필요합니다.",
			Try:   "배포판의 패키지 관리자로 debootstrap을 설치한 뒤 kubelab images",
		}
	}
	if s.getenv("KUBELAB_NO_INSTALL") != "" {
		return &MissingError{
			Image: image,
			Saw:   "debootstrap이 없고, KUBELAB_NO_INSTALL이 설정되어 있어 설치하지 않았습니다.",
			Want:  "데비안 파일 시스템을 만들려면 debootstrap이 필요합니다.",
			Try:   "apt-get update && apt-get install -y --no-install-recommends debootstrap",
		}
	}
	return nil
}

// needBusybox: a static busybox is there, or Debian's package of it can be fetched, which takes no root.
func needBusybox(s *Store, image string) error {
	if path, found := s.machine.look("busybox"); found && static(path) {
		return nil
	}
	for _, name := range []string{"apt-get", "dpkg-deb"} {
		if _, found := s.machine.look(name); !found {
			return &MissingError{
				Image: image,
				Saw:   "정적으로 링크된 busybox가 없고, " + name + "도 없어 패키지를 가져올 수 없습니다.",
				Want:  "정적으로 링크된 busybox가 PATH에 있어야 합니다.",
				Try:   "배포판의 패키지 관리자로 busybox-static을 설치한 뒤 kubelab images",
			}
		}
	}
	return nil
}
