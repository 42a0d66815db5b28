package kind

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/moby/moby/client"
)

// FindDockerHost answers where the docker command would look for an engine: DOCKER_HOST, else the context that
// DOCKER_CONTEXT or the configuration folder names, else the default socket. Labs run with a DOCKER_CONFIG of their
// own, which hides contexts, so that the answer has to be passed on as DOCKER_HOST.
func FindDockerHost(getenv func(string) string, configDir string) string {
	if host := getenv("DOCKER_HOST"); host != "" {
		return host
	}
	name := getenv("DOCKER_CONTEXT")
	if name == "" {
		var config struct{ CurrentContext string }
		readJSON(filepath.Join(configDir, "config.json"), &config)
		name = config.CurrentContext
	}
	if name == "" || name == "default" {
		return client.DefaultDockerHost
	}
	// The docker command keeps each context in a folder named after the digest of its name (docker/cli context/store).
	digest := sha256.Sum256([]byte(name))
	var meta struct {
		Endpoints map[string]struct{ Host string }
	}
	readJSON(filepath.Join(configDir, "contexts", "meta", hex.EncodeToString(digest[:]), "meta.json"), &meta)
	if host := meta.Endpoints["docker"].Host; host != "" {
		return host
	}
	return client.DefaultDockerHost
}

// readJSON fills v from a file of the user's. One that is missing or broken says nothing.
func readJSON(path string, v any) {
	if b, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(b, v)
	}
}

// userDockerConfig is the folder of the user's own docker configuration, which is only ever read.
func userDockerConfig() string {
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".docker")
}

// pluginDirs are the folders in which the docker command looks for plugins (docker/cli cli-plugins/manager).
func pluginDirs(configDir string) []string {
	return []string{
		filepath.Join(configDir, "cli-plugins"),
		"/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins",
		"/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins",
	}
}

func haveBuildx(configDir string) bool {
	for _, dir := range pluginDirs(configDir) {
		if _, err := os.Stat(filepath.Join(dir, "docker-buildx")); err == nil {
			return true
		}
	}
	return false
}
