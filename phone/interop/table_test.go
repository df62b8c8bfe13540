//go:build linux

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The README's table of interoperability is written by these tests and held by them: each cell stands for at least
// one test that called proves and passed. `HOOKSWITCH_TABLE=write make test` writes it; a whole run without that
// fails where the README promises what no test has shown, or keeps silent about what one has.

const (
	tableBegin = "<!-- interop: written by the tests -->"
	tableEnd   = "<!-- interop: end -->"
)

// cell is one promise of the table.
type cell struct{ feature, peer string }

// proofs is what the tests of this process have shown so far.
type proofs struct {
	mu     sync.Mutex
	shown  map[cell]bool // false: one of its tests failed
	unsure bool          // a test was skipped, so that missing cells say nothing
}

// shown belongs to the process, because the table is about all its tests together; TestMain reads it at the end.
var shown = &proofs{shown: map[cell]bool{}}

// proves says that this test, if it passes, shows each of these features with that peer, a name of peers.
func proves(t *testing.T, peer string, features ...string) {
	t.Helper()
	if !slices.ContainsFunc(peers, func(p peerColumn) bool { return p.name == peer }) {
		t.Fatalf("the table has no column for %q", peer)
	}
	for _, feature := range features {
		if !slices.Contains(rows, feature) {
			t.Fatalf("the table has no row for %q", feature)
		}
	}
	t.Cleanup(func() { shown.note(t.Failed(), t.Skipped(), peer, features) })
}

func (p *proofs) note(failed, skipped bool, peer string, features []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if skipped {
		p.unsure = true
		return
	}
	for _, feature := range features {
		at := cell{feature, peer}
		before, known := p.shown[at]
		p.shown[at] = !failed && (before || !known)
	}
}

// table draws what was shown, with the versions of the peers.
func (p *proofs) table(version func(peerColumn) string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var text strings.Builder
	line := func(first string, field func(peerColumn) string) {
		text.WriteString("| " + first + " |")
		for _, peer := range peers {
			text.WriteString(" " + field(peer) + " |")
		}
		text.WriteString("\n")
	}
	line("", func(p peerColumn) string { return strings.TrimSpace(p.name + " " + version(p)) })
	text.WriteString("|---|" + strings.Repeat(":-:|", len(peers)) + "\n")
	for _, feature := range rows {
		line(feature, func(peer peerColumn) string {
			if p.shown[cell{feature, peer.name}] {
				return "✓"
			}
			return ""
		})
	}
	return text.String()
}

// checkTable compares the README's table with what a whole run has shown, or writes it there.
func checkTable() error {
	path := filepath.Join("..", "..", "README.md")
	readme, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(readme), tableBegin+"\n")
	old, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		return fmt.Errorf("%s has no place for the table of interoperability", path)
	}
	if os.Getenv("HOOKSWITCH_TABLE") == "write" {
		text := before + tableBegin + "\n" + shown.table(peerColumn.version) + tableEnd + after
		return os.WriteFile(path, []byte(text), 0o600) // it exists, so its mode stays
	}
	now := shown.table(func(peerColumn) string { return "" })
	if withoutVersions(old) != now {
		return fmt.Errorf("the README's table of interoperability differs from what the tests have shown "+
			"(HOOKSWITCH_TABLE=write make test writes it):\n%s", now)
	}
	return nil
}

// withoutVersions takes the versions out of the table's first line: which one a machine has is no promise.
func withoutVersions(table string) string {
	first, rest, _ := strings.Cut(table, "\n")
	fields := strings.Split(first, "|")
	for i, field := range fields {
		for _, peer := range peers {
			if strings.HasPrefix(strings.TrimSpace(field), peer.name) {
				fields[i] = " " + peer.name + " "
			}
		}
	}
	return strings.Join(fields, "|") + "\n" + rest
}

func TestACellOfTheTableNeedsEveryOneOfItsTests(t *testing.T) {
	p := &proofs{shown: map[cell]bool{}}
	p.note(false, false, "baresip", []string{rows[0], rows[1]})
	p.note(true, false, "baresip", []string{rows[1]})
	p.note(false, false, "baresip", []string{rows[1]}) // one that passes later mends nothing
	p.note(false, true, "baresip", []string{rows[2]})
	if want := map[cell]bool{{rows[0], "baresip"}: true, {rows[1], "baresip"}: false}; fmt.Sprint(p.shown) != fmt.Sprint(want) {
		t.Errorf("%v", p.shown)
	}
	if !p.unsure {
		t.Error("a skipped test leaves the table unsure")
	}
	written := p.table(func(peerColumn) string { return "1.2 of today" })
	if got := withoutVersions(written); got != p.table(func(peerColumn) string { return "" }) {
		t.Errorf("versions make a difference:\n%s", got)
	}
	if strings.Count(written, "✓") != 1 {
		t.Errorf("one promise is kept, not\n%s", written)
	}
}
