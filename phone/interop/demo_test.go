//go:build linux

package interop

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// resources is what calls could leak.
type resources struct {
	Goroutines, Files int
	Heap              uint64 // bytes in use after a collection
	Resident          int    // bytes of memory that the system sees; C's memory is in it
}

func measureResources(t *testing.T) resources {
	t.Helper()
	runtime.GC()
	runtime.GC() // what finalizers freed goes in the second one
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(status))[1])
	if err != nil {
		t.Fatal(err)
	}
	return resources{runtime.NumGoroutine(), len(files), memory.HeapAlloc, pages * os.Getpagesize()}
}

// oneDemoCall calls the echo, hears itself, and hangs up.
func oneDemoCall(t *testing.T, ours *ourPhone) {
	t.Helper()
	id := ours.dial("600")
	ours.awaitState(id, phone.StateTalking)
	await(t, "the echo is heard", 5*time.Second, func() bool { return ours.hear().Level > -40 })
	ours.must(ours.Hangup(id))
	ours.awaitState(id, phone.StateEnded)
	await(t, "the call is gone", 5*time.Second, func() bool { return len(ours.Snapshot().Calls) == 0 })
	ours.ear.Reset()
	ours.recordAnew()
}

func TestSixtyCallsInARowLeaveNothingBehind(t *testing.T) {
	longTest(t)
	ours := startOurs(t, demoAccount(startDemo(t)))
	ours.awaitRegistered()
	for range 5 { // pools and caches fill up
		oneDemoCall(t, ours)
	}
	before := measureResources(t)
	for range 60 {
		oneDemoCall(t, ours)
	}
	var after resources
	// The last call's sockets and timers go within seconds.
	if !eventually(40*time.Second, func() bool {
		after = measureResources(t)
		return after.Goroutines <= before.Goroutines && after.Files <= before.Files
	}) {
		t.Errorf("goroutines or files stay: %+v before, %+v after", before, after)
	}
	if grown := int64(after.Heap) - int64(before.Heap); grown > 1<<20 { // 17 KB a call
		t.Errorf("the heap grew by %d bytes in 60 calls", grown)
	}
	if grown := after.Resident - before.Resident; grown > 24<<20 {
		t.Errorf("the memory grew by %d bytes in 60 calls", grown)
	}
	t.Logf("before %+v, after %+v", before, after)
}
