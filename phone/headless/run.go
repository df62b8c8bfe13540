package headless

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// The patience of the end of a run.
const (
	setUpLimit   = 200 * time.Second // an outgoing call gives up by itself after 180 s
	hangUpLimit  = 5 * time.Second
	destroyLimit = 4 * time.Second
	beepTime     = 300 * time.Millisecond
)

// Options say how Run behaves.
type Options struct {
	// Executor carries out the commands; the control socket may share it. nil: one of Run's own.
	Executor *Executor
	// Devices is for an executor of Run's own; may be nil.
	Devices DeviceList
	// AutoAnswer answers every incoming call.
	AutoAnswer bool
	// Beep plays a short tone here before an automatic answer opens the microphone, and one to both sides as soon as they hear
	// each other.
	Beep bool
	// StayAfterEOF keeps the phone running at the end of in, until ctx ends or someone says quit.
	StayAfterEOF bool
	// Extra are lines to be printed among the events, such as a link's hand-over. May be nil.
	Extra <-chan []byte
}

// Run starts the operator, prints its events and the commands' replies to out, one JSON object a line, and
// carries out the commands of in. It ends when someone says quit, when ctx ends, or at the end of in, then after
// running set-ups are confirmed or failed. At last it hangs up, unregisters and destroys the operator. The error is
// one of writing out; a refused registration is none. If ctx or quit ends it, one goroutine
// stays in in.Read until that returns.
func Run(ctx context.Context, op Operator, in io.Reader, out io.Writer, o Options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	printer := &printer{out: out, failed: stop}
	executor := o.Executor
	if executor == nil {
		executor = NewExecutor(op, o.Devices)
		defer executor.Close()
	}
	var answering sync.WaitGroup
	op.Subscribe(func(f func()) { f() }, func(e phone.Event) {
		printer.print(EventLine(e))
		if o.AutoAnswer && e.Name == phone.EventIncoming {
			answering.Go(func() { autoAnswer(ctx, op, e.Call.ID, o.Beep) })
		}
	})
	err := op.Start()
	if err == nil {
		serve(ctx, executor, in, printer, o)
		hangUpAll(op)
	}
	stop()
	answering.Wait()
	// The signal that ended ctx must not cut the unregistration short.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), destroyLimit)
	defer cancel()
	return errors.Join(err, op.Destroy(end), printer.err())
}

// serve runs the commands until the run is to end.
func serve(ctx context.Context, executor *Executor, in io.Reader, printer *printer, o Options) {
	lines := make(chan string)
	done := make(chan struct{})
	defer close(done)
	go readLines(in, lines, done)
	eof := false
	for {
		select {
		case line, ok := <-lines:
			if ok {
				printer.print(executor.Execute(ctx, line))
				continue
			}
			lines, eof = nil, true
		case extra := <-o.Extra:
			printer.print(extra)
			continue
		case <-executor.Quit():
			return
		case <-ctx.Done():
			return
		}
		if eof && !o.StayAfterEOF {
			awaitSetUps(ctx, executor)
			return
		}
	}
}

// readLines sends each line without its end. What is longer than a command may be is cut, and refused by the
// executor for its length. It ends at the end of in, or when done closes and Read returns.
func readLines(in io.Reader, lines chan<- string, done <-chan struct{}) {
	defer close(lines)
	reader := bufio.NewReaderSize(in, MaxLine+2)
	tooLong := false
	for {
		chunk, err := reader.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			tooLong = true
			continue
		}
		if len(chunk) == 0 && err != nil && !tooLong {
			return
		}
		line := string(trimEnd(chunk))
		if tooLong {
			line = string(make([]byte, MaxLine+1))
		}
		tooLong = false
		select {
		case lines <- line:
		case <-done:
			return
		}
		if err != nil {
			return
		}
	}
}

// trimEnd cuts LF and CR LF off.
func trimEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// awaitSetUps waits until the first registration and every call that is being set up have an outcome.
func awaitSetUps(ctx context.Context, executor *Executor) {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	if executor.gate.wait(ctx) != nil {
		return
	}
	waitUntil(ctx, executor.op, executor.Quit(), func(s *phone.Snapshot) bool {
		for _, c := range s.Calls {
			if settingUp(c) {
				return false
			}
		}
		return true
	})
}

// settingUp: we dialled or answered, and it is neither confirmed nor failed yet.
func settingUp(c phone.Call) bool {
	switch c.State {
	case phone.StateGathering, phone.StateCalling, phone.StateAnswering, phone.StateAccepted:
		return true
	case phone.StateRinging:
		return c.Direction == phone.Outbound
	}
	return false
}

// hangUpAll ends all calls and waits until they are gone.
func hangUpAll(op Operator) {
	for _, c := range op.Snapshot().Calls {
		_ = op.Hangup(c.ID) // it may have ended meanwhile
	}
	ctx, cancel := context.WithTimeout(context.Background(), hangUpLimit)
	defer cancel()
	waitUntil(ctx, op, nil, func(s *phone.Snapshot) bool { return len(s.Calls) == 0 })
}

// waitUntil returns when the operator's state is as wanted, ctx ended or stop closed.
func waitUntil(ctx context.Context, op Operator, stop <-chan struct{}, wanted func(*phone.Snapshot) bool) {
	changed := make(chan struct{}, 1)
	cancel := op.Subscribe(func(f func()) { f() }, func(phone.Event) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	defer cancel()
	for !wanted(op.Snapshot()) {
		select {
		case <-changed:
		case <-stop:
			return
		case <-ctx.Done():
			return
		}
	}
}

// autoAnswer answers a call, after a beep if wished, so that whoever is in the room knows before the microphone opens.
func autoAnswer(ctx context.Context, op Operator, id phone.CallID, beep bool) {
	if beep {
		op.KeyFeedback('A')
		timer := time.NewTimer(beepTime)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
	_ = op.Answer(ctx, id, phone.AnswerOptions{Beep: beep}) // refused: it ended meanwhile; its events tell
}

// printer writes whole lines from several goroutines.
type printer struct {
	mu     sync.Mutex
	out    io.Writer
	first  error
	failed func() // told once that nobody reads us any more
}

func (p *printer) print(line []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first != nil {
		return
	}
	if _, err := p.out.Write(append(line, '\n')); err != nil {
		p.first = err
		p.failed()
	}
}

func (p *printer) err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.first
}
