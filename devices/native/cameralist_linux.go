package native

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/pion/mediadevices/pkg/driver/camera"

	"github.com/hookswitch/hookswitch/devices"
)

// listCameras lists the cameras of Video4Linux without opening one: from sysfs.
func listCameras(map[string]systemCamera) []cameraNode {
	return camerasIn("/sys/class/video4linux", "/dev/v4l/by-id")
}

// discover makes mediadevices look for cameras anew: for each node there is, it opens it and asks for its name. All video
// drivers that were registered with it are gone afterwards.
func discover() { camera.Initialize() }

// camerasIn does so in given folders. A camera's id is its link in by-id, which names the hardware, else its node's name.
func camerasIn(sysfs, byID string) []cameraNode {
	stable := make(map[string]string)
	links, _ := filepath.Glob(filepath.Join(byID, "*"))
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil {
			stable[filepath.Base(target)] = filepath.Base(link)
		}
	}
	var list []cameraNode
	nodes, _ := filepath.Glob(filepath.Join(sysfs, "video*"))
	for _, node := range nodes {
		// A camera has several nodes; the ones after the first carry metadata.
		if index, err := os.ReadFile(filepath.Join(node, "index")); err == nil && strings.TrimSpace(string(index)) != "0" { // #nosec G304
			continue
		}
		base := filepath.Base(node)
		id, name := base, base
		if text, err := os.ReadFile(filepath.Join(node, "name")); err == nil { // #nosec G304 -- sysfs
			name = strings.TrimSpace(strings.ToValidUTF8(string(text), "?"))
		}
		if link, ok := stable[id]; ok {
			id = link
		}
		list = append(list, cameraNode{node: base,
			Device: devices.Device{ID: id, Name: name, Kind: devices.Camera, Default: len(list) == 0}})
	}
	return list
}
