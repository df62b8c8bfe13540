package native

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// pulseAnswers reports whether a PulseAudio server (or PipeWire in its place) may be there. miniaudio's
// connection attempt leaves a file descriptor behind each time that none is (seen with malgo v0.11.24: libpulse's
// memfd), and a machine without sound is asked again and again; so we knock first. Where the server is named in a way that
// we cannot judge (a network address, a configured default), the answer is yes.
func pulseAnswers() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	if named := os.Getenv("PULSE_SERVER"); named != "" {
		path, ok := unixSocket(named)
		return !ok || knock(path)
	}
	for _, file := range []string{"/etc/pulse/client.conf", filepath.Join(os.Getenv("HOME"), ".config/pulse/client.conf")} {
		if namesServer(file) {
			return true
		}
	}
	for _, path := range pulseSockets() {
		if knock(path) {
			return true
		}
	}
	return false
}

// unixSocket returns the path in a server string of libpulse, such as "unix:/run/pulse" or "{id}unix:/run/pulse";
// false where it names anything else, or several servers.
func unixSocket(server string) (string, bool) {
	if strings.ContainsAny(server, " \t") {
		return "", false
	}
	if strings.HasPrefix(server, "{") {
		_, server, _ = strings.Cut(server, "}")
	}
	path := strings.TrimPrefix(server, "unix:")
	return path, strings.HasPrefix(path, "/")
}

// namesServer reports whether a client.conf sets default-server.
func namesServer(file string) bool {
	data, err := os.ReadFile(file) //nolint:gosec // two fixed places of libpulse's own
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(data)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && strings.TrimSpace(name) == "default-server" && strings.TrimSpace(value) != "" {
			return true
		}
	}
	return false
}

// pulseSockets are the places where libpulse looks for a server of this user, then of the machine.
func pulseSockets() []string {
	var paths []string
	if dir := os.Getenv("PULSE_RUNTIME_PATH"); dir != "" {
		paths = append(paths, filepath.Join(dir, "native"))
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		paths = append(paths, filepath.Join(dir, "pulse/native"))
	}
	// Without XDG_RUNTIME_DIR, libpulse links a folder of its own from here.
	linked, _ := filepath.Glob(filepath.Join(os.Getenv("HOME"), ".config/pulse/*-runtime/native"))
	return append(append(paths, linked...), "/run/pulse/native", "/var/run/pulse/native")
}

// knock reports whether somebody listens on a socket.
func knock(path string) bool {
	c, err := net.DialTimeout("unix", path, time.Second) //nolint:gosec // the user's own environment names it
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
