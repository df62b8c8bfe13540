package phone_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hookswitch/hookswitch"

// rooms is the table of the house: what each package may import beside the standard library. An entry that ends in
// "/..." means the module and all its packages. The arrows go one way; a new arrow is a decision, made here.
var rooms = map[string][]string{
	"":            {"phone/...", "devices/...", "app", "assets", "fyne.io/fyne/v2/..."},
	"phone":       {},
	"phone/sipua": {"phone", "github.com/emiago/sipgo/sip", "github.com/gobwas/ws", "phone/sipua/locate"},
	// Where a domain's SIP server is (RFC 3263).
	"phone/sipua/locate": {"github.com/miekg/dns"},
	// A name server for tests.
	"phone/sipua/locate/locatetest": {"github.com/miekg/dns"},
	"phone/media":                   {"phone", "phone/media/codec", "phone/media/tally", "phone/media/voice", "github.com/pion/rtp", "github.com/pion/rtp/codecs"},
	// The echo canceller: libspeexdsp, by C.
	"phone/media/voice":               {},
	"phone/media/sdp":                 {"phone", "phone/media"},
	"phone/media/tally":               {"github.com/pion/rtp", "github.com/pion/rtcp"},
	"phone/media/carrier":             {"phone", "phone/media", "github.com/pion/rtp", "github.com/pion/rtcp"},
	"phone/media/carrier/carriertest": {"phone", "phone/media", "github.com/pion/rtp"},
	// The files of local recordings.
	"phone/media/record": {"phone", "phone/media", "phone/media/codec"},
	"phone/media/rtc":    {"phone", "phone/media", "phone/media/sdp", "phone/media/carrier", "phone/media/tally", "github.com/pion/..."},
	"phone/media/avp":    {"phone", "phone/media", "phone/media/sdp", "phone/media/carrier", "phone/media/tally", "github.com/pion/..."},
	"phone/media/codec": {"github.com/hraban/opus", "github.com/zaf/g711", "github.com/gotranspile/g722", "github.com/pion/mediadevices/pkg/codec",
		"github.com/pion/mediadevices/pkg/codec/vpx", "github.com/pion/mediadevices/pkg/io/video", "github.com/pion/mediadevices/pkg/prop"},
	"phone/demopbx": {"phone", "phone/media", "phone/media/codec", "phone/media/rtc", "phone/media/avp", "github.com/pion/rtp", "github.com/emiago/sipgo/sip",
		"github.com/icholy/digest", "github.com/coder/websocket"},
	// The tool behind go generate that makes the demo's sounds.
	"phone/demopbx/synth": {"github.com/hraban/opus"},
	"phone/store":         {"phone", "modernc.org/sqlite", "github.com/zalando/go-keyring", "golang.org/x/text/unicode/norm"},
	"phone/control":       {"phone", "github.com/Microsoft/go-winio", "golang.org/x/sys/..."},
	"phone/headless":      {"phone", "phone/control", "devices"},
	"phone/phonetest":     {"phone"},
	"phone/wiring":        {"phone/...", "devices/...", "assets"},
	"phone/interop":       {},
	"devices":             {},
	"devices/native":      {"devices", "github.com/pion/mediadevices/...", "github.com/gen2brain/malgo"},
	"devices/virtual":     {"devices"},
	// A stage for tests: a private sound server. Programs do not import it.
	"devices/pulsetest": {},
	"widgets":           {"assets", "fyne.io/fyne/v2/..."},
	"app":               {"phone", "phone/store", "devices", "widgets", "assets", "fyne.io/fyne/v2/..."},
	"assets":            {},
}

// topLevel is all that may lie at the top of the repository; what is ignored by Git does not count.
var topLevel = []string{"go.mod", "go.sum", "main.go", "main_test.go", "app", "widgets", "phone", "devices", "assets", "FyneApp.toml",
	"README.md", "Makefile", "LICENSE", "CHANGELOG.md", ".ci", ".gitignore", ".golangci.yml", ".git"}

const (
	fileLines     = 400
	functionLines = 60
)

type listed struct {
	ImportPath, Dir string
	Name            string
	GoFiles         []string
	CgoFiles        []string
	Imports         []string
	Standard        bool
}

// goList asks the go command; CGO_ENABLED stays as it is, so that the cgo files count too.
func goList(t *testing.T, arguments ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Dir,Name,GoFiles,CgoFiles,Imports,Standard"}, arguments...)...)
	cmd.Dir = root(t)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	return packages
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func room(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

func TestEachRoomImportsOnlyWhatTheTableAllows(t *testing.T) {
	for _, p := range goList(t, "./...") {
		name := room(p.ImportPath)
		allowed, known := rooms[name]
		if !known {
			t.Errorf("package %q is in no row of the table of rooms", name)
			continue
		}
		for _, imported := range p.Imports {
			if !mayImport(allowed, imported) {
				t.Errorf("%s imports %s, which the table does not allow", p.ImportPath, imported)
			}
		}
	}
}

func mayImport(allowed []string, imported string) bool {
	if imported == "C" || !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return true // the standard library, and C behind one file of a room
	}
	imported = strings.TrimPrefix(imported, module+"/")
	return slices.ContainsFunc(allowed, func(rule string) bool {
		if prefix, all := strings.CutSuffix(rule, "/..."); all {
			return imported == prefix || strings.HasPrefix(imported, prefix+"/")
		}
		// A module's major version and sub-version belong to it: hraban/opus is hraban/opus.
		return imported == rule
	})
}

func TestOnlyCodecsAndDevicesSpeakC(t *testing.T) {
	allowed := []string{"phone/media/codec", "phone/media/voice", "devices/native"}
	for _, p := range goList(t, "./...") {
		if name := room(p.ImportPath); len(p.CgoFiles) > 0 && !slices.Contains(allowed, name) {
			t.Errorf("%s has cgo files %v", p.ImportPath, p.CgoFiles)
		}
	}
}

func TestTheOperatorNeedsTheStandardLibraryOnly(t *testing.T) {
	for _, p := range goList(t, "-deps", "./phone") {
		if !p.Standard && room(p.ImportPath) != "phone" {
			t.Errorf("package phone depends on %s", p.ImportPath)
		}
	}
}

func TestEveryRoomSaysWhatItIs(t *testing.T) {
	for _, p := range goList(t, "./...") {
		place, beginning := "doc.go", "Package "+p.Name+" "
		if p.Name == "main" { // a command says it where it begins
			place, beginning = "main.go", ""
		}
		if !slices.Contains(p.GoFiles, place) {
			t.Errorf("%s has no %s", p.ImportPath, place)
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, place), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if said := file.Doc.Text(); said == "" || !strings.HasPrefix(said, beginning) {
			t.Errorf("%s/%s does not begin with a comment \"%s…\"", p.ImportPath, place, beginning)
		}
	}
}

// source calls visit with every Go file of ours, parsed.
func source(t *testing.T, visit func(name string, set *token.FileSet, file *ast.File, text []byte)) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != top && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(name), set, file, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesAndFunctionsStayShort(t *testing.T) {
	source(t, func(name string, set *token.FileSet, file *ast.File, text []byte) {
		if ast.IsGenerated(file) {
			return
		}
		limit := fileLines
		if name == "main.go" {
			limit = 150
		}
		if lines := strings.Count(string(text), "\n"); lines > limit {
			t.Errorf("%s has %d lines, more than %d", name, lines, limit)
		}
		inTest := strings.HasSuffix(name, "_test.go")
		ast.Inspect(file, func(node ast.Node) bool {
			function, ok := node.(*ast.FuncDecl)
			if ok && function.Body != nil {
				checkLength(t, set, function, name+": "+function.Name.Name, inTest)
			}
			if literal, ok := node.(*ast.FuncLit); ok && inTest {
				checkLength(t, set, literal, fmt.Sprintf("%s:%d: a function", name, set.Position(literal.Pos()).Line), true)
			}
			return true
		})
	})
}

// checkLength counts a function's lines. In a test its tables and its subtests, which are functions of their own,
// count apart.
func checkLength(t *testing.T, set *token.FileSet, function ast.Node, name string, inTest bool) {
	t.Helper()
	length := func(node ast.Node) int { return set.Position(node.End()).Line - set.Position(node.Pos()).Line }
	lines := length(function) + 1
	if inTest {
		ast.Inspect(function, func(node ast.Node) bool {
			switch node.(type) {
			case *ast.FuncLit, *ast.CompositeLit:
				if node == function {
					return true
				}
				lines -= length(node)
				return false
			}
			return true
		})
	}
	if lines > functionLines {
		t.Errorf("%s has %d lines, more than %d", name, lines, functionLines)
	}
}

func TestThereIsOneWayIntoTheWindowsGoroutine(t *testing.T) {
	var sites []string
	source(t, func(name string, set *token.FileSet, file *ast.File, _ []byte) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		ast.Inspect(file, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := selector.X.(*ast.Ident); ok && pkg.Name == "fyne" && strings.HasPrefix(selector.Sel.Name, "Do") && (selector.Sel.Name == "Do" || selector.Sel.Name == "DoAndWait") {
				sites = append(sites, fmt.Sprintf("%s:%d", name, set.Position(node.Pos()).Line))
			}
			return true
		})
	})
	if len(sites) != 1 {
		t.Errorf("fyne.Do stands in %d places, not in one: %v", len(sites), sites)
	}
}

func TestTheTopLevelHoldsOnlyWhatTheDesignNames(t *testing.T) {
	cmd := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("no Git checkout, so what is ignored cannot be told: %v", err)
	}
	seen := map[string]bool{}
	for path := range strings.Lines(string(out)) {
		first, _, _ := strings.Cut(strings.TrimSpace(path), "/")
		if !seen[first] && !slices.Contains(topLevel, first) {
			t.Errorf("%q does not belong at the top level", first)
		}
		seen[first] = true
	}
}

func TestTheOperatorIsTestedWithoutC(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the package once more")
	}
	cmd := exec.Command("go", "test", "-count=1", "-run", "^$", "./phone")
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("CGO_ENABLED=0 go test ./phone: %v\n%s", err, out)
	}
}
