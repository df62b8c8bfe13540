//go:build linux

package interop

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium with a page of ours that holds JsSIP.
type browser struct {
	context context.Context
	page    string
}

// startBrowser starts it with an empty profile, and the server of its page.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	longTest(t)
	chromium := program(t, "chromium", "chromium-browser", "google-chrome")
	page := servePage(t)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-breakpad", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		// Its candidates as they are, on loopback too.
		chromedp.Flag("disable-features", "WebRtcHideLocalIpsWithMdns"), chromedp.Flag("allow-loopback-in-peer-connection", true),
		// A camera that is none, and nobody to ask whether it may be used.
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		// No sound card, and pages in the background run like any other.
		chromedp.Flag("disable-audio-output", true), chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true), chromedp.Flag("disable-renderer-backgrounding", true),
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return &browser{context: tab, page: page}
}

// servePage serves the page and the bundled JsSIP; 127.0.0.1 counts as a secure origin.
func servePage(t *testing.T) string {
	t.Helper()
	library := peerFile(t, "jssip", "jssip.js")
	mux := http.NewServeMux()
	mux.HandleFunc("/jssip.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, library) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/browser/phone.html") })
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return "http://" + listener.Addr().String() + "/"
}

// webPhone is one softphone in a tab of the browser.
type webPhone struct {
	t   *testing.T
	tab context.Context
	uri string
}

// webState is the page's own account of itself.
type webState struct {
	Registered          bool
	RegistrationFailure string
	Ringing             bool // incoming: it rings here; outgoing: there
	Confirmed           bool
	Ended               bool
	Cause               string // JsSIP's word for why it ended
	Originator          string // who ended it: local, remote, system
	Tracks              int
	Videos              int // tracks of pictures that came
	Errors              []string
	Context             string
}

// heard is what comes out of an ear.
type heard struct {
	Level     float64 // dBFS (RMS)
	Frequency float64 // the strongest, Hz
	Purity    float64 // the share of power within 20 Hz of it, 0…1
}

// phone opens a tab with a softphone that speaks in a tone of that frequency, and waits until it is registered.
func (b *browser) phone(t *testing.T, k *kamailio, user string, frequency float64) *webPhone {
	t.Helper()
	return b.phoneAt(t, "ws://"+address(k.WS), k.uri(user), k.Users[user], frequency)
}

func (b *browser) phoneAt(t *testing.T, server, uri, password string, frequency float64) *webPhone {
	t.Helper()
	tab, closeTab := chromedp.NewContext(b.context)
	t.Cleanup(closeTab)
	p := &webPhone{t: t, tab: tab, uri: uri}
	if err := chromedp.Do(tab, chromedp.Navigate(b.page)); err != nil {
		t.Fatalf("the page does not load: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s in the browser: %+v", uri, p.state())
		}
	})
	p.do("start", map[string]any{"server": server, "uri": uri, "password": password, "frequency": frequency})
	p.await("registers", func(s webState) bool { return s.Registered })
	return p
}

// do calls a function of the page, and waits for its promise.
func (p *webPhone) do(function string, arguments ...any) { p.get(function, nil, arguments...) }

func (p *webPhone) get(function string, result any, arguments ...any) {
	p.t.Helper()
	encoded, err := json.Marshal(append([]any{}, arguments...))
	if err != nil {
		p.t.Fatal(err)
	}
	within, cancel := context.WithTimeout(p.tab, 20*time.Second)
	defer cancel()
	expression := "(async () => await phone." + function + "(..." + string(encoded) + ") ?? null)()"
	value, err := chromedp.Run(within, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
	if err == nil && result != nil {
		err = json.Unmarshal(value, result)
	}
	if err != nil {
		p.t.Fatalf("%s in the browser: %v", function, err)
	}
}

func (p *webPhone) state() (s webState) {
	p.t.Helper()
	p.get("state", &s)
	return s
}

func (p *webPhone) hear() (h heard) {
	p.t.Helper()
	p.get("hear", &h)
	return h
}

// await waits until the page's state is as wished.
func (p *webPhone) await(what string, holds func(webState) bool) {
	p.t.Helper()
	if !eventually(15*time.Second, func() bool { return holds(p.state()) }) {
		p.t.Fatalf("the browser's %s: waited in vain for: %s; it is %+v", p.uri, what, p.state())
	}
}

func (p *webPhone) awaitTalking() {
	p.t.Helper()
	p.await("the call stands", func(s webState) bool { return s.Confirmed && s.Tracks > 0 })
}

func (p *webPhone) awaitEnded() webState {
	p.t.Helper()
	p.await("the call is over", func(s webState) bool { return s.Ended })
	p.awaitSilence() // so that the next call's sound is not this one's
	return p.state()
}

// awaitTone waits until the ear hears this frequency, clearly, at this level.
func (p *webPhone) awaitTone(frequency, level float64) {
	p.t.Helper()
	var last heard
	if !eventually(10*time.Second, func() bool { last = p.hear(); return last.is(frequency, level) }) {
		p.t.Fatalf("the browser's %s should hear %.0f Hz at %.1f dBFS, and hears %+v", p.uri, frequency, level, last)
	}
}

// awaitSilence waits until the ear hears nothing.
func (p *webPhone) awaitSilence() {
	p.t.Helper()
	var last heard
	if !eventually(10*time.Second, func() bool { last = p.hear(); return last.silent() }) {
		p.t.Fatalf("the browser's %s should hear silence, and hears %+v", p.uri, last)
	}
}

// is tells whether this is that tone, to 6 Hz and 3 dB.
func (h heard) is(frequency, level float64) bool {
	return abs(h.Frequency-frequency) <= 6 && abs(h.Level-level) <= 3 && h.Purity > 0.9
}

// silent: what a codec makes of silence, comfort noise included.
func (h heard) silent() bool { return h.Level < -55 }

func abs(x float64) float64 { return max(x, -x) }
