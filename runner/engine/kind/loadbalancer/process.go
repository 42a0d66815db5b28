package loadbalancer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// The controller runs as a process of its own, so that addresses answer also while no kubelab is on the screen. There is
// one per state folder: it holds a lock on a file there, which the kernel takes back however the process ends, and which
// tells everybody else its process ID.
const (
	lockFile = "loadbalancer.pid"
	logFile  = "loadbalancer.log"
)

const (
	// startWait is how long a new process may take until every address answers; stopWait how long after SIGTERM it
	// is killed.
	startWait = 30 * time.Second
	stopWait  = 5 * time.Second
	pollEvery = 20 * time.Millisecond
	// orphanEvery is how often the process looks whether its state folder is still there.
	orphanEvery = 10 * time.Second
)

// ErrRunning means that another process serves the state folder.
var ErrRunning = errors.New("another load balancer serves this folder")

// note is what the process writes into its lock file.
type note struct {
	// Identity stands for the cluster that is served and the program that serves it.
	Identity string `json:"identity"`
	// Ready is true once every address answers.
	Ready bool `json:"ready"`
}

// Serve is the process: it gives out addresses for the cluster of a kubeconfig until it is told to end, or its folder
// is gone. It logs to its standard error.
func Serve(ctx context.Context, dir, kubeconfig string) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open lock: %w", err)
	}
	// The file is never closed: the lock is to be held until the process is gone.
	defer runtime.KeepAlive(f)
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock); err != nil {
		return fmt.Errorf("%w: %w", ErrRunning, err)
	}
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	n := note{Identity: identity(executable, kubeconfig)}
	if err := writeNote(f, n); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make Kubernetes client: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go endWithFolder(ctx, cancel, f, filepath.Join(dir, lockFile))
	return Run(ctx, Config{
		Client: client,
		Pool:   NewPool(),
		Log:    log,
		Dialer: func(l Listers) Dialer {
			return FirstOf{NodePorts{l}, PortForward{Listers: l, Client: client, Config: config}}
		},
		Ready: func() {
			n.Ready = true
			if err := writeNote(f, n); err != nil {
				log.Error("cannot say ready", "error", err)
				cancel()
			}
		},
	})
}

// endWithFolder ends the process when somebody removed or replaced its lock file: nobody could find it any more.
func endWithFolder(ctx context.Context, end func(), f *os.File, path string) {
	tick := time.NewTicker(orphanEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			mine, err := f.Stat()
			there, thereErr := os.Stat(path)
			if err != nil || thereErr != nil || !os.SameFile(mine, there) {
				end()
				return
			}
		}
	}
}

func writeNote(f *os.File, n note) error {
	b, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode note: %w", err)
	}
	b = append(b, '\n')
	if _, err := f.WriteAt(b, 0); err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	if err := f.Truncate(int64(len(b))); err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	return nil
}

// identity is a digest of the kubeconfig and of what the program's file looks like from outside.
func identity(executable, kubeconfig string) string {
	h := sha256.New()
	if b, err := os.ReadFile(kubeconfig); err == nil {
		h.Write(clusterOf(b))
	}
	if info, err := os.Stat(executable); err == nil {
		fmt.Fprintf(h, "\x00%d %d", info.Size(), info.ModTime().UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// clusterOf is what of a kubeconfig says which cluster it is: its servers and certificates. A learner may choose
// another namespace in it.
func clusterOf(kubeconfig []byte) []byte {
	config, err := clientcmd.Load(kubeconfig)
	if err != nil {
		return kubeconfig
	}
	b, err := json.Marshal([]any{config.Clusters, config.AuthInfos})
	if err != nil {
		return kubeconfig
	}
	return b
}

// PID is the ID of the process that serves a state folder, 0 when none does.
func PID(dir string) (int, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for load balancer: %w", err)
	}
	defer f.Close()
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock); err != nil {
		return 0, fmt.Errorf("look for load balancer: %w", err)
	}
	if lock.Type == unix.F_UNLCK {
		return 0, nil
	}
	return int(lock.Pid), nil
}

func readNote(dir string) note {
	var n note
	if b, err := os.ReadFile(filepath.Join(dir, lockFile)); err == nil && json.Unmarshal(b, &n) != nil {
		return note{} // caught in the middle of writing
	}
	return n
}

// Start makes sure that a process serves the folder: argv must make the program call Serve with dir and kubeconfig. A
// process that serves another cluster, or is of another version of the program, is replaced. Start returns when every
// address answers, and whether it started one.
func Start(ctx context.Context, argv []string, dir, kubeconfig string) (started bool, err error) {
	want := identity(argv[0], kubeconfig)
	pid, err := PID(dir)
	if err != nil {
		return false, err
	}
	if pid != 0 && readNote(dir) == (note{Identity: want, Ready: true}) {
		return false, nil
	}
	if err := Stop(ctx, dir); err != nil {
		return false, err
	}
	process, exited, err := spawn(argv, dir)
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			_ = process.Kill() // it may have ended by itself
			<-exited
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	err = wait.PollUntilContextCancel(ctx, pollEvery, true, func(context.Context) (bool, error) {
		select {
		case <-exited:
			return false, errors.New("load balancer ended")
		default:
		}
		pid, err := PID(dir)
		return pid != 0 && readNote(dir) == note{Identity: want, Ready: true}, err
	})
	if err != nil {
		return true, fmt.Errorf("start load balancer: %w (last seen: %s)", err, lastLine(dir))
	}
	return true, nil
}

// spawn starts the process in a session of its own, so that it lives on when the terminal goes. exited is closed when
// it has ended.
func spawn(argv []string, dir string) (process *os.Process, exited <-chan struct{}, err error) {
	log, err := os.OpenFile(filepath.Join(dir, logFile), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start load balancer: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // why it ended is in its log
	}()
	return cmd.Process, ended, nil
}

// Stop ends the process that serves the folder. Finding none is success.
func Stop(ctx context.Context, dir string) error {
	signal := syscall.SIGTERM
	begin := time.Now()
	err := wait.PollUntilContextCancel(ctx, pollEvery, true, func(context.Context) (bool, error) {
		pid, err := PID(dir)
		if err != nil || pid == 0 {
			return true, err
		}
		if time.Since(begin) > stopWait {
			signal = syscall.SIGKILL
		}
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return false, err
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("stop load balancer: %w", err)
	}
	return nil
}

// lastLine is the end of the process's log.
func lastLine(dir string) string {
	f, err := os.Open(filepath.Join(dir, logFile))
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	return string(lines[len(lines)-1])
}
