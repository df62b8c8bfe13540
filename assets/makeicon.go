//go:build ignore

// Makeicon draws icon.svg into icon.png, which packers want. It knows what that file uses: filled paths
// of absolute M, L, C and Z, one group with translate and scale.
package main

import (
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"strings"

	"golang.org/x/image/vector"
)

const (
	size = 512
	grid = 48.0 // the view box
)

type path struct {
	D    string `xml:"d,attr"`
	Fill string `xml:"fill,attr"`
}

type drawing struct {
	Paths []path `xml:"path"`
	Group struct {
		Transform string `xml:"transform,attr"`
		Paths     []path `xml:"path"`
	} `xml:"g"`
}

func main() {
	data, err := os.ReadFile("icon.svg")
	check(err)
	var d drawing
	check(xml.Unmarshal(data, &d))
	picture := image.NewRGBA(image.Rect(0, 0, size, size))
	for _, p := range d.Paths {
		fill(picture, p, 0, 0, 1)
	}
	var dx, dy, scale float32
	_, err = fmt.Sscanf(d.Group.Transform, "translate(%f %f) scale(%f)", &dx, &dy, &scale)
	check(err)
	for _, p := range d.Group.Paths {
		fill(picture, p, dx, dy, scale)
	}
	out, err := os.Create("icon.png")
	check(err)
	check(png.Encode(out, picture))
	check(out.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func fill(picture *image.RGBA, p path, dx, dy, scale float32) {
	var c color.RGBA
	_, err := fmt.Sscanf(p.Fill, "#%02X%02X%02X", &c.R, &c.G, &c.B)
	check(err)
	c.A = 0xFF
	r := vector.NewRasterizer(size, size)
	words := strings.Fields(strings.NewReplacer("M", " M ", "L", " L ", "C", " C ", "Z", " Z ").Replace(p.D))
	next := 0
	point := func() (x, y float32) {
		_, err := fmt.Sscan(words[next]+" "+words[next+1], &x, &y)
		check(err)
		next += 2
		return (x*scale + dx) * size / grid, (y*scale + dy) * size / grid
	}
	for next < len(words) {
		command := words[next]
		next++
		switch command {
		case "M":
			r.MoveTo(point())
		case "L":
			r.LineTo(point())
		case "C":
			ax, ay := point()
			bx, by := point()
			cx, cy := point()
			r.CubeTo(ax, ay, bx, by, cx, cy)
		case "Z":
			r.ClosePath()
		default:
			log.Fatalf("unknown command %q", command)
		}
	}
	r.Draw(picture, picture.Bounds(), image.NewUniform(c), image.Point{})
}
