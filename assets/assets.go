package assets

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"
)

//go:embed icons/*.svg
var icons embed.FS

// Translations holds translations/LANGUAGE.json, flat objects of key and text.
//
//go:embed translations/*.json
var Translations embed.FS

//go:generate go run makeicon.go

// AppIcon is the application's icon as SVG.
//
//go:embed icon.svg
var AppIcon []byte

// Icon returns the named icon as SVG drawn in colour ("#RRGGBB"). The error says which
// name is unknown; names come from the program, so it is a programmer's error.
func Icon(name, colour string) ([]byte, error) {
	svg, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil, fmt.Errorf("assets: no icon %q: %w", name, err)
	}
	return bytes.ReplaceAll(svg, []byte("currentColor"), []byte(colour)), nil
}

// IconNames lists all icons, sorted.
func IconNames() []string {
	entries, err := fs.ReadDir(icons, "icons")
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".svg"))
	}
	sort.Strings(names)
	return names
}
