//go:build linux

package interop

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain looks for goroutines left behind, and holds the README's table against what a whole run has shown.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil { // those that run side by side wait for timers, not for the machine
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if code == 0 && whole() {
			if err := checkTable(); err != nil {
				fmt.Fprintln(os.Stderr, "FAIL:", err)
				code = 1
			}
		}
		os.Exit(code)
	}))
}

// whole tells whether every test of this package has run with every peer there.
func whole() bool {
	run := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == ""
	return run && !testing.Short() && !shown.unsure && os.Getenv("HOOKSWITCH_PEERS") == "required"
}
